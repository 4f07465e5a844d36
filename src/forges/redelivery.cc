#include "forges/redelivery.h"

#include <algorithm>
#include <map>

#include "base/log.h"

namespace kiln::forges {
namespace {

// GitHub keeps deliveries for three days.
constexpr TimeMs kLookBackMs = TimeMs{3} * 24 * 3'600'000;
constexpr int kMostTries = 4;
constexpr int kMostAtALook = 50;
constexpr TimeMs kButtonMs = TimeMs{10} * 60'000;

}  // namespace

std::vector<std::string> missed(const std::vector<scm::KeptDelivery>& newest_first, TimeMs now) {
  struct Tries {
    int count = 0;
    bool arrived = false;
  };
  std::map<std::string, Tries> by_guid;
  for (const scm::KeptDelivery& one : newest_first) {
    Tries& tries = by_guid[one.guid];
    ++tries.count;
    tries.arrived = tries.arrived || one.arrived;
  }
  std::vector<std::string> ids;
  for (const scm::KeptDelivery& one : newest_first) {
    Tries& tries = by_guid[one.guid];
    if (tries.arrived || tries.count >= kMostTries) continue;
    const bool is_button = one.event == "check_run" || one.event == "check_suite";
    if (is_button && now - one.delivered_on > kButtonMs) continue;
    tries.arrived = true;  // asked for once now
    ids.push_back(one.id);
  }
  std::reverse(ids.begin(), ids.end());
  return ids;
}

Result<int> Redelivery::look_at(const model::ForgeRecord& forge, const scm::AppApi& apps,
                                const std::stop_token& stop) {
  const std::unique_ptr<HttpClient> http = directory_.client(forge.ca);
  const Result<scm::AppAccess> app = directory_.as_app(forge, *http);
  if (!app) return tl::unexpected<Error>(app.error());
  const Result<std::vector<scm::KeptDelivery>> kept = apps.deliveries(*app, clock_.now() - kLookBackMs);
  if (!kept) return tl::unexpected<Error>(kept.error());
  int asked = 0;
  for (const std::string& id : missed(*kept, clock_.now())) {
    if (stop.stop_requested() || asked >= kMostAtALook) break;
    if (const Status again = apps.deliver_again(*app, id); !again)
      return tl::unexpected<Error>(again.error());
    ++asked;
  }
  return asked;
}

int Redelivery::look(const std::stop_token& stop) {
  int asked = 0;
  for (const scm::Forge& kind : scm::forges()) {
    if (kind.apps == nullptr) continue;
    const Result<std::vector<model::ForgeRecord>> all =
        forges_.forges_of_provider(std::string(kind.provider));
    if (!all) {
      log::error("which hosts are set up cannot be read: {}", all.error().message);
      continue;
    }
    for (const model::ForgeRecord& forge : *all) {
      if (!forge.is_app() || stop.stop_requested()) continue;
      const Result<int> again = look_at(forge, *kind.apps, stop);
      if (!again) {
        log::warn("missed deliveries were not asked for forge={} reason={}", forge.web_url,
                  log::quoted(again.error().message));
        continue;
      }
      if (*again > 0) log::info("missed deliveries asked for again forge={} count={}", forge.web_url, *again);
      asked += *again;
    }
  }
  return asked;
}

}  // namespace kiln::forges
