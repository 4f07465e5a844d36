#include "api/sinks/sink_body.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <string_view>

#include "api/queues/bodies.h"
#include "base/time_format.h"
#include "wire/json.h"
#include "wire/or_null.h"

namespace kiln::api::sink_routes {
namespace {

namespace json = boost::json;
using model::SinkKind;

constexpr std::size_t kLongestSinkName = 64;
constexpr std::size_t kLongestSinkUrl = 4'096;
constexpr std::size_t kLongestSecret = 8U << 10U;
constexpr std::size_t kLongestCa = 64U << 10U;
constexpr std::size_t kMostReceivers = 50;

std::string joined(const std::vector<std::string_view>& words) {
  std::string out;
  for (const std::string_view word : words) out += (out.empty() ? "" : ", ") + std::string(word);
  return out;
}

struct UrlParts {
  std::string scheme;
  std::string authority;
  std::string rest;  // from its first slash or question mark on
};

std::optional<UrlParts> parts_of(const std::string& url) {
  const std::size_t scheme = url.find("://");
  if (scheme == url.npos) return std::nullopt;
  const std::size_t end = url.find_first_of("/?#", scheme + 3);
  UrlParts parts{url.substr(0, scheme), url.substr(scheme + 3, end == url.npos ? end : end - scheme - 3),
                 end == url.npos ? "" : url.substr(end)};
  const bool plain = std::all_of(url.begin(), url.end(), [](unsigned char c) { return c > ' ' && c < 0x7f; });
  if (!plain || parts.authority.empty() || parts.authority.find_first_of("@\\") != std::string::npos)
    return std::nullopt;
  return parts;
}

// Whether a port stands behind the host.
bool names_port(const std::string& authority) {
  const std::size_t colon = authority.rfind(':');
  return colon != authority.npos && colon > (authority.find(']') == authority.npos ? 0 : authority.find(']'));
}

void take_url(wire::Fields& fields, const std::string& url, SinkBody& out) {
  std::optional<UrlParts> parts = parts_of(url);
  if (!parts) {
    fields.refuse("url", "must be a URL without a user name; names and passwords have fields of their own");
    return;
  }
  if (out.sink.kind == SinkKind::email) {
    if (parts->scheme != "smtp" && parts->scheme != "smtps") {
      fields.refuse("url", "must be smtp://HOST or smtps://HOST, the mail server that takes the mail");
      return;
    }
    if (!names_port(parts->authority)) parts->authority += parts->scheme == "smtps" ? ":465" : ":587";
    parts->rest.clear();
  } else if (parts->scheme != "https" && parts->scheme != "http") {
    fields.refuse("url", "must begin with https:// or http://");
    return;
  } else if (parts->rest.find('#') != std::string::npos) {
    fields.refuse("url", "must not have a #");
    return;
  }
  if (out.sink.kind == SinkKind::matrix) parts->rest.clear();  // the homeserver alone
  if (out.sink.kind == SinkKind::ntfy &&
      (parts->rest.size() < 2 || parts->rest.ends_with('/') || parts->rest.find('?') != std::string::npos)) {
    fields.refuse("url", "must end with the topic: https://ntfy.sh/my-topic");
    return;
  }
  out.sink.place = parts->scheme + "://" + parts->authority;
  out.secrets.url = out.sink.place + parts->rest;
  out.leads_elsewhere = true;
}

bool is_mail_address(const std::string& text) {
  const std::size_t at = text.find('@');
  return at != text.npos && at > 0 && at + 1 < text.size() && text.find('@', at + 1) == text.npos &&
         std::all_of(text.begin(), text.end(), [](unsigned char c) {
           return c > ' ' && c != 0x7f && c != '<' && c != '>' && c != ',' && c != '"';
         });
}

void read_credentials(wire::Fields& fields, model::SinkSecrets& secrets) {
  const auto take = [&fields](const char* name, std::size_t most, bool lines, std::string& into) {
    if (auto text = fields.optional_text(name, {0, most, lines})) into = std::move(*text);
  };
  take("token", kLongestSecret, false, secrets.token);
  take("user", kLongestSinkUrl, false, secrets.user);
  take("room", kLongestSinkUrl, false, secrets.room);
  take("from", kLongestSinkUrl, false, secrets.from);
  take("ca", kLongestCa, true, secrets.ca);
  if (auto to = fields.optional_list("to", kMostReceivers, {1, 320, false})) secrets.to = std::move(*to);
}

// Whoever may change a sink may not have its secret sent to himself: what is kept unseen goes where it went.
void check_kept_secret(wire::Fields& fields, const json::object& body, const SinkBody& before,
                       const SinkBody& after) {
  const json::value* given = body.if_contains("token");
  const bool keeps = (given == nullptr || given->is_null()) && !after.secrets.token.empty();
  if (!keeps || after.secrets.url == before.secrets.url) return;
  fields.refuse("token", fmt::format("must be given again with a new url: the one that is kept was given for "
                                     "{}; \"\" leaves it out",
                                     before.sink.place));
}

// What a kind cannot be without.
void check_kind(wire::Fields& fields, const SinkBody& body) {
  if (body.sink.kind == SinkKind::matrix) {
    if (body.secrets.room.empty() || body.secrets.room.front() != '!')
      fields.refuse("room", "must be the id of a room: !abc:example.org");
    if (body.secrets.token.empty())
      fields.refuse("token", "must be the access token of whoever writes there");
  }
  if (body.sink.kind != SinkKind::email) return;
  if (!is_mail_address(body.secrets.from)) fields.refuse("from", "must be a mail address");
  const bool all = !body.secrets.to.empty() &&
                   std::all_of(body.secrets.to.begin(), body.secrets.to.end(), is_mail_address);
  if (!all) fields.refuse("to", "must be a list of mail addresses");
}

void read_filters(wire::Fields& fields, model::Sink& sink) {
  if (auto worker = fields.optional_text("worker_name", {0, 255, false}))
    sink.worker_name = std::move(*worker);
  if (const auto text = fields.optional_text("outcomes", {1, 32, false})) {
    const std::optional<model::SinkOutcomes> outcomes = model::parse_sink_outcomes(*text);
    if (outcomes) sink.outcomes = *outcomes;
    if (!outcomes) fields.refuse("outcomes", "must be all, failures or changes");
  }
  if (const auto only = fields.optional_bool("production_only")) sink.production_only = *only;
  if (const auto enabled = fields.optional_bool("enabled")) {
    sink.enabled = *enabled;
    if (sink.enabled) sink.off_reason.clear();
  }
}

// Whom one writes to is told how builds end; a program is told everything.
std::vector<model::EventKind> usual_events(SinkKind kind) {
  using model::EventKind;
  if (kind != SinkKind::webhook)
    return {EventKind::build_succeeded, EventKind::build_failed, EventKind::build_canceled};
  std::vector<EventKind> all;
  for (const std::string_view name : model::event_names()) all.push_back(*model::event_of_name(name));
  return all;
}

}  // namespace

Status read_sink(const json::object& body, bool is_new, SinkBody& out) {
  wire::Fields fields(body);
  const SinkBody before = out;
  if (const auto name = fields.optional_text("name", {1, kLongestSinkName, false})) out.sink.name = *name;
  if (is_new && out.sink.name.empty()) fields.refuse("name", "is required");
  if (is_new) {
    const std::string text = fields.required_text("kind", {1, 32, false});
    const std::optional<SinkKind> kind = model::parse_sink_kind(text);
    if (!kind && !text.empty())
      fields.refuse("kind", fmt::format("must be one of {}", joined(model::sink_kinds())));
    out.sink.kind = kind.value_or(SinkKind::webhook);
    out.sink.events = usual_events(out.sink.kind);
  }
  const std::optional<std::string> url = fields.optional_text("url", {1, kLongestSinkUrl, false});
  if (url) take_url(fields, *url, out);
  if (is_new && !url) fields.refuse("url", "is required");
  read_credentials(fields, out.secrets);
  read_filters(fields, out.sink);
  check_kind(fields, out);
  if (!is_new) check_kept_secret(fields, body, before, out);
  const auto names = fields.optional_list("events", 50, {1, 64, false});
  if (Status fine = fields.status(); !fine) return fine;
  if (!names) return {};
  Result<std::vector<model::EventKind>> events = queues::read_events(*names);
  if (!events) return tl::unexpected<Error>(events.error());
  out.sink.events = std::move(*events);
  return {};
}

json::object sink_json(const model::Sink& sink) {
  json::array events;
  for (const model::EventKind kind : sink.events) events.push_back(json::value(model::name_of(kind)));
  return {{"sink_uuid", sink.uuid.str()},
          {"name", sink.name},
          {"kind", to_string(sink.kind)},
          {"place", sink.place},
          {"worker_name", wire::text_or_null(sink.worker_name)},
          {"events", std::move(events)},
          {"outcomes", to_string(sink.outcomes)},
          {"production_only", sink.production_only},
          {"enabled", sink.enabled},
          {"off_reason", wire::text_or_null(sink.off_reason)},
          {"created_on", format_rfc3339(sink.created_on)},
          {"modified_on", format_rfc3339(sink.modified_on)}};
}

json::object delivery_json(const model::SinkDelivery& delivery) {
  return {{"delivery_uuid", delivery.uuid.str()},
          {"event", delivery.event},
          {"build_uuid", wire::uuid_or_null(delivery.build)},
          {"state", to_string(delivery.state)},
          {"attempts", delivery.attempts},
          {"status", delivery.status == 0 ? json::value(nullptr) : json::value(delivery.status)},
          {"answer", wire::text_or_null(delivery.answer)},
          {"error", wire::text_or_null(delivery.error)},
          {"created_on", format_rfc3339(delivery.made_on)},
          {"tried_on", wire::time_or_null(delivery.tried_on)},
          {"next_try_on", wire::time_or_null(delivery.due_on)}};
}

}  // namespace kiln::api::sink_routes
