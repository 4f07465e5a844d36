#include "cli/set_up/here.h"

#include <fmt/format.h>

#include <boost/json/array.hpp>

#include "cli/print.h"
#include "cli/set_up/kinds.h"

namespace kiln::cli {
namespace {

namespace json = boost::json;

// The token that a trigger without a choice of its own deploys with: there is one in every account.
constexpr const char* kDefaultToken = "Default build token";

Result<json::array> every_page(Server& server, const std::string& path) {
  json::array all;
  Listed listed;
  for (std::int64_t page = 1; page <= listed.pages; ++page) {
    const char* joint = path.find('?') == std::string::npos ? "?" : "&";
    Result<Listed> next = server.get_list(fmt::format("{}{}per_page=100&page={}", path, joint, page));
    if (!next) return tl::unexpected<Error>(next.error());
    listed = *std::move(next);
    if (!listed.items.is_array()) return fail(Errc::corrupt, "the server's answer is no list: " + path);
    all.insert(all.end(), listed.items.get_array().begin(), listed.items.get_array().end());
  }
  return all;
}

// Reads one subject after another; the first error is kept, and nothing is asked any more.
class ReadingHere {
 public:
  explicit ReadingHere(Server& server)
      : server_(server), account_("/client/v4/accounts/" + server.account_id()) {}

  Result<Here> all() {
    subdomain();
    workers();
    keepers();
    repositories();
    build_tokens();
    triggers();
    for (const std::string& name : workers_) of_worker(name);
    event_subscriptions();
    strangers();
    if (!status_) return tl::unexpected<Error>(status_.error());
    return std::move(here_);
  }

 private:
  json::array list(const std::string& path) {
    if (!status_) return {};
    Result<json::array> items = every_page(server_, path);
    if (items) return *std::move(items);
    status_ = tl::unexpected<Error>(items.error());
    return {};
  }
  json::value get(const std::string& path) {
    if (!status_) return {};
    Result<json::value> answer = server_.get(path);
    if (answer) return *std::move(answer);
    status_ = tl::unexpected<Error>(answer.error());
    return {};
  }

  // The name that it has among the others.
  std::string add(const std::string& type, const std::string& wanted, const std::string& id,
                  json::object attributes) {
    std::string name = unused_name(here_.set_up, type, wanted);
    here_.ids[{type, name}] = id;
    here_.set_up.resources.push_back({type, name, std::move(attributes)});
    return name;
  }
  void leave(const char* type, const std::string& name, std::string why, std::vector<std::string> command) {
    here_.set_up.left_over.push_back({type, name, std::move(why), std::move(command)});
  }

  void subdomain() {
    const std::string name = text_at(get(account_ + "/workers/subdomain"), "subdomain");
    if (!name.empty()) add("subdomain", name, name, {});
  }

  void workers() {
    for (const json::value& one : list(server_.workers_path() + "?order=asc")) {
      const std::string name = text_at(one, "name");
      workers_.push_back(name);
      workers_by_tag_[text_at(one, "id")] = name;
      add("worker", name, text_at(one, "id"),
          {{"workers_dev", is_true_at(one, "subdomain/enabled")},
           {"preview_urls", is_true_at(one, "subdomain/previews_enabled")}});
    }
    const json::value scripts = get(server_.scripts_path());
    if (!scripts.is_array()) return;
    for (const json::value& one : scripts.get_array()) {
      if (!text_at(one, "etag").empty()) here_.uploaded.insert(text_at(one, "id"));
    }
  }

  // What keeps things: its own content is no set-up.
  void keepers() {
    for (const json::value& one : list(account_ + "/storage/kv/namespaces"))
      add("kv_namespace", text_at(one, "title"), text_at(one, "id"), {});
    for (const json::value& one : list(account_ + "/d1/database"))
      add("d1_database", text_at(one, "name"), text_at(one, "uuid"), {});
    // As many as an account may have come at once.
    const json::value buckets = get(account_ + "/r2/buckets");
    for (const json::value& one : list_at(buckets, "buckets"))
      add("r2_bucket", text_at(one, "name"), text_at(one, "name"),
          {{"storage_class", text_at(one, "storage_class")}});
    const json::array queues = list(account_ + "/queues");
    for (const json::value& one : queues) {
      const std::string id = text_at(one, "queue_id");
      queues_by_id_[id] = add("queue", text_at(one, "queue_name"), id, known_at(one, "settings/", "queue"));
    }
    for (const json::value& one : queues) {
      for (const json::value& consumer : list_at(one, "consumers")) {
        // A Worker becomes one with its deployment.
        if (text_at(consumer, "type") != "http_pull") continue;
        json::object attributes = known_at(consumer, "settings/", "queue_consumer");
        attributes["queue"] = text_at(one, "queue_name");
        attributes["dead_letter_queue"] = text_at(consumer, "dead_letter_queue");
        add("queue_consumer", text_at(one, "queue_name"), text_at(consumer, "consumer_id"),
            std::move(attributes));
      }
    }
  }

  void event_subscriptions() {
    for (const json::value& one : list(account_ + "/event_subscriptions/subscriptions")) {
      json::object attributes = known_at(one, "", "event_subscription");
      attributes["queue"] = queues_by_id_[text_at(one, "destination/queue_id")];
      attributes["worker_name"] = text_at(one, "source/worker_name");
      add("event_subscription", text_at(one, "name"), text_at(one, "id"), std::move(attributes));
    }
  }

  // The attributes of that kind, but for its references, that stand there.
  static json::object known_at(const json::value& value, const std::string& below, const char* kind) {
    json::object attributes;
    for (const Attribute& attribute : kind_of(kind)->attributes) {
      const json::value* there = member(value, below + std::string(attribute.name));
      if (there != nullptr && !there->is_null() && attribute.refers_to.empty())
        attributes[attribute.name] = *there;
    }
    return attributes;
  }

