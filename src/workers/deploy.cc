#include "workers/deploy.h"

#include <boost/json/array.hpp>
#include <cmath>

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

// Going back to an older version than the newest one live now is shown as a rollback.
Result<std::string> trigger_of(Ports& ports, const std::string& worker_tag,
                               const std::vector<model::DeploymentTarget>& targets) {
  const Result<store::Paged<model::Deployment>> live = ports.store.deployments(worker_tag, {1, 1});
  if (!live) return tl::unexpected<Error>(live.error());
  const auto newest = [&](const std::vector<model::DeploymentTarget>& list) -> Result<int> {
    int number = 0;
    for (const model::DeploymentTarget& target : list) {
      const Result<model::Version> version = ports.store.version(worker_tag, target.version_id);
      if (!version) return tl::unexpected<Error>(version.error());
      number = std::max(number, version->number);
    }
    return number;
  };
  const Result<int> wanted = newest(targets);
  if (!wanted) return tl::unexpected<Error>(wanted.error());
  if (live->items.empty()) return std::string("promotion");
  const Result<int> current = newest(live->items[0].versions);
  if (!current) return tl::unexpected<Error>(current.error());
  return std::string(*wanted < *current ? "rollback" : "promotion");
}

}  // namespace

Result<model::Deployment> deploy_versions(Ports& ports, const Actor& actor, const model::Worker& worker,
                                          const json::object& body) {
  const Result<std::vector<model::DeploymentTarget>> targets = parse_targets(body);
  if (!targets) return tl::unexpected<Error>(targets.error());
  const Result<std::string> message = message_of(body);
  if (!message) return tl::unexpected<Error>(message.error());
  const Result<std::string> trigger = trigger_of(ports, worker.tag, *targets);
  if (!trigger) return tl::unexpected<Error>(trigger.error());
  model::Deployment deployment;
  deployment.id = ports.entropy.uuid();
  deployment.worker_tag = worker.tag;
  deployment.created_on = ports.clock.now();
  deployment.source = actor.source;
  deployment.author_email = actor.author_email;
  deployment.annotations_json =
      annotations_json({{"workers/message", *message}, {"workers/triggered_by", *trigger}});
  deployment.versions = *targets;
  deployment.build_uuid = actor.build;
  if (const Status added = ports.store.add_deployment(deployment); !added)
    return tl::unexpected<Error>(added.error());
  return deployment;
}

}  // namespace kiln::workers
