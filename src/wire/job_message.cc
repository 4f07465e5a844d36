// The answer to a claim: a job, with everything that a runner needs to know of its build.
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "wire/json.h"
#include "wire/message_reader.h"
#include "wire/runner_protocol.h"

namespace kiln::wire {
namespace {

namespace json = boost::json;

constexpr std::int64_t kMostEpochs = 1'000'000'000'000;
constexpr std::size_t kMostSshKeys = 100;

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

}  // namespace

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
  object["ssh_keys"] = json::array(job.ssh.keys.begin(), job.ssh.keys.end());
  object["ssh_host_keys"] = job.ssh.host_keys;
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
  job.ssh.keys = reader.texts("ssh_keys", kMostSshKeys);
  job.ssh.host_keys = reader.text("ssh_host_keys");
  job.local_repositories = reader.texts("local_repositories", 10'000);
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

}  // namespace kiln::wire
