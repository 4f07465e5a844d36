#include "events/reports/pump.h"

#include <map>
#include <vector>

#include "base/log.h"

namespace kiln::events {
namespace {

constexpr int kMostAtOnce = 500;

}  // namespace

Result<bool> Pump::hand_on() {
  bool any_due = false;
  while (true) {
    const Result<std::vector<store::OutboxRow>> rows = outbox_.waiting(kMostAtOnce);
    if (!rows) return tl::unexpected<Error>(rows.error());
    if (rows->empty()) return any_due;
    std::map<Uuid, std::optional<std::string>> hosts;
    std::vector<store::ReportWish> wishes;
    for (const store::OutboxRow& row : *rows) {
      if (row.unreported || !model::is_reported(row.move)) continue;
      auto known = hosts.find(row.connection);
      if (known == hosts.end()) {
        const Result<std::optional<std::string>> host = host_of_(row.account_id, row.connection);
        // One connection's damage stops nobody else's news.
        if (!host && host.error().code != Errc::corrupt) return tl::unexpected<Error>(host.error());
        if (!host)
          log::error("nobody is told of builds of connection={}: {}", row.connection.str(),
                     host.error().message);
        known = hosts.emplace(row.connection, host ? *host : std::nullopt).first;
      }
      if (!known->second) continue;
      // That it belongs to a pull request says nothing new of the build itself.
      const bool of_build = row.move != model::Happening::linked;
      wishes.push_back({row.number, row.connection, *known->second, row.build, of_build, row.pull_request});
    }
    const Result<store::EventWishes> events = events_of_ ? events_of_(*rows) : store::EventWishes{};
    if (!events) return tl::unexpected<Error>(events.error());
    if (const Status handed = outbox_.hand_on(rows->back().number, wishes, *events); !handed)
      return tl::unexpected<Error>(handed.error());
    if (handed_on_) handed_on_(*rows);
    any_due = any_due || !wishes.empty() || !events->sinks.empty() || !events->traces.empty();
    if (rows->size() < static_cast<std::size_t>(kMostAtOnce)) return any_due;
  }
}

}  // namespace kiln::events
