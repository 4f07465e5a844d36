#include "forges/redelivery.h"

#include <algorithm>
#include <map>

#include "base/log.h"

namespace kiln::forges {
namespace {

// GitHub keeps deliveries for three days.
constexpr TimeMs kLookBackMs = TimeMs{3} * 24 * 3'600'000;
constexpr int kMostAtALook = 50;
constexpr TimeMs kButtonMs = TimeMs{10} * 60'000;
constexpr TimeMs kFirstPauseMs = TimeMs{5} * 60'000;
constexpr TimeMs kLongestPauseMs = TimeMs{12} * 3'600'000;

// After so many tries that failed: none after the first, then five minutes, ten, twenty …
TimeMs pause_after(int tries) {
  TimeMs pause = tries < 2 ? 0 : kFirstPauseMs;
  for (int i = 2; i < tries && pause < kLongestPauseMs; ++i) pause *= 2;
  return std::min(pause, kLongestPauseMs);
}

// What says of one delivery alone that it cannot be had again.
bool is_of_one(Errc code) {
  return code == Errc::invalid || code == Errc::not_found || code == Errc::forbidden ||
         code == Errc::conflict;
}

}  // namespace

Missed missed(const std::vector<scm::KeptDelivery>& newest_first, TimeMs now) {
  struct Tries {
    int count = 0;
    bool settled = false;  // one arrived, or it is looked at already
    bool open = false;     // it is to arrive yet
  };
  std::map<std::string, Tries> by_guid;
  for (const scm::KeptDelivery& one : newest_first) {
    Tries& tries = by_guid[one.guid];
    ++tries.count;
    tries.settled = tries.settled || one.arrived;
  }
  Missed out;
  out.settled_until = newest_first.empty() ? 0 : newest_first.front().delivered_on;
  for (const scm::KeptDelivery& one : newest_first) {
    Tries& tries = by_guid[one.guid];
    if (tries.open) out.settled_until = std::min(out.settled_until, one.delivered_on);
    if (tries.settled) continue;
    tries.settled = true;
    const bool is_button = one.event == "check_run" || one.event == "check_suite";
    if (is_button && now - one.delivered_on > kButtonMs) continue;
    tries.open = true;
    out.settled_until = std::min(out.settled_until, one.delivered_on);
    if (now - one.delivered_on >= pause_after(tries.count)) out.ids.push_back(one.id);
  }
  std::reverse(out.ids.begin(), out.ids.end());
  return out;
}

Result<int> Redelivery::look_at(const model::ForgeRecord& forge, const scm::AppApi& apps,
                                const std::stop_token& stop) {
  const std::unique_ptr<HttpClient> http = directory_.client(forge.ca);
  const Result<scm::AppAccess> app = directory_.as_app(forge, *http);
  if (!app) return tl::unexpected<Error>(app.error());
  TimeMs& settled = settled_until_[forge.uuid];
  const Result<std::vector<scm::KeptDelivery>> kept =
      apps.deliveries(*app, std::max(settled, clock_.now() - kLookBackMs));
  if (!kept) return tl::unexpected<Error>(kept.error());
  const Missed found = missed(*kept, clock_.now());
  settled = std::max(settled, found.settled_until);
  std::set<std::string>& refused = refused_[forge.uuid];
  const std::set<std::string> wanted(found.ids.begin(), found.ids.end());
  std::erase_if(refused, [&](const std::string& id) { return !wanted.contains(id); });
  int asked = 0;
  for (const std::string& id : found.ids) {
    if (stop.stop_requested() || asked >= kMostAtALook) break;
    if (refused.contains(id)) continue;
    const Status again = apps.deliver_again(*app, id);
    if (again) {
      ++asked;
      continue;
    }
    if (!is_of_one(again.error().code)) return tl::unexpected<Error>(again.error());
    refused.insert(id);
    log::warn("a missed delivery cannot be had again forge={} delivery={} reason={}", forge.web_url,
              log::quoted(id), log::quoted(again.error().message));
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
