#include "provenance/statement.h"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <string_view>

#include "base/escape.h"
#include "base/hash.h"
#include "base/hex.h"
#include "base/strings.h"
#include "base/time_format.h"
#include "model/clone_url.h"

namespace kiln::provenance {
namespace {

// As the runner was given it, whatever has become of the trigger since; of a build that did not come so far,
// as the trigger says.
std::string repository_of(const BuildFacts& facts) {
  const std::string& built = facts.materials.repository;
  return to_valid_utf8(repository_uri(built.empty() ? facts.trigger.connection.clone_url : built));
}

// That was checked out, or at least asked for; empty: nobody knows.
std::string commit_of(const BuildFacts& facts) {
  const std::string& built = facts.materials.commit;
  return to_valid_utf8(built.empty() ? facts.build.metadata.commit_hash : built);
}

namespace json = boost::json;

json::object subject_json(const Subject& subject) {
  return {{"name", subject.name}, {"digest", json::object{{"sha256", subject.sha256}}}};
}

// {"sha512": "<hex>"} of "sha512-<base64>"; empty when the text is no such hash.
json::object digest_of_integrity(std::string_view integrity) {
  struct Algorithm {
    std::string_view name;
    std::size_t bytes;
  };
  for (const Algorithm& one :
       {Algorithm{"sha512", 64}, Algorithm{"sha384", 48}, Algorithm{"sha256", 32}, Algorithm{"sha1", 20}}) {
    if (!integrity.starts_with(one.name) || integrity.substr(one.name.size(), 1) != "-") continue;
    const auto bytes = from_base64(integrity.substr(one.name.size() + 1));
    if (bytes && bytes->size() == one.bytes) {
      json::object digest;
      digest[one.name] = to_hex(*bytes);
      return digest;
    }
  }
  return {};
}

// A command is told by its digest alone: what it says may be its owner's secret.
void add_command(json::object& commands, std::string_view name, const std::string& command) {
  if (!command.empty()) commands[name] = json::object{{"sha256", sha256_hex(command)}};
}

json::object external_parameters(const BuildFacts& facts) {
  const model::Build& build = facts.build;
  json::object commands;
  add_command(commands, "build", build.metadata.build_command);
  add_command(commands, "deploy", build.metadata.deploy_command);
  json::object out = {
      {"source",
       {{"repository", repository_of(facts)},
        {"branch", to_valid_utf8(build.metadata.branch)},
        {"commit", commit_of(facts)}}},
      {"rootDirectory", to_valid_utf8(build.metadata.root_directory)},
      {"trigger",
       {{"id", build.trigger_uuid.str()},
        {"name", to_valid_utf8(facts.trigger.name)},
        {"cause", to_string(build.metadata.source)}}},
      {"worker",
       {{"name", to_valid_utf8(facts.worker_name)}, {"id", build.worker_tag}, {"account", build.account_id}}},
      {"commands", std::move(commands)}};
  if (build.pull_request) out["pullRequest"] = to_valid_utf8(build.pull_request->url);
  return out;
}

json::object internal_parameters(const BuildFacts& facts) {
  json::array tools;
  for (const model::ToolUsed& tool : facts.tools)
    tools.push_back(
        json::object{{"name", to_valid_utf8(tool.name)}, {"version", to_valid_utf8(tool.version)}});
  json::object out = {{"attempt", facts.attempt},
                      {"restricted", facts.build.restricted},
                      {"caching", facts.trigger.build_caching_enabled},
                      {"tools", std::move(tools)}};
  if (const auto named = facts.materials.packages_named;
      named > static_cast<std::int64_t>(facts.materials.packages.size()))
    out["packagesInLockFile"] = named;
  return out;
}

json::array resolved_dependencies(const BuildFacts& facts) {
  json::array out;
  const std::string repository = repository_of(facts);
  json::object source = {{"uri", repository}};
  if (const std::string commit = commit_of(facts); !commit.empty())
    source["digest"] = json::object{{"gitCommit", commit}};
  out.push_back(std::move(source));
  const model::Materials& materials = facts.materials;
  if (!materials.lock_file.empty()) {
    json::object lock = {{"name", to_valid_utf8(materials.lock_file)},
                         {"uri", repository + "#" + url_encode(to_valid_utf8(materials.lock_file))}};
    if (!materials.lock_sha256.empty()) lock["digest"] = json::object{{"sha256", materials.lock_sha256}};
    out.push_back(std::move(lock));
  }
  for (const model::LockedPackage& package : materials.packages) {
    json::object one = {{"uri", npm_uri(package)}};
    if (json::object digest = digest_of_integrity(package.integrity); !digest.empty())
      one["digest"] = std::move(digest);
    out.push_back(std::move(one));
  }
  return out;
}

json::object run_details(const BuildFacts& facts, const Builder& builder) {
  const model::Build& build = facts.build;
  json::object metadata = {{"invocationId", build.uuid.str()}};
  if (build.initializing_on) metadata["startedOn"] = format_rfc3339(*build.initializing_on);
  if (build.stopped_on) metadata["finishedOn"] = format_rfc3339(*build.stopped_on);
  if (build.outcome) metadata["kiln_outcome"] = to_string(*build.outcome);
  return {
      {"builder", {{"id", kInstallation + builder.key_id}, {"version", {{"kiln", builder.kiln_version}}}}},
      {"metadata", std::move(metadata)}};
}

}  // namespace

std::string repository_uri(const std::string& clone_url) {
  if (clone_url.starts_with('/')) return "git+file://" + url_encode_path(clone_url);
  std::string url = model::without_credentials(clone_url);
  if (url.find("://") != url.npos) return "git+" + url.substr(0, url.find_first_of("?#"));
  const std::size_t colon = url.find(':');  // user@host:path
  if (colon == url.npos) return "git+" + url;
  const std::string path = url.substr(colon + 1);
  return "git+ssh://" + url.substr(0, colon) + (path.starts_with('/') ? "" : "/") + path;
}

std::string npm_uri(const model::LockedPackage& package) {
  const std::string name = to_valid_utf8(package.name);
  const std::size_t slash = name.find('/');
  const std::string path = slash == name.npos
                               ? url_encode(name)
                               : url_encode(name.substr(0, slash)) + "/" + url_encode(name.substr(slash + 1));
  return "pkg:npm/" + path + "@" + url_encode(to_valid_utf8(package.version));
}

std::string statement_text(const BuildFacts& facts, const Builder& builder,
                           const std::vector<Subject>& subjects) {
  json::array named;
  for (const Subject& subject : subjects) {
    if (!subject.sha256.empty()) named.push_back(subject_json(subject));
  }
  return json::serialize(json::object{{"_type", kStatementType},
                                      {"subject", std::move(named)},
                                      {"predicateType", kPredicateType},
                                      {"predicate",
                                       {{"buildDefinition",
                                         {{"buildType", kBuildType},
                                          {"externalParameters", external_parameters(facts)},
                                          {"internalParameters", internal_parameters(facts)},
                                          {"resolvedDependencies", resolved_dependencies(facts)}}},
                                        {"runDetails", run_details(facts, builder)}}}});
}

}  // namespace kiln::provenance
