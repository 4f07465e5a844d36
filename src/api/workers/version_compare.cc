// What is different from the version that is live, or from one that is named. Kiln's own.
#include <boost/json.hpp>
#include <map>
#include <set>

#include "api/error_table.h"
#include "api/workers/handlers.h"
#include "base/sizes.h"
#include "wire/or_null.h"

namespace kiln::api {
namespace {

namespace json = boost::json;

using Words = std::optional<std::string>;

void add_change(json::array& changes, std::string_view subject, const Words& name, const Words& from,
                const Words& to) {
  changes.push_back({{"subject", subject},
                     {"name", wire::text_or_null(name)},
                     {"from", wire::text_or_null(from)},
                     {"to", wire::text_or_null(to)}});
}

// A named part of a version: what is compared, and what people are shown.
struct Part {
  std::string content;
  std::string shown;
};
using Parts = std::map<std::string, Part>;

void compare_parts(json::array& changes, std::string_view subject, const Parts& from, const Parts& to) {
  std::set<std::string> names;
  for (const auto& [name, part] : from) names.insert(name);
  for (const auto& [name, part] : to) names.insert(name);
  for (const std::string& name : names) {
    const auto before = from.find(name);
    const auto after = to.find(name);
    if (before != from.end() && after != to.end() && before->second.content == after->second.content)
      continue;
    add_change(changes, subject, name, before == from.end() ? Words() : Words(before->second.shown),
               after == to.end() ? Words() : Words(after->second.shown));
  }
}

Parts modules_of(const model::Version& version) {
  Parts parts;
  for (const model::VersionModule& module : version.modules)
    parts[module.name] = {module.blob + module.content_type, size_words(module.size)};
  return parts;
}

Parts assets_of(const model::Version& version) {
  Parts parts;
  for (const model::AssetFile& file : version.assets) parts[file.path] = {file.hash, size_words(file.size)};
  return parts;
}

// Secrets stand among the bindings by their names alone, and are told apart.
Parts bindings_of(const model::Version& version) {
  Parts parts;
  boost::system::error_code damaged;
  const json::value bindings = json::parse(version.bindings_json, damaged);
  if (damaged || !bindings.is_array()) return parts;
  for (const json::value& binding : bindings.get_array()) {
    const json::object* object = binding.if_object();
    const json::value* name = object != nullptr ? object->if_contains("name") : nullptr;
    const json::value* type = object != nullptr ? object->if_contains("type") : nullptr;
    if (name == nullptr || type == nullptr || !name->is_string() || !type->is_string()) continue;
    if (type->get_string() == "secret_text") continue;
    parts[std::string(name->get_string())] = {json::serialize(binding), std::string(type->get_string())};
  }
  return parts;
}

json::array changes_of(const model::Version& from, const model::Version& to) {
  json::array changes;
  const auto one = [&changes](std::string_view subject, const std::string& before, const std::string& after) {
    if (before != after)
      add_change(changes, subject, std::nullopt, before.empty() ? Words() : Words(before),
                 after.empty() ? Words() : Words(after));
  };
  one("main_module", from.main_module, to.main_module);
  one("compatibility_date", from.compatibility_date, to.compatibility_date);
  one("compatibility_flag", from.compatibility_flags_json, to.compatibility_flags_json);
  one("limit", from.limits_json, to.limits_json);
  compare_parts(changes, "module", modules_of(from), modules_of(to));
  compare_parts(changes, "binding", bindings_of(from), bindings_of(to));
  compare_parts(changes, "asset", assets_of(from), assets_of(to));
  return changes;
}

json::array missing_in(const std::map<std::string, std::string>& other,
                       const std::map<std::string, std::string>& secrets) {
  json::array names;
  for (const auto& [name, value] : secrets) {
    if (!other.contains(name)) names.emplace_back(name);
  }
  return names;
}

// The versions to compare with, that with the greatest share first; none before the first deployment.
Result<std::vector<Uuid>> others_of(const WorkersDeps& deps, const Call& call, const model::Worker& worker) {
  const std::string to = call.request.query_value("to").value_or("live");
  if (to != "live") {
    const Result<model::Version> named = version_of(deps, worker, to);
    if (!named) return tl::unexpected<Error>(named.error());
    return std::vector<Uuid>{named->id};
  }
  const auto deployments = deps.ports.versions.deployments(worker.tag, {1, 1});
  if (!deployments) return tl::unexpected<Error>(deployments.error());
  std::vector<model::DeploymentTarget> targets;
  if (!deployments->items.empty()) targets = deployments->items.front().versions;
  std::stable_sort(targets.begin(), targets.end(),
                   [](const auto& a, const auto& b) { return a.percentage > b.percentage; });
  std::vector<Uuid> ids;
  ids.reserve(targets.size());
  for (const model::DeploymentTarget& target : targets) ids.push_back(target.version_id);
  return ids;
}

Result<http::Reply> compare_versions(const WorkersDeps& deps, const Call& call) {
  const Result<model::Worker> worker = worker_to_read(deps, call);
  if (!worker) return tl::unexpected<Error>(worker.error());
  const Result<model::Version> version = version_of(deps, *worker, call.request.param("version_id"));
  if (!version) return tl::unexpected<Error>(version.error());
  const Result<std::vector<Uuid>> others = others_of(deps, call, *worker);
  if (!others) return tl::unexpected<Error>(others.error());
  json::array ids;
  for (const Uuid& id : *others) ids.emplace_back(id.str());
  json::array changes;
  json::object secrets = {{"only_here", json::array()}, {"only_there", json::array()}};
  if (!others->empty()) {
    const Result<model::Version> other = deps.ports.versions.version(worker->tag, others->front());
    if (!other) return tl::unexpected<Error>(other.error());
    const auto here = deps.ports.versions.version_secrets(version->id);
    if (!here) return tl::unexpected<Error>(here.error());
    const auto there = deps.ports.versions.version_secrets(other->id);
    if (!there) return tl::unexpected<Error>(there.error());
    changes = changes_of(*other, *version);
    secrets = {{"only_here", missing_in(*there, *here)}, {"only_there", missing_in(*here, *there)}};
  }
  return success_response(json::object{{"other_version_ids", std::move(ids)},
                                       {"changes", std::move(changes)},
                                       {"secrets", std::move(secrets)}});
}

}  // namespace

void add_version_compare_routes(const AddRoute& add, const WorkersDeps& deps) {
  add("GET", script_path("/versions/{version_id}/compare"), Needs::scripts_read, {},
      [deps](const Call& call) { return compare_versions(deps, call); });
}

}  // namespace kiln::api
