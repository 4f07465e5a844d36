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

constexpr std::int64_t kMostEpochs = 1'000'000'000'000;

json::object with_lease(const Uuid& lease) {
  json::object object;
  object["lease_id"] = lease.str();
  return object;
}

json::array environment_of(const std::vector<model::EnvVar>& variables) {
  json::array list;
  for (const model::EnvVar& variable : variables) {
    json::object entry;
    entry["name"] = variable.name;
    entry["value"] = variable.value;
    entry["is_secret"] = variable.is_secret;
    list.push_back(std::move(entry));
  }
  return list;
}

std::vector<model::EnvVar> read_environment(MessageReader& reader) {
  std::vector<model::EnvVar> variables;
  for (const json::value& item : reader.list("environment", 1'000)) {
    MessageReader entry(item, "environment");
    model::EnvVar variable;
    variable.name = entry.text("name");
    variable.value = entry.text("value");
    variable.is_secret = entry.boolean("is_secret");
    if (Status read = entry.status(); !read) reader.refuse("environment", read.error().message);
    variables.push_back(std::move(variable));
  }
  return variables;
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
  if (const auto& line = call.end.last_line) object["last_line"] = json::array{line->time, line->text};
  return json::serialize(object);
}

std::string encode(const model::JobSpec& job) {
  json::object object;
  object["build_uuid"] = job.build_uuid.str();
  object["lease_id"] = job.lease_id.str();
  object["lease_ms"] = job.lease_ms;
  object["attempt"] = job.attempt;
  object["account_id"] = job.account_id;
  object["worker_tag"] = job.worker_tag;
  object["worker_name"] = job.worker_name;
  object["clone_url"] = job.clone_url;
  object["clone_authorization"] = job.clone_authorization;
  object["local_repositories"] = json::array(job.local_repositories.begin(), job.local_repositories.end());
  object["branch"] = job.branch;
  object["commit_hash"] = job.commit_hash;
  object["build_command"] = job.build_command;
  object["deploy_command"] = job.deploy_command;
  object["root_directory"] = job.root_directory;
  object["environment"] = environment_of(job.environment);
  object["api_base_url"] = job.api_base_url;
  object["api_token"] = job.api_token;
  object["build_token_missing"] = job.build_token_missing;
  object["build_caching_enabled"] = job.build_caching_enabled;
  object["trigger_uuid"] = job.trigger_uuid.str();
  object["cache_trust"] = model::to_string(job.cache_trust);
  object["cache_epoch"] = job.cache_epoch;
  object["restricted"] = job.restricted;
  object["require_version"] = job.require_version;
  object["timeout_ms"] = job.timeout_ms;
  json::object body;
  body["job"] = std::move(object);
  return json::serialize(body);
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
    if (call.paused.size() > kMostPausedWords) reader.refuse("paused", "must have at most 2000 bytes");
  });
}

