#include "wire/runner_protocol.h"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "wire/errc_names.h"
#include "wire/json.h"
#include "wire/message_reader.h"

namespace kiln::wire {
namespace {

namespace json = boost::json;

json::object with_lease(const Uuid& lease) {
  json::object object;
  object["lease_id"] = lease.str();
  return object;
}

constexpr std::int64_t kMostOfAnything = 1LL << 60U;

json::object object_of(const model::BuildUsage& usage) {
  json::object object;
  const auto put = [&object](std::string_view name, const std::optional<std::int64_t>& number) {
    if (number) object[name] = *number;
  };
  put("memory_peak_bytes", usage.memory_peak);
  put("cpu_ms", usage.cpu_ms);
  put("written_bytes", usage.written);
  put("processes_peak", usage.processes_peak);
  return object;
}

// A runner that counts nothing leaves it out.
model::BuildUsage read_usage(MessageReader& reader) {
  model::BuildUsage usage;
  const json::value* inner = reader.maybe("usage");
  if (inner == nullptr) return usage;
  MessageReader numbers(*inner, "usage");
  usage.memory_peak = numbers.maybe_number("memory_peak_bytes", 0, kMostOfAnything);
  usage.cpu_ms = numbers.maybe_number("cpu_ms", 0, kMostOfAnything);
  usage.written = numbers.maybe_number("written_bytes", 0, kMostOfAnything);
  usage.processes_peak = numbers.maybe_number("processes_peak", 0, kMostOfAnything);
  if (Status read = numbers.status(); !read) reader.refuse("usage", read.error().message);
  return usage;
}

std::optional<model::LogLine> read_last_line(MessageReader& reader) {
  const json::value* inner = reader.maybe("last_line");
  if (inner == nullptr) return std::nullopt;
  const json::array* pair = inner->if_array();
  if (pair == nullptr || pair->size() != 2 || !(*pair)[0].is_int64() || !(*pair)[1].is_string()) {
    reader.refuse("last_line", "must be [milliseconds, text]");
    return std::nullopt;
  }
  return model::LogLine{(*pair)[0].get_int64(), std::string((*pair)[1].get_string()), true};
}

model::EndWords read_end_words(MessageReader& reader) {
  model::EndWords words;
  if (reader.maybe("sentence") != nullptr) words.sentence = reader.text("sentence");
  if (words.sentence.size() > model::kLongestSentence)
    reader.refuse("sentence", "must have at most 500 bytes");
  if (reader.maybe("failed_step") != nullptr) {
    words.failed_step = model::parse_step_name(reader.text("failed_step"));
    if (!words.failed_step) reader.refuse("failed_step", "must be the name of a step");
  }
  if (reader.maybe("cause") != nullptr) words.cause = model::parse_end_cause(reader.text("cause"));
  return words;
}

// Parses `body` and reads it with `read`; whatever the reader refused becomes the error.
template <typename Message, typename Read>
Result<Message> decode(std::string_view body, const Read& read) {
  Result<json::value> value = parse_json(body);
  if (!value) return tl::unexpected<Error>(value.error());
  MessageReader reader(*value, "");
  Message message;
  read(reader, message);
  if (Status status = reader.status(); !status) return tl::unexpected<Error>(status.error());
  return message;
}

constexpr std::string_view kRouteWord = "route";
constexpr std::string_view kDomainWord = "domain";

std::string_view word_of(AddressKind kind) {
  switch (kind) {
    case AddressKind::production:
      return "production";
    case AddressKind::version:
      return "version";
    case AddressKind::alias:
      return "alias";
  }
  return "";
}

std::optional<AddressKind> parse_kind(std::string_view word) {
  for (const AddressKind kind : {AddressKind::production, AddressKind::version, AddressKind::alias}) {
    if (word == word_of(kind)) return kind;
  }
  return std::nullopt;
}

}  // namespace

std::string encode(const ClaimCall& call) {
  json::object object;
  object["runner_id"] = call.runner_id;
  object["wait_ms"] = call.wait_ms;
  if (!call.paused.empty()) object["paused"] = call.paused;
  if (call.cannot_start) object["cannot_start"] = true;
  if (call.sandboxes != SandboxTally{}) {
    object["sandboxes_prepared"] = call.sandboxes.prepared;
    object["sandboxes_used"] = call.sandboxes.used;
    object["sandboxes_dropped"] = call.sandboxes.dropped;
  }
  return json::serialize(object);
}

std::string encode(const LeaseCall& call) {
  json::object object = with_lease(call.lease_id);
  object["wait_ms"] = call.wait_ms;
  return json::serialize(object);
}

std::string encode(const StepCall& call) {
  json::object object = with_lease(call.lease_id);
  object["step"] = model::to_string(call.step);
  return json::serialize(object);
}

std::string encode(const CredentialsCall& call) {
  return json::serialize(with_lease(call.lease_id));
}

std::string encode(const CredentialsAnswer& answer) {
  return json::serialize(json::object{{"authorization", answer.authorization}});
}

std::string encode(const UploadsCall& call) {
  json::object object = with_lease(call.lease_id);
  json::array claims;
  for (const Uuid& version : call.claims) claims.emplace_back(version.str());
  object["claims"] = std::move(claims);
  return json::serialize(object);
}

std::string encode(const UploadsAnswer& answer) {
  json::object object;
  object["versions"] = answer.versions;
  json::array addresses;
  for (const Address& address : answer.addresses) {
    addresses.push_back(json::array{word_of(address.kind), address.url});
  }
  object["addresses"] = std::move(addresses);
  object["notes"] = json::array(answer.notes.begin(), answer.notes.end());
  return json::serialize(object);
}

std::string encode(const RoutesCall& call) {
  json::object object = with_lease(call.lease_id);
  json::array routes;
  for (const RouteAsked& route : call.routes)
    routes.push_back(json::array{route.custom_domain ? kDomainWord : kRouteWord, route.pattern});
  object["routes"] = std::move(routes);
  return json::serialize(object);
}

std::string encode(const CachesCall& call) {
  json::array triggers;
  for (const Uuid& trigger : call.triggers) triggers.emplace_back(trigger.str());
  json::object object;
  object["triggers"] = std::move(triggers);
  return json::serialize(object);
}

std::string encode(const CachesAnswer& answer) {
  json::array epochs;
  for (const auto& [trigger, epoch] : answer.epochs) epochs.push_back(json::array{trigger.str(), epoch});
  json::object object;
  object["epochs"] = std::move(epochs);
  return json::serialize(object);
}

std::string encode(const FinishCall& call) {
  json::object object = with_lease(call.lease_id);
  object["outcome"] = model::to_string(call.end.outcome);
  object["reason"] = call.end.reason;
  if (call.end.usage != model::BuildUsage{}) object["usage"] = object_of(call.end.usage);
  if (!call.end.words.sentence.empty()) object["sentence"] = call.end.words.sentence;
  if (const auto& step = call.end.words.failed_step) object["failed_step"] = model::to_string(*step);
  if (const model::EndCause cause = call.end.words.cause; cause != model::EndCause::unsaid)
    object["cause"] = model::to_string(cause);
  if (const auto& line = call.end.last_line) object["last_line"] = json::array{line->time, line->text};
  return json::serialize(object);
}

Result<ClaimCall> decode_claim(std::string_view body) {
  return decode<ClaimCall>(body, [](MessageReader& reader, ClaimCall& call) {
    call.runner_id = reader.text("runner_id");
    if (call.runner_id.empty() || call.runner_id.size() > 200) {
      reader.refuse("runner_id", "must have 1 to 200 bytes");
    }
    call.wait_ms = static_cast<int>(reader.number("wait_ms", 0, 60'000));
    call.paused = reader.maybe("paused") != nullptr ? reader.text("paused") : "";
    call.cannot_start = reader.maybe("cannot_start") != nullptr && reader.boolean("cannot_start");
    const auto tally = [&reader](const char* name) {
      return reader.maybe_number(name, 0, kMostOfAnything).value_or(0);
    };
    call.sandboxes = {tally("sandboxes_prepared"), tally("sandboxes_used"), tally("sandboxes_dropped")};
    if (call.paused.size() > kMostPausedWords) reader.refuse("paused", "must have at most 2000 bytes");
  });
}

Result<LeaseCall> decode_lease(std::string_view body) {
  return decode<LeaseCall>(body, [](MessageReader& reader, LeaseCall& call) {
    call.lease_id = reader.uuid("lease_id");
    call.wait_ms = static_cast<int>(reader.number("wait_ms", 0, 60'000));
  });
}

Result<CredentialsCall> decode_credentials(std::string_view body) {
  return decode<CredentialsCall>(
      body, [](MessageReader& reader, CredentialsCall& call) { call.lease_id = reader.uuid("lease_id"); });
}

Result<CredentialsAnswer> decode_credentials_answer(std::string_view body) {
  return decode<CredentialsAnswer>(body, [](MessageReader& reader, CredentialsAnswer& answer) {
    answer.authorization = reader.text("authorization");
  });
}

Result<StepCall> decode_step(std::string_view body) {
  return decode<StepCall>(body, [](MessageReader& reader, StepCall& call) {
    call.lease_id = reader.uuid("lease_id");
    const auto step = model::parse_step(reader.text("step"));
    if (!step) reader.refuse("step", "must be checkout, tools, install, build, deploy or deployed");
    call.step = step.value_or(model::Step::checkout);
  });
}

Result<UploadsCall> decode_uploads(std::string_view body) {
  return decode<UploadsCall>(body, [](MessageReader& reader, UploadsCall& call) {
    call.lease_id = reader.uuid("lease_id");
    call.claims = reader.uuids("claims", kMostClaims);
  });
}

Result<UploadsAnswer> decode_uploads_answer(std::string_view body) {
  return decode<UploadsAnswer>(body, [](MessageReader& reader, UploadsAnswer& answer) {
    answer.versions = static_cast<int>(reader.number("versions", 0, 1'000'000));
    for (auto& [word, url] : reader.text_pairs("addresses", kMostAddresses)) {
      const std::optional<AddressKind> kind = parse_kind(word);
      if (!kind) return reader.refuse("addresses", "must hold pairs of a kind and a URL");
      answer.addresses.push_back({*kind, std::move(url)});
    }
    answer.notes = reader.texts("notes", kMostNotes);
  });
}

Result<RoutesCall> decode_routes(std::string_view body) {
  return decode<RoutesCall>(body, [](MessageReader& reader, RoutesCall& call) {
    call.lease_id = reader.uuid("lease_id");
    for (auto& [kind, pattern] : reader.text_pairs("routes", kMostRoutes)) {
      if (kind != kRouteWord && kind != kDomainWord)
        return reader.refuse("routes", "must hold pairs of a kind and a pattern");
      call.routes.push_back({kind == kDomainWord, std::move(pattern)});
    }
  });
}

Result<CachesCall> decode_caches(std::string_view body) {
  return decode<CachesCall>(body, [](MessageReader& reader, CachesCall& call) {
    call.triggers = reader.uuids("triggers", kMostTriggers);
  });
}

Result<CachesAnswer> decode_caches_answer(std::string_view body) {
  return decode<CachesAnswer>(body, [](MessageReader& reader, CachesAnswer& answer) {
    for (const json::value& item : reader.list("epochs", kMostTriggers)) {
      const json::array* pair = item.if_array();
      const bool whole =
          pair != nullptr && pair->size() == 2 && (*pair)[0].is_string() && (*pair)[1].is_int64();
      const std::optional<Uuid> trigger = whole ? Uuid::parse((*pair)[0].get_string()) : std::nullopt;
      if (!trigger) return reader.refuse("epochs", "must hold pairs of a UUID and a number");
      answer.epochs[*trigger] = (*pair)[1].get_int64();
    }
  });
}

Result<FinishCall> decode_finish(std::string_view body) {
  return decode<FinishCall>(body, [](MessageReader& reader, FinishCall& call) {
    call.lease_id = reader.uuid("lease_id");
    const auto outcome = model::parse_build_outcome(reader.text("outcome"));
    const bool is_a_runners = outcome == model::BuildOutcome::success ||
                              outcome == model::BuildOutcome::fail ||
                              outcome == model::BuildOutcome::terminated;
    if (!is_a_runners) reader.refuse("outcome", "must be success, fail or terminated");
    call.end.outcome = outcome.value_or(model::BuildOutcome::fail);
    call.end.reason = reader.text("reason");
    call.end.usage = read_usage(reader);
    call.end.last_line = read_last_line(reader);
    call.end.words = read_end_words(reader);
  });
}

std::string encode_error(const Error& error) {
  json::object inner;
  inner["code"] = errc_name(error.code);
  inner["message"] = error.message;
  if (!error.field.empty()) inner["field"] = error.field;
  json::object body;
  body["error"] = std::move(inner);
  return json::serialize(body);
}

Error decode_error(int http_status, std::string_view body) {
  const Errc by_status = errc_of_http_status(http_status);
  Error unknown{
      by_status, "the server answered HTTP " + std::to_string(http_status) + " without saying why", {}};
  Result<json::value> value = parse_json(body);
  const json::object* outer = value ? value->if_object() : nullptr;
  const json::value* inner = outer == nullptr ? nullptr : outer->if_contains("error");
  if (inner == nullptr || !inner->is_object()) return unknown;
  MessageReader reader(*inner, "error");
  Error error;
  error.code = errc_of_name(reader.text("code")).value_or(by_status);
  error.message = reader.text("message");
  if (!reader.status()) return unknown;
  if (const json::value* field = inner->get_object().if_contains("field");
      field != nullptr && field->is_string()) {
    error.field = std::string(field->get_string());
  }
  return error;
}

}  // namespace kiln::wire
