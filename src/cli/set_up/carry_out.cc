#include "cli/set_up/carry_out.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/array.hpp>

#include "cli/print.h"
#include "cli/set_up/kinds.h"

namespace kiln::cli {
namespace {

namespace json = boost::json;

// One call of the API, and where its answer has the id of what was made.
struct ApiCall {
  std::string method;
  std::string path;
  json::object body;
  std::string id{};
};

class Carrying {
 public:
  Carrying(Server& server, const Here& here, SecretValues& secrets)
      : server_(server),
        secrets_(secrets),
        ids_(here.ids),
        account_("/client/v4/accounts/" + server.account_id()) {}

  DoneStep carry(const Step& step) {
    DoneStep done{step};
    if (step.action == Action::there || step.action == Action::differs) return done;
    if (step.action == Action::later || step.action == Action::cannot || step.action == Action::ask) {
      done.outcome = Outcome::left;
      return done;
    }
    done.outcome = Outcome::not_tried;
    if (gone_ || lacks_reference(step.resource)) return done;
    const Status made = make_or_change(done);
    if (made) return done;
    done.outcome = Outcome::failed;
    done.error = made.error().message;
    gone_ = made.error().code == Errc::unavailable || made.error().code == Errc::unauthenticated;
    return done;
  }

 private:
  Status make_or_change(DoneStep& done) {
    std::string secret;
    if (needs_secret(done.step.resource)) {
      Result<std::optional<std::string>> value = secrets_.of(done.step.resource.name);
      if (!value) return tl::unexpected<Error>(value.error());
      if (!*value) {
        done.outcome = Outcome::left;
        done.step.action = Action::ask;
        done.step.why = "nobody gave its value";
        done.step.command = command_for_value(done.step.resource);
        return {};
      }
      secret = **std::move(value);
    }
    const ApiCall asked = ask_for(done.step, secret);
    const Result<json::value> answer = server_.call(asked.method, asked.path, asked.body);
    if (!answer) return tl::unexpected<Error>(answer.error());
    done.outcome = Outcome::done;
    if (done.step.action == Action::make) remember(done, text_at(*answer, asked.id));
    return {};
  }

  void remember(DoneStep& done, const std::string& id) {
    ids_[{done.step.resource.type, done.step.resource.name}] = id;
    if (done.step.resource.type == "deploy_hook") done.url = api_url() + "/workers/builds/deploy_hooks/" + id;
  }

  [[nodiscard]] std::string api_url() const {
    const std::string here = text_at(server_.facts(), "api_base_url");
    return here.empty() ? server_.place() + "/client/v4" : here;
  }

  [[nodiscard]] std::string id(const std::string& type, const std::string& name) const {
    const auto found = ids_.find({type, name});
    return found == ids_.end() ? "" : found->second;
  }
  [[nodiscard]] std::string id_at(const Resource& resource, const char* type) const {
    return id(type, text_at(resource.attributes, type));
  }

  [[nodiscard]] bool lacks_reference(const Resource& resource) const {
    const std::vector<Attribute>& all = kind_of(resource.type)->attributes;
    return std::any_of(all.begin(), all.end(), [&](const Attribute& one) {
      const json::value* name = resource.attributes.if_contains(one.name);
      return !one.refers_to.empty() && name != nullptr &&
             id(std::string(one.refers_to), std::string(name->get_string())).empty();
    });
  }

  [[nodiscard]] ApiCall ask_for(const Step& step, const std::string& secret) const {
    const Resource& resource = step.resource;
    if (resource.type == "worker") return for_worker(step);
    if (resource.type == "trigger") return for_trigger(step);
    if (resource.type == "variable") return for_variable(resource, secret);
    if (resource.type == "deploy_hook") return for_hook(step);
    if (resource.type == "queue") return for_queue(step);
    if (resource.type == "queue_consumer") return for_consumer(step);
    if (resource.type == "event_subscription") return for_subscription(step);
    if (resource.type == "kv_namespace")
      return {"POST", account_ + "/storage/kv/namespaces", {{"title", resource.name}}, "id"};
    if (resource.type == "d1_database")
      return {"POST", account_ + "/d1/database", {{"name", resource.name}}, "uuid"};
    if (resource.type == "r2_bucket")
      return {"POST",
              account_ + "/r2/buckets",
              {{"name", resource.name}, {"storageClass", text_at(resource.attributes, "storage_class")}},
              "name"};
    if (resource.type == "repository") {
      json::object body = resource.attributes;
      if (text_at(body, "clone_url") == usual_clone_url(body)) body.erase("clone_url");
      return {"PUT", server_.builds_path() + "/repos/connections", std::move(body), "repo_connection_uuid"};
    }
    if (resource.type == "build_token") {
      json::object body = resource.attributes;
      body["build_token_name"] = resource.name;
      body["build_token_secret"] = secret;
      return {"POST", server_.builds_path() + "/tokens", std::move(body), "build_token_uuid"};
    }
    return {
        "PUT",
        server_.scripts_path() + "/" + url_part(text_at(resource.attributes, "worker")) + "/secrets",
        {{"name", text_at(resource.attributes, "secret_name")}, {"text", secret}, {"type", "secret_text"}}};
  }