Result<LeaseCall> decode_lease(std::string_view body) {
  return decode<LeaseCall>(body, [](MessageReader& reader, LeaseCall& call) {
    call.lease_id = reader.uuid("lease_id");
    call.wait_ms = static_cast<int>(reader.number("wait_ms", 0, 60'000));
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
    for (const json::value& item : reader.list("claims", kMostClaims)) {
      const std::optional<Uuid> version = item.is_string() ? Uuid::parse(item.get_string()) : std::nullopt;
      if (!version) reader.refuse("claims", "must hold version ids");
      call.claims.push_back(version.value_or(Uuid{}));
    }
  });
}

Result<UploadsAnswer> decode_uploads_answer(std::string_view body) {
  return decode<UploadsAnswer>(body, [](MessageReader& reader, UploadsAnswer& answer) {
    answer.versions = static_cast<int>(reader.number("versions", 0, 1'000'000));
    for (const json::value& item : reader.list("addresses", kMostAddresses)) {
      const json::array* pair = item.if_array();
      const bool fits =
          pair != nullptr && pair->size() == 2 && (*pair)[0].is_string() && (*pair)[1].is_string();
      const auto kind = fits ? parse_kind((*pair)[0].get_string()) : std::nullopt;
      if (!kind) {
        reader.refuse("addresses", "must hold pairs of a kind and a URL");
        break;
      }
      answer.addresses.push_back({*kind, std::string((*pair)[1].get_string())});
    }
    for (const json::value& item : reader.list("notes", kMostNotes)) {
      if (item.is_string())
        answer.notes.emplace_back(item.get_string());
      else
        reader.refuse("notes", "must hold texts");
    }
  });
}

Result<RoutesCall> decode_routes(std::string_view body) {
  return decode<RoutesCall>(body, [](MessageReader& reader, RoutesCall& call) {
    call.lease_id = reader.uuid("lease_id");
    for (const json::value& item : reader.list("routes", kMostRoutes)) {
      const json::array* pair = item.if_array();
      const bool fits =
          pair != nullptr && pair->size() == 2 && (*pair)[0].is_string() && (*pair)[1].is_string();
      const std::string_view kind = fits ? std::string_view((*pair)[0].get_string()) : std::string_view();
      if (kind != kRouteWord && kind != kDomainWord) {
        reader.refuse("routes", "must hold pairs of a kind and a pattern");
        break;
      }
      call.routes.push_back({kind == kDomainWord, std::string((*pair)[1].get_string())});
    }
  });
}

Result<CachesCall> decode_caches(std::string_view body) {
  return decode<CachesCall>(body, [](MessageReader& reader, CachesCall& call) {
    for (const json::value& item : reader.list("triggers", kMostTriggers)) {
      const std::optional<Uuid> trigger = item.is_string() ? Uuid::parse(item.get_string()) : std::nullopt;
      if (!trigger) reader.refuse("triggers", "must hold UUIDs");
      call.triggers.push_back(trigger.value_or(Uuid{}));
    }
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
  });
}

Result<model::JobSpec> decode_job(std::string_view body) {
  Result<json::value> value = parse_json(body);
  if (!value) return tl::unexpected<Error>(value.error());
  const json::object* outer = value->if_object();
  const json::value* inner = outer == nullptr ? nullptr : outer->if_contains("job");
  if (inner == nullptr) return fail(Errc::invalid, "The answer to a claim has no job.", "job");
  MessageReader reader(*inner, "job");
  model::JobSpec job;
  job.build_uuid = reader.uuid("build_uuid");
  job.lease_id = reader.uuid("lease_id");
  job.lease_ms = reader.number("lease_ms", 1, 24LL * 60 * 60'000);
  job.attempt = static_cast<int>(reader.number("attempt", 1, 1'000'000));
  job.account_id = reader.text("account_id");
  job.worker_tag = reader.text("worker_tag");
  job.worker_name = reader.text("worker_name");
  job.clone_url = reader.text("clone_url");
  job.clone_authorization = reader.text("clone_authorization");
  for (const json::value& item : reader.list("local_repositories", 10'000)) {
    if (item.is_string()) job.local_repositories.emplace_back(item.get_string());
  }
  job.branch = reader.text("branch");
  job.commit_hash = reader.text("commit_hash");
  job.build_command = reader.text("build_command");
  job.deploy_command = reader.text("deploy_command");
  job.root_directory = reader.text("root_directory");
  job.environment = read_environment(reader);
  job.api_base_url = reader.text("api_base_url");
  job.api_token = reader.text("api_token");
  job.build_token_missing = reader.boolean("build_token_missing");
  job.build_caching_enabled = reader.boolean("build_caching_enabled");
  job.trigger_uuid = reader.uuid("trigger_uuid");
  const auto trust = model::parse_cache_trust(reader.text("cache_trust"));
  if (!trust) reader.refuse("cache_trust", "must be production, branch or fork");
  job.cache_trust = trust.value_or(model::CacheTrust::fork);
  job.cache_epoch = reader.number("cache_epoch", 0, kMostEpochs);
  job.restricted = reader.boolean("restricted");
  job.require_version = reader.boolean("require_version");
  job.timeout_ms = reader.number("timeout_ms", 1, 7LL * 24 * 60 * 60'000);
  if (Status status = reader.status(); !status) return tl::unexpected<Error>(status.error());
  return job;
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
