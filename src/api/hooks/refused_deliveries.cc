#include "api/hooks/refused_deliveries.h"

#include <algorithm>
#include <utility>

#include "base/log.h"
#include "queue/verdicts.h"

namespace kiln::api {
namespace {

constexpr std::size_t kMostWaiting = 200;
constexpr const char* kRefusedWords =
    "it was not let in: it does not show the secret of this connection; enter the secret that kiln connect "
    "prints at the host, or connect again to renew the repository's own hook";

}  // namespace

void RefusedDeliveries::note(const model::RepoConnection& connection, const model::DeliveryOrigin& origin) {
  model::Delivery delivery = queue::delivery_of(connection, origin, entropy_.uuid(), clock_.now());
  delivery.origin.signature = model::SignatureResult::refused;
  delivery.notes.emplace_back(kRefusedWords);
  constexpr auto kept_of_one = static_cast<std::ptrdiff_t>(store::kMostRefusedDeliveries);
  const std::lock_guard lock(mutex_);
  const auto of_same = std::count_if(waiting_.begin(), waiting_.end(), [&](const model::Delivery& other) {
    return other.connection == connection.uuid;
  });
  if (waiting_.size() < kMostWaiting && of_same < kept_of_one) waiting_.push_back(std::move(delivery));
}

void RefusedDeliveries::write() {
  std::vector<model::Delivery> deliveries;
  {
    const std::lock_guard lock(mutex_);
    deliveries.swap(waiting_);
  }
  if (deliveries.empty()) return;
  if (const Status kept = store_.keep_refused(deliveries); !kept)
    log::warn("refused deliveries not kept error={}", log::quoted(kept.error().message));
}

}  // namespace kiln::api
