// Port: the deliveries of an account, with each trigger's verdict, as BuildQueue::enqueue keeps them beside
// their builds. Owned by app; every method is one transaction and safe from any thread. A delivery of another
// account is Errc::not_found.
//
// Bounded: of an account the newest 10,000 of 90 days stay, and beside them the newest 1,000 of repositories
// that nobody has connected. What is older goes a few at a time with every one that comes.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "base/result.h"
#include "model/delivery.h"
#include "store/page.h"

namespace kiln::store {

inline constexpr TimeMs kDeliveriesKeptMs = TimeMs{90} * 24 * 3'600'000;
inline constexpr std::int64_t kMostDeliveries = 10'000;  // of an account
inline constexpr std::int64_t kMostUnconnected =
    1'000;  // of an account, of repositories that nobody has connected
inline constexpr std::size_t kMostRefusedDeliveries = 20;  // of a connection

// What a list is narrowed to; an empty text narrows nothing.
struct DeliveryFilter {
  std::string worker_tag{};   // a trigger of this Worker judged it
  std::string branch{};       // as DeliveryRef has it
  std::string commit{};       // its beginning, lower case; a ref led to it
  std::string provider_id{};  // the sender's own id
};

class DeliveryStore {
 public:
  virtual ~DeliveryStore() = default;

  // The newest first.
  [[nodiscard]] virtual Result<Paged<model::Delivery>> deliveries(const std::string& account_id,
                                                                  const DeliveryFilter& filter,
                                                                  const Page& page) = 0;
  [[nodiscard]] virtual Result<model::Delivery> delivery(const std::string& account_id, const Uuid& uuid) = 0;

  // Keeps those whose signature was refused, which made nothing. Anybody may send them: of a connection the
  // newest kMostRefusedDeliveries stay. Errors: Errc::internal when another is among them.
  [[nodiscard]] virtual Status keep_refused(const std::vector<model::Delivery>& deliveries) = 0;
};

}  // namespace kiln::store