  [[nodiscard]] ApiCall for_worker(const Step& step) const {
    json::object addresses;
    const auto put = [&](const char* name, const char* field) {
      const json::value* value = step.resource.attributes.if_contains(name);
      if (value != nullptr) addresses[field] = *value;
    };
    put("workers_dev", "enabled");
    put("preview_urls", "previews_enabled");
    const std::string& name = step.resource.name;
    if (step.action == Action::change)
      return {"PATCH", server_.workers_path() + "/" + url_part(name), {{"subdomain", addresses}}};
    return {"POST", server_.workers_path(), {{"name", name}, {"subdomain", addresses}}, "id"};
  }

  [[nodiscard]] ApiCall for_trigger(const Step& step) const {
    json::object body;
    for (const Attribute& attribute : kind_of("trigger")->attributes) {
      const json::value* value = step.resource.attributes.if_contains(attribute.name);
      if (value != nullptr && attribute.refers_to.empty()) body[attribute.name] = *value;
    }
    if (const std::string token = id_at(step.resource, "build_token"); !token.empty())
      body["build_token_uuid"] = token;
    const std::string all = server_.builds_path() + "/triggers";
    if (step.action == Action::change)
      return {"PATCH", all + "/" + id("trigger", step.resource.name), std::move(body)};
    body["external_script_id"] = id_at(step.resource, "worker");
    body["repo_connection_uuid"] = id_at(step.resource, "repository");
    return {"POST", all, std::move(body), "trigger_uuid"};
  }

  [[nodiscard]] ApiCall for_variable(const Resource& resource, const std::string& secret) const {
    const bool is_secret = needs_secret(resource);
    json::object body;
    body[text_at(resource.attributes, "key")] = json::object{
        {"is_secret", is_secret}, {"value", is_secret ? secret : text_at(resource.attributes, "value")}};
    return {"PATCH",
            server_.builds_path() + "/triggers/" + id_at(resource, "trigger") + "/environment_variables",
            std::move(body)};
  }

  [[nodiscard]] ApiCall for_hook(const Step& step) const {
    const json::object& attributes = step.resource.attributes;
    const std::string all =
        server_.builds_path() + "/workers/" + url_part(text_at(attributes, "worker")) + "/deploy_hooks";
    json::object body{{"deploy_hook_name", text_at(attributes, "deploy_hook_name")},
                      {"branch", text_at(attributes, "branch")}};
    if (step.action == Action::change)
      return {"PUT", all + "/" + id("deploy_hook", step.resource.name), std::move(body)};
    return {"POST", all, std::move(body), "deploy_hook_uuid"};
  }

  [[nodiscard]] ApiCall for_queue(const Step& step) const {
    json::object body{{"queue_name", step.resource.name}};
    if (!step.resource.attributes.empty()) body["settings"] = step.resource.attributes;
    if (step.action == Action::change)
      return {"PATCH", account_ + "/queues/" + id("queue", step.resource.name), std::move(body)};
    return {"POST", account_ + "/queues", std::move(body), "queue_id"};
  }

  [[nodiscard]] ApiCall for_consumer(const Step& step) const {
    json::object settings = step.resource.attributes;
    settings.erase("queue");
    settings.erase("dead_letter_queue");
    json::object body{{"type", "http_pull"}, {"settings", std::move(settings)}};
    const std::string unread = text_at(step.resource.attributes, "dead_letter_queue");
    if (!unread.empty() || step.action == Action::change) body["dead_letter_queue"] = unread;
    const std::string all = account_ + "/queues/" + id_at(step.resource, "queue") + "/consumers";
    if (step.action == Action::change)
      return {"PUT", all + "/" + id("queue_consumer", step.resource.name), std::move(body)};
    return {"POST", all, std::move(body), "consumer_id"};
  }

  [[nodiscard]] ApiCall for_subscription(const Step& step) const {
    json::object body{
        {"name", step.resource.name},
        {"destination", {{"type", "queues.queue"}, {"queue_id", id_at(step.resource, "queue")}}},
        {"events", step.resource.attributes.at("events")}};
    if (const json::value* enabled = step.resource.attributes.if_contains("enabled"); enabled != nullptr)
      body["enabled"] = *enabled;
    const std::string all = account_ + "/event_subscriptions/subscriptions";
    if (step.action == Action::change)
      return {"PATCH", all + "/" + id("event_subscription", step.resource.name), std::move(body)};
    body["source"] = json::object{{"type", "workersBuilds.worker"},
                                  {"worker_name", text_at(step.resource.attributes, "worker_name")}};
    return {"POST", all, std::move(body), "id"};
  }

  Server& server_;
  SecretValues& secrets_;
  std::map<std::pair<std::string, std::string>, std::string> ids_;
  std::string account_;
  bool gone_ = false;
};

}  // namespace

std::vector<DoneStep> carry_out(Server& server, const Here& here, const Plan& plan, SecretValues& secrets) {
  Carrying carrying(server, here, secrets);
  std::vector<DoneStep> done;
  done.reserve(plan.steps.size());
  for (const Step& step : plan.steps) done.push_back(carrying.carry(step));
  return done;
}

}  // namespace kiln::cli
