#include "events/sinks/fan_out.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <map>
#include <string>

#include "base/hash.h"
#include "base/log.h"
#include "model/job.h"
#include "wire/event_json.h"

namespace kiln::events {
namespace {

// What the row is for this listener, whenever it is asked: the same event is never told twice under two ids.
Uuid id_for(const store::OutboxRow& row, const std::string& listener) {
  const std::string hash =
      sha256(fmt::format("{}/{}/{}/{}", row.number, row.build.str(), row.detail, listener));
  Uuid id = *Uuid::from_raw(std::string_view(hash).substr(0, 16));
  id.bytes[6] = static_cast<std::uint8_t>((id.bytes[6] & 0x0fU) | 0x80U);  // version 8, RFC 9562 5.8
  id.bytes[8] = static_cast<std::uint8_t>((id.bytes[8] & 0x3fU) | 0x80U);
  return id;
}

bool listens(const model::EventSubscription& subscription, const model::Event& event) {
  return subscription.worker_name == event.worker_name &&
         std::find(subscription.events.begin(), subscription.events.end(), event.kind) !=
             subscription.events.end();
}

bool is_of_production(const store::BuildView& view) {
  return !view.build.restricted &&
         model::cache_trust_of(view.trigger.branch_includes, view.build.metadata.branch) ==
             model::CacheTrust::production;
}

}  // namespace

Result<store::EventWishes> FanOut::wishes(const std::vector<store::OutboxRow>& rows) {
  store::EventWishes out;
  std::map<std::string, Listeners> known;
  for (const store::OutboxRow& row : rows) {
    if (!row.listened) continue;
    auto listeners = known.find(row.account_id);
    if (listeners == known.end()) {
      Result<Listeners> found = listeners_of(row.account_id);
      if (!found) return tl::unexpected<Error>(found.error());
      listeners = known.emplace(row.account_id, std::move(*found)).first;
    }
    const Status added = add(row, listeners->second, out);
    if (added) continue;
    const Errc code = added.error().code;
    if (code != Errc::corrupt && code != Errc::not_found) return tl::unexpected<Error>(added.error());
    log::error("an event is told nobody: {}", added.error().message);
  }
  return out;
}

Result<FanOut::Listeners> FanOut::listeners_of(const std::string& account_id) {
  Result<std::vector<model::EventSubscription>> subscriptions =
      parts_.subscriptions.listening_subscriptions(account_id);
  if (!subscriptions) return tl::unexpected<Error>(subscriptions.error());
  Result<std::vector<model::Sink>> sinks = parts_.sinks.listening_sinks(account_id);
  if (!sinks) return tl::unexpected<Error>(sinks.error());
  return Listeners{std::move(*subscriptions), std::move(*sinks)};
}

Status FanOut::add(const store::OutboxRow& row, const Listeners& listeners, store::EventWishes& out) {
  std::optional<store::BuildView> view;
  if (!row.build.is_nil()) {
    Result<store::BuildView> found = parts_.builds.build(row.account_id, row.build);
    if (!found) return tl::unexpected<Error>(found.error());
    view = std::move(*found);
  }
  const std::optional<model::EventKind> kind =
      model::event_of(row.move, view ? view->build.outcome : std::nullopt);
  if (!kind) return {};
  model::Event event{*kind, row.account_id, row.worker_name, row.made_on, {}, row.detail};
  if (view) event.build = view->build;
  for (const model::EventSubscription& one : listeners.subscriptions) {
    if (!listens(one, event)) continue;
    out.queues.push_back({row.account_id, one.queue_id, id_for(row, one.id),
                          boost::json::serialize(wire::event_json(event, one.id))});
  }
  for (const model::Sink& sink : listeners.sinks) {
    const Result<bool> wanted = fits(sink, event, view);
    if (!wanted) return tl::unexpected<Error>(wanted.error());
    if (!*wanted) continue;
    store::SinkWish wish;
    wish.sink = sink.uuid;
    wish.delivery = id_for(row, sink.uuid.str());
    if (view) wish.build = view->build.uuid;
    wish.event = std::string(model::type_of(*kind));
    wish.body = boost::json::serialize(wire::event_json(event, sink.uuid.str()));
    wish.made_on = row.made_on;
    out.sinks.push_back(std::move(wish));
  }
  return {};
}

Result<bool> FanOut::fits(const model::Sink& sink, const model::Event& event,
                          const std::optional<store::BuildView>& view) {
  if (!model::wants(sink, event.kind, event.worker_name)) return false;
  if (!view) return true;
  if (sink.production_only && !is_of_production(*view)) return false;
  if (!model::is_ending(event.kind) || sink.outcomes == model::SinkOutcomes::all) return true;
  std::optional<model::BuildOutcome> before;
  if (sink.outcomes == model::SinkOutcomes::changes) {
    const Result<std::optional<model::BuildOutcome>> found =
        parts_.sinks.outcome_before(event.account_id, view->build.uuid);
    if (!found) return tl::unexpected<Error>(found.error());
    before = *found;
  }
  return model::wants_ending(sink.outcomes, event.kind, before);
}

}  // namespace kiln::events