  void repositories() {
    const json::value all = get(server_.own_path() + "/repositories");
    if (!all.is_array()) return;
    for (const json::value& one : all.get_array()) {
      json::object attributes = known_at(one, "", "repository");
      const std::string wanted = text_at(one, "provider_account_name") + "/" + text_at(one, "repo_name");
      const std::string uuid = text_at(one, "repo_connection_uuid");
      const std::string name = add("repository", wanted, uuid, std::move(attributes));
      repositories_by_id_[uuid] = name;
      add_what_it_needs(one, name);
    }
  }

  // Credentials, hooks and polling, which `kiln connect` gives.
  void add_what_it_needs(const json::value& one, const std::string& name) {
    const json::array& workers = list_at(one, "workers");
    if (workers.empty() || !workers.front().is_string()) return;
    std::vector<std::string> command = {"kiln", "connect", text_at(one, "clone_url"), "--worker",
                                        std::string(workers.front().get_string())};
    const std::int64_t poll = number_at(one, "watch/poll_seconds").value_or(0);
    const bool has_key = !text_at(one, "deploy_key").empty();
    if (is_true_at(one, "has_token")) command.insert(command.end(), {"--token-file", "FILE"});
    if (has_key) command.emplace_back("--deploy-key");
    if (poll > 0) command.insert(command.end(), {"--poll", fmt::format("{}s", poll)});
    leave("repository", name, "its hook and its credentials are made where it is connected",
          std::move(command));
  }

  void build_tokens() {
    for (const json::value& one : list(server_.builds_path() + "/tokens")) {
      const std::string name = text_at(one, "build_token_name");
      if (name == kDefaultToken) continue;
      const std::string uuid = text_at(one, "build_token_uuid");
      tokens_by_id_[uuid] =
          add("build_token", name, uuid, {{"cloudflare_token_id", text_at(one, "cloudflare_token_id")}});
    }
  }

  void triggers() {
    const json::value all = get(server_.builds_path() + "/triggers");
    if (!all.is_array()) return;
    for (const json::value& one : all.get_array()) {
      const std::string worker = workers_by_tag_[text_at(one, "external_script_id")];
      const std::string uuid = text_at(one, "trigger_uuid");
      json::object attributes = known_at(one, "", "trigger");
      attributes["worker"] = worker;
      attributes["repository"] = repositories_by_id_[text_at(one, "repo_connection/repo_connection_uuid")];
      const auto token = tokens_by_id_.find(text_at(one, "build_token_uuid"));
      if (token != tokens_by_id_.end()) attributes["build_token"] = token->second;
      const std::string name =
          add("trigger", worker + "/" + text_at(one, "trigger_name"), uuid, std::move(attributes));
      variables(name, uuid);
    }
  }

  void variables(const std::string& trigger, const std::string& uuid) {
    const json::value all =
        get(server_.builds_path() + "/triggers/" + url_part(uuid) + "/environment_variables");
    if (!all.is_object()) return;
    for (const auto& [key, variable] : all.get_object()) {
      const bool secret = is_true_at(variable, "is_secret");
      json::object attributes{{"trigger", trigger}, {"key", key}, {"is_secret", secret}};
      if (!secret) attributes["value"] = text_at(variable, "value");
      add("variable", trigger + "/" + std::string(key), "", std::move(attributes));
    }
  }

  void of_worker(const std::string& worker) {
    if (here_.uploaded.contains(worker)) {
      const json::value secrets = get(server_.scripts_path() + "/" + url_part(worker) + "/secrets");
      for (const json::value& one : secrets.is_array() ? secrets.get_array() : json::array()) {
        const std::string name = text_at(one, "name");
        add("secret", fmt::format("{}/{}", worker, name), "", {{"worker", worker}, {"secret_name", name}});
      }
    }
    for (const json::value& one :
         list(server_.builds_path() + "/workers/" + url_part(worker) + "/deploy_hooks")) {
      const std::string name = text_at(one, "deploy_hook_name");
      add("deploy_hook", fmt::format("{}/{}", worker, name), text_at(one, "deploy_hook_uuid"),
          {{"worker", worker}, {"deploy_hook_name", name}, {"branch", text_at(one, "branch")}});
    }
  }

  // What stands on secrets that are never shown again.
  void strangers() {
    const json::value forges = get(server_.builds_path() + "/forges");
    for (const json::value& one : forges.is_array() ? forges.get_array() : json::array()) {
      const std::string url = text_at(one, "web_url");
      std::vector<std::string> command = {"kiln", "forge", "add", text_at(one, "provider"), "--url", url};
      if (text_at(one, "app_id").empty()) command.insert(command.end(), {"--token-file", "FILE"});
      leave("forge", url, "its App or token is made at the host", std::move(command));
    }
    const json::value sinks = get(server_.builds_path() + "/sinks");
    for (const json::value& one : sinks.is_array() ? sinks.get_array() : json::array()) {
      leave("sink", text_at(one, "name"), "its address is a secret",
            {"kiln", "sinks", "add", text_at(one, "name"), "--kind", text_at(one, "kind"), "--url-file",
             "FILE"});
    }
  }

  Server& server_;
  std::string account_;
  Status status_;
  Here here_;
  std::vector<std::string> workers_;
  std::map<std::string, std::string> workers_by_tag_;
  std::map<std::string, std::string> repositories_by_id_;
  std::map<std::string, std::string> tokens_by_id_;
  std::map<std::string, std::string> queues_by_id_;
};

}  // namespace

Result<Here> read_here(Server& server) {
  return ReadingHere(server).all();
}

}  // namespace kiln::cli
