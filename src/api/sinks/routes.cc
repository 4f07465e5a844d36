#include "api/sinks/routes.h"

#include <boost/json.hpp>

#include "api/builds/handlers.h"
#include "api/error_table.h"
#include "api/sinks/sink_body.h"
#include "base/time_format.h"
#include "wire/event_json.h"

namespace kiln::api {
namespace sink_routes {
namespace {

namespace json = boost::json;

constexpr std::size_t kSigningBytes = 32;
constexpr TimeMs kBothSecretsMs = TimeMs{24} * 3'600'000;

struct Found {
  SinkBody body;
  Uuid uuid;
};

Result<Found> find(const SinksDeps& deps, const Call& call) {
  const Result<Uuid> uuid = builds::path_uuid(call, "sink_uuid");
  if (!uuid) return tl::unexpected<Error>(uuid.error());
  Result<model::Sink> sink = deps.sinks.sink(call.account_id, *uuid);
  if (!sink) return tl::unexpected<Error>(sink.error());
  Result<model::SinkSecrets> secrets = deps.sinks.sink_secrets(*uuid);
  if (!secrets) return tl::unexpected<Error>(secrets.error());
  return Found{{std::move(*sink), std::move(*secrets), false}, *uuid};
}

// The place is the body's fault where it is closed.
Status check_place(const SinksDeps& deps, const SinkBody& body) {
  if (!body.leads_elsewhere) return {};
  const Status open = deps.may_reach(body.sink.place);
  if (open || open.error().code == Errc::unavailable) return {};
  return fail(Errc::invalid, "Invalid request: " + open.error().message, "url");
}

Result<http::Reply> list_sinks(const SinksDeps& deps, const Call& call) {
  const Result<std::vector<model::Sink>> all = deps.sinks.sinks(call.account_id);
  if (!all) return tl::unexpected<Error>(all.error());
  json::array out;
  for (const model::Sink& sink : *all) out.push_back(sink_json(sink));
  return success_response(out);
}

// With the secret where there is one: it is shown this once.
json::object with_secret(const SinkBody& body) {
  json::object out = sink_json(body.sink);
  if (body.sink.kind == model::SinkKind::webhook) out["secret"] = model::shown_secret(body.secrets.signing);
  return out;
}

Result<http::Reply> add_sink(const SinksDeps& deps, const Call& call) {
  const Result<json::object> object = builds::object_body(call);
  if (!object) return tl::unexpected<Error>(object.error());
  SinkBody body;
  if (const Status fine = read_sink(*object, true, body); !fine) return tl::unexpected<Error>(fine.error());
  if (const Status open = check_place(deps, body); !open) return tl::unexpected<Error>(open.error());
  body.sink.uuid = deps.entropy.uuid();
  body.sink.account_id = call.account_id;
  body.sink.created_on = deps.clock.now();
  body.sink.modified_on = body.sink.created_on;
  if (body.sink.kind == model::SinkKind::webhook) body.secrets.signing = deps.entropy.bytes(kSigningBytes);
  if (const Status added = deps.sinks.add_sink(body.sink, body.secrets); !added)
    return tl::unexpected<Error>(added.error());
  return success_response(with_secret(body));
}

Result<http::Reply> get_sink(const SinksDeps& deps, const Call& call) {
  const Result<Found> found = find(deps, call);
  if (!found) return tl::unexpected<Error>(found.error());
  return success_response(sink_json(found->body.sink));
}

Result<http::Reply> change_sink(const SinksDeps& deps, const Call& call) {
  Result<Found> found = find(deps, call);
  if (!found) return tl::unexpected<Error>(found.error());
  const Result<json::object> object = builds::object_body(call);
  if (!object) return tl::unexpected<Error>(object.error());
  SinkBody& body = found->body;
  if (const Status fine = read_sink(*object, false, body); !fine) return tl::unexpected<Error>(fine.error());
  if (const Status open = check_place(deps, body); !open) return tl::unexpected<Error>(open.error());
  body.sink.modified_on = deps.clock.now();
  if (const Status changed = deps.sinks.change_sink(body.sink, body.secrets); !changed)
    return tl::unexpected<Error>(changed.error());
  deps.wake();
  return success_response(sink_json(body.sink));
}

Result<http::Reply> delete_sink(const SinksDeps& deps, const Call& call) {
  const Result<Uuid> uuid = builds::path_uuid(call, "sink_uuid");
  if (!uuid) return tl::unexpected<Error>(uuid.error());
  if (const Status gone = deps.sinks.delete_sink(call.account_id, *uuid); !gone)
    return tl::unexpected<Error>(gone.error());
  return success_response(json::object{{"sink_uuid", uuid->str()}});
}

Result<http::Reply> rotate(const SinksDeps& deps, const Call& call) {
  Result<Found> found = find(deps, call);
  if (!found) return tl::unexpected<Error>(found.error());
  SinkBody& body = found->body;
  if (body.sink.kind != model::SinkKind::webhook)
    return fail(Errc::conflict, "only webhooks are signed; this sink has no secret to rotate", "sink_uuid");
  body.secrets.previous_signing = std::move(body.secrets.signing);
  body.secrets.previous_signing_until = deps.clock.now() + kBothSecretsMs;
  body.secrets.signing = deps.entropy.bytes(kSigningBytes);
  body.sink.modified_on = deps.clock.now();
  if (const Status changed = deps.sinks.change_sink(body.sink, body.secrets); !changed)
    return tl::unexpected<Error>(changed.error());
  json::object out = with_secret(body);
  out["previous_secret_until"] = format_rfc3339(body.secrets.previous_signing_until);
  return success_response(out);
}

Result<http::Reply> test(const SinksDeps& deps, const Call& call) {
  const Result<Uuid> uuid = builds::path_uuid(call, "sink_uuid");
  if (!uuid) return tl::unexpected<Error>(uuid.error());
  model::SinkDelivery delivery;
  delivery.uuid = deps.entropy.uuid();
  delivery.event = std::string(model::type_of(model::EventKind::sink_test));
  delivery.made_on = deps.clock.now();
  delivery.due_on = delivery.made_on;
  const model::Event event{model::EventKind::sink_test, call.account_id, {}, delivery.made_on, {}, {}};
  delivery.body = json::serialize(wire::event_json(event, uuid->str()));
  if (const Status added = deps.deliveries.add_delivery(call.account_id, *uuid, delivery); !added)
    return tl::unexpected<Error>(added.error());
  deps.wake();
  return success_response(delivery_json(delivery));
}

Result<http::Reply> list_sink_deliveries(const SinksDeps& deps, const Call& call) {
  const Result<Uuid> uuid = builds::path_uuid(call, "sink_uuid");
  if (!uuid) return tl::unexpected<Error>(uuid.error());
  const Result<store::Page> page = builds::page_of(call.request);
  if (!page) return tl::unexpected<Error>(page.error());
  const auto found = deps.deliveries.deliveries(call.account_id, *uuid, *page);
  if (!found) return tl::unexpected<Error>(found.error());
  json::array out;
  for (const model::SinkDelivery& delivery : found->items) out.push_back(delivery_json(delivery));
  return builds::list_response(std::move(out), *page, found->total);
}

Result<http::Reply> get_sink_delivery(const SinksDeps& deps, const Call& call) {
  const Result<Uuid> uuid = builds::path_uuid(call, "sink_uuid");
  if (!uuid) return tl::unexpected<Error>(uuid.error());
  const Result<Uuid> delivery = builds::path_uuid(call, "delivery_uuid");
  if (!delivery) return tl::unexpected<Error>(delivery.error());
  const auto found = deps.deliveries.delivery(call.account_id, *uuid, *delivery);
  if (!found) return tl::unexpected<Error>(found.error());
  return success_response(delivery_json(*found));
}

Result<http::Reply> send_again(const SinksDeps& deps, const Call& call) {
  const Result<Uuid> uuid = builds::path_uuid(call, "sink_uuid");
  if (!uuid) return tl::unexpected<Error>(uuid.error());
  const Result<Uuid> delivery = builds::path_uuid(call, "delivery_uuid");
  if (!delivery) return tl::unexpected<Error>(delivery.error());
  const auto sent = deps.deliveries.send_again(call.account_id, *uuid, *delivery);
  if (!sent) return tl::unexpected<Error>(sent.error());
  deps.wake();
  return success_response(delivery_json(*sent));
}

}  // namespace
}  // namespace sink_routes

void add_sink_routes(http::Router& router, const Gate& gate, const SinksDeps& deps) {
  const auto shared = std::make_shared<const SinksDeps>(deps);
  builds::Adder routes(router, gate);
  const auto add = [&](const char* method, const std::string& path, Needs needs, http::Work work,
                       Result<http::Reply> (*handle)(const SinksDeps&, const Call&)) {
    routes.add(method, "/sinks" + path, needs,
               [shared, handle](const Call& call) { return handle(*shared, call); }, {.work = work});
  };
  using http::Work;
  add("GET", "", Needs::ci_read, Work::read, sink_routes::list_sinks);
  add("POST", "", Needs::ci_write, Work::git, sink_routes::add_sink);
  add("GET", "/{sink_uuid}", Needs::ci_read, Work::read, sink_routes::get_sink);
  add("PATCH", "/{sink_uuid}", Needs::ci_write, Work::git, sink_routes::change_sink);
  add("DELETE", "/{sink_uuid}", Needs::ci_write, Work::store, sink_routes::delete_sink);
  add("POST", "/{sink_uuid}/rotate", Needs::ci_write, Work::store, sink_routes::rotate);
  add("POST", "/{sink_uuid}/test", Needs::ci_write, Work::store, sink_routes::test);
  add("GET", "/{sink_uuid}/deliveries", Needs::ci_read, Work::read, sink_routes::list_sink_deliveries);
  add("GET", "/{sink_uuid}/deliveries/{delivery_uuid}", Needs::ci_read, Work::read,
      sink_routes::get_sink_delivery);
  add("POST", "/{sink_uuid}/deliveries/{delivery_uuid}/resend", Needs::ci_write, Work::store,
      sink_routes::send_again);
}

}  // namespace kiln::api
