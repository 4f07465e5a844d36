#include "workers/deploy.h"

#include <boost/json/array.hpp>
#include <cmath>
#include <map>
#include <optional>
#include <set>

#include "workers/draft.h"

namespace kiln::workers {
namespace {

namespace json = boost::json;

constexpr std::size_t kMaxMessage = 1024;

Result<model::DeploymentTarget> parse_target(const json::value& value) {
  const json::object* target = value.if_object();
  const json::value* id = target == nullptr ? nullptr : target->if_contains("version_id");
  const json::value* percentage = target == nullptr ? nullptr : target->if_contains("percentage");
  const std::optional<Uuid> version =
      id != nullptr && id->is_string() ? Uuid::parse(id->get_string()) : std::optional<Uuid>();
  if (!version || percentage == nullptr || !percentage->is_number()) {
    return fail(Errc::invalid, "Each of versions needs a version_id and a percentage.", "versions");
  }
  return model::DeploymentTarget{*version, percentage->to_number<double>()};
}

Result<std::vector<model::DeploymentTarget>> parse_targets(const json::object& body) {
  const json::value* list = body.if_contains("versions");
  if (list == nullptr || !list->is_array() || list->get_array().empty() || list->get_array().size() > 2) {
    return fail(Errc::invalid, "A deployment has one or two versions.", "versions");
  }
  std::vector<model::DeploymentTarget> targets;
  double sum = 0;
  for (const json::value& item : list->get_array()) {
    Result<model::DeploymentTarget> target = parse_target(item);
    if (!target) return tl::unexpected<Error>(target.error());
    if (target->percentage < 0 || target->percentage > 100) {
      return fail(Errc::invalid, "A percentage lies between 0 and 100.", "versions");
    }
    sum += target->percentage;
    targets.push_back(*target);
  }
  if (std::abs(sum - 100) > 0.001)
    return fail(Errc::invalid, "The percentages must make 100 together.", "versions");
  if (targets.size() == 2 && targets[0].version_id == targets[1].version_id) {
    return fail(Errc::invalid, "The two versions of a deployment must be different.", "versions");
  }
  return targets;
}

Result<std::string> message_of(const json::object& body) {
  const json::value* annotations = body.if_contains("annotations");
  const json::object* object = annotations == nullptr ? nullptr : annotations->if_object();
  const json::value* message = object == nullptr ? nullptr : object->if_contains("workers/message");
  if (message == nullptr || message->is_null()) return std::string();
  if (!message->is_string() || message->get_string().size() > kMaxMessage) {
    return fail(Errc::invalid, "workers/message must be a short string.", "annotations");
  }
  return std::string(message->get_string());
}

// What a deployment does to the newest version that is live now.
struct Change {
  std::string trigger;       // "promotion", or "rollback" to an older version than that
  std::optional<Uuid> live;  // that version
};

Result<model::Version> newest_of(Ports& ports, const std::string& worker_tag,
                                 const std::vector<model::DeploymentTarget>& targets) {
  std::optional<model::Version> newest;
  for (const model::DeploymentTarget& target : targets) {
    Result<model::Version> version = ports.versions.version(worker_tag, target.version_id);
    if (!version) return version;
    if (version->preview_id) {
      return fail(Errc::version_not_found,
                  "version " + target.version_id.str() +
                      " is a preview's deployment, not one of this Worker's "
                      "versions",
                  "versions");
    }
    if (!newest || version->number > newest->number) newest = *std::move(version);
  }
  if (!newest) return fail(Errc::internal, "a deployment without versions");
  return *std::move(newest);
}

Result<Change> change_to(Ports& ports, const std::string& worker_tag,
                         const std::vector<model::DeploymentTarget>& targets) {
  const Result<model::Version> wanted = newest_of(ports, worker_tag, targets);
  if (!wanted) return tl::unexpected<Error>(wanted.error());
  const Result<store::Paged<model::Deployment>> deployed = ports.versions.deployments(worker_tag, {1, 1});
  if (!deployed) return tl::unexpected<Error>(deployed.error());
  if (deployed->items.empty()) return Change{"promotion", {}};
  const Result<model::Version> live = newest_of(ports, worker_tag, deployed->items[0].versions);
  if (!live) return tl::unexpected<Error>(live.error());
  return Change{wanted->number < live->number ? "rollback" : "promotion", live->id};
}

// Names of the secrets that one of the two has alone or with another text.
Result<std::set<std::string>> different_secrets(Ports& ports, const Uuid& one, const Uuid& other) {
  const Result<std::map<std::string, std::string>> mine = ports.versions.version_secrets(one);
  if (!mine) return tl::unexpected<Error>(mine.error());
  const Result<std::map<std::string, std::string>> theirs = ports.versions.version_secrets(other);
  if (!theirs) return tl::unexpected<Error>(theirs.error());
  std::set<std::string> names;
  for (const auto& [from, to] : {std::pair(&*mine, &*theirs), std::pair(&*theirs, &*mine)}) {
    for (const auto& [name, text] : *from) {
      const auto there = to->find(name);
      if (there == to->end() || there->second != text) names.insert(name);
    }
  }
  return names;
}

Status check_secrets(Ports& ports, const Uuid& live, const std::vector<model::DeploymentTarget>& targets) {
  std::set<std::string> changed;
  for (const model::DeploymentTarget& target : targets) {
    Result<std::set<std::string>> names = different_secrets(ports, live, target.version_id);
    if (!names) return tl::unexpected<Error>(names.error());
    changed.merge(*names);
  }
  if (changed.empty()) return {};
  std::string list;
  for (const std::string& name : changed) list += (list.empty() ? "" : ", ") + name;
  // Clients cut the names out behind the last colon.
  return fail(Errc::secrets_changed,
              "Going back to this version brings back its secrets, which are not those of the live one; ask "
              "for it with force=true. The following secrets have changed: " +
                  list,
              "versions");
}

}  // namespace

Result<model::Deployment> deploy_versions(Ports& ports, const Actor& actor, const model::Worker& worker,
                                          const json::object& body, bool force) {
  const Result<std::vector<model::DeploymentTarget>> targets = parse_targets(body);
  if (!targets) return tl::unexpected<Error>(targets.error());
  const Result<std::string> message = message_of(body);
  if (!message) return tl::unexpected<Error>(message.error());
  const Result<Change> change = change_to(ports, worker.tag, *targets);
  if (!change) return tl::unexpected<Error>(change.error());
  if (change->trigger == "rollback" && !force) {
    if (const Status same = check_secrets(ports, *change->live, *targets); !same) {
      return tl::unexpected<Error>(same.error());
    }
  }
  model::Deployment deployment;
  deployment.id = ports.entropy.uuid();
  deployment.worker_tag = worker.tag;
  deployment.created_on = ports.clock.now();
  deployment.source = actor.source;
  deployment.author_email = actor.author_email;
  deployment.annotations_json =
      annotations_json({{"workers/message", *message}, {"workers/triggered_by", change->trigger}});
  deployment.versions = *targets;
  deployment.build_uuid = actor.build;
  if (const Status added = ports.versions.add_deployment(deployment); !added)
    return tl::unexpected<Error>(added.error());
  for (const model::DeploymentTarget& target : deployment.versions) {
    if (ports.start_ahead) ports.start_ahead(target.version_id);
  }
  return deployment;
}

}  // namespace kiln::workers
