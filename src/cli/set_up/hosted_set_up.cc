#include "cli/set_up/hosted_set_up.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "cli/print.h"
#include "cli/server.h"
#include "cli/set_up/kinds.h"
#include "model/binding.h"
#include "model/path_pattern.h"
#include "model/root_directory.h"

namespace kiln::cli {
namespace {

namespace json = boost::json;

constexpr const char* kScriptsRight = "Workers Scripts: Read";
constexpr const char* kBuildsRight = "Workers Builds Configuration: Read";

// As this server keeps it, so that it is known again; what it refuses stays, and is refused there.
std::string kept_folder(const std::string& text) {
  const Result<std::string> clean = model::clean_root_directory(text);
  if (!clean) return text;
  return clean->empty() ? "/" : *clean;
}
json::array kept_paths(const json::array& patterns) {
  json::array kept;
  for (const json::value& one : patterns) {
    const Result<std::string> clean =
        one.is_string() ? model::clean_path_pattern(one.get_string()) : Result<std::string>(std::string());
    kept.push_back(clean ? json::value(*clean) : one);
  }
  return kept;
}

class HostedReading {
 public:
  HostedReading(Hosted& hosted, const std::vector<std::string>& only) : hosted_(hosted), only_(only) {}

  Result<HostedSetUp> all() {
    if (const Status read = scripts(); !read) return tl::unexpected<Error>(read.error());
    subdomain();
    for (const json::value& script : scripts_) addresses(script);
    for (const json::value& script : scripts_) triggers(script);
    for (const json::value& script : scripts_) of_script(text_at(script, "id"));
    domains();
    build_tokens();
    if (!status_) return tl::unexpected<Error>(status_.error());
    return std::move(read_);
  }

 private:
  Status scripts() {
    Result<json::array> all = hosted_.list("/workers/scripts");
    if (!all) return tl::unexpected<Error>(all.error());
    std::set<std::string> missing(only_.begin(), only_.end());
    for (json::value& one : *all) {
      const std::string name = text_at(one, "id");
      const bool is_meant = only_.empty() || std::find(only_.begin(), only_.end(), name) != only_.end();
      if (is_meant) scripts_.push_back(std::move(one));
      missing.erase(name);
    }
    if (missing.empty()) return {};
    return fail(Errc::not_found,
                fmt::format("the hosted account has no Worker {}", headline(*missing.begin(), 100)));
  }

  // Of a part: what it lacks is named once, where the token may not read it.
  template <typename Answer>
  Answer part(Result<Answer> answer, const std::string& what, const char* right) {
    if (answer) return *std::move(answer);
    if (answer.error().code == Errc::forbidden) {
      read_.whole = false;
      leave("part", what, fmt::format("the token may not read it: give it the permission {}", right), {});
    } else if (answer.error().code != Errc::not_found && status_) {
      status_ = tl::unexpected<Error>(answer.error());
    }
    return {};
  }
  json::value get(const std::string& path, const std::string& what, const char* right) {
    return status_ ? part(hosted_.get(path), what, right) : json::value();
  }
  json::array list(const std::string& path, const std::string& what, const char* right) {
    return status_ ? part(hosted_.list(path), what, right) : json::array();
  }

  std::string add(const std::string& type, const std::string& wanted, json::object attributes) {
    std::string name = unused_name(read_.set_up, type, wanted);
    read_.set_up.resources.push_back({type, name, std::move(attributes)});
    return name;
  }
  void leave(const char* type, const std::string& name, std::string why, std::vector<std::string> command) {
    read_.set_up.left_over.push_back({type, name, std::move(why), std::move(command)});
  }

  void subdomain() {
    const std::string name =
        text_at(get("/workers/subdomain", "the subdomain of workers.dev", kScriptsRight), "subdomain");
    if (!name.empty()) add("subdomain", name, {});
  }

  void addresses(const json::value& script) {
    const std::string name = text_at(script, "id");
    const json::value reached =
        get("/workers/scripts/" + url_part(name) + "/subdomain", "addresses of " + name, kScriptsRight);
    json::object attributes;
    if (reached.is_object()) {
      attributes["workers_dev"] = is_true_at(reached, "enabled");
      attributes["preview_urls"] = is_true_at(reached, "previews_enabled");
    }
    add("worker", name, std::move(attributes));
  }

  void triggers(const json::value& script) {
    const std::string worker = text_at(script, "id");
    const json::array all = list("/builds/workers/" + url_part(text_at(script, "tag")) + "/triggers",
                                 "triggers of " + worker, kBuildsRight);
    if (all.empty() && status_) {
      leave("worker", worker, "no repository builds it there",
            {"kiln", "connect", "REPOSITORY", "--worker", worker});
    }
    for (const json::value& one : all) {
      if (!text_at(one, "deleted_on").empty()) continue;
      const json::value* connection = member(one, "repo_connection");
      if (connection == nullptr) continue;
      json::object attributes{{"worker", worker}, {"repository", repository(*connection)}};
      for (const char* text : {"trigger_name", "build_command", "deploy_command"})
        attributes[text] = text_at(one, text);
      attributes["root_directory"] = kept_folder(text_at(one, "root_directory"));
      for (const char* patterns : {"branch_includes", "branch_excludes"})
        attributes[patterns] = list_at(one, patterns);
      for (const char* patterns : {"path_includes", "path_excludes"})
        attributes[patterns] = kept_paths(list_at(one, patterns));
      attributes["build_caching_enabled"] = is_true_at(one, "build_caching_enabled");
      const std::string name =
          add("trigger", worker + "/" + text_at(one, "trigger_name"), std::move(attributes));
      variables(name, text_at(one, "trigger_uuid"));
    }
  }

  std::string repository(const json::value& connection) {
    const std::string key = text_at(connection, "repo_connection_uuid");
    if (const auto known = repositories_.find(key); known != repositories_.end()) return known->second;
    json::object attributes;
    for (const Attribute& attribute : kind_of("repository")->attributes) {
      if (attribute.required) attributes[attribute.name] = text_at(connection, attribute.name);
    }
    const std::string url = usual_clone_url(connection);
    if (!url.empty()) {
      attributes["clone_url"] = url;
      add_host(text_at(connection, "provider_type"), url.substr(0, url.find('/', url.find("://") + 3)));
    }
    return repositories_[key] =
               add("repository",
                   text_at(connection, "provider_account_name") + "/" + text_at(connection, "repo_name"),
                   std::move(attributes));
  }

  // What tells this server of pushes there is made here, by whoever may.
  void add_host(const std::string& provider, const std::string& url) {
    const std::vector<LeftOver>& left = read_.set_up.left_over;
    const bool is_known = std::any_of(left.begin(), left.end(), [&](const LeftOver& one) {
      return one.type == "forge" && one.name == url;
    });
    if (is_known) return;
    std::vector<std::string> command = {"kiln", "forge", "add", provider};
    if (provider != "github") command.insert(command.end(), {"--token-file", "FILE"});
    leave("forge", url, "its pushes are not told to this server until it is set up as a source host",
          std::move(command));
  }

  void variables(const std::string& trigger, const std::string& uuid) {
    const json::value all = get("/builds/triggers/" + url_part(uuid) + "/environment_variables",
                                "variables of " + trigger, kBuildsRight);
    if (!all.is_object()) return;
    for (const auto& [key, variable] : all.get_object()) {
      const bool secret = is_true_at(variable, "is_secret");
      json::object attributes{{"trigger", trigger}, {"key", key}, {"is_secret", secret}};
      if (!secret) attributes["value"] = text_at(variable, "value");
      add("variable", trigger + "/" + std::string(key), std::move(attributes));
    }
  }

  void of_script(const std::string& worker) {
    const std::string script = "/workers/scripts/" + url_part(worker);
    for (const json::value& one : list(script + "/secrets", "secrets of " + worker, kScriptsRight)) {
      const std::string name = text_at(one, "name");
      if (text_at(one, "type") == "secret_text")
        add("secret", fmt::format("{}/{}", worker, name), {{"worker", worker}, {"secret_name", name}});
    }
    for (const json::value& one : list("/builds/workers/" + url_part(worker) + "/deploy_hooks",
                                       "deploy hooks of " + worker, kBuildsRight)) {
      const std::string name = text_at(one, "deploy_hook_name");
      add("deploy_hook", fmt::format("{}/{}", worker, name),
          {{"worker", worker}, {"deploy_hook_name", name}, {"branch", text_at(one, "branch")}});
    }
    bindings(worker, get(script + "/settings", "bindings of " + worker, kScriptsRight));
  }

  void bindings(const std::string& worker, const json::value& settings) {
    for (const json::value& one : list_at(settings, "bindings")) {
      const std::string type = text_at(one, "type");
      const std::string name = worker + "/" + text_at(one, "name");
      if (type == "kv_namespace") {
        leave(
            "binding", name,
            "a KV namespace there: take its id out of the wrangler configuration, and the first deployment "
            "makes one here; its keys are not brought over",
            {"npx", "wrangler", "kv", "bulk", "put", "FILE", "--binding", text_at(one, "name"), "--remote"});
      } else if (type == "d1") {
        leave("binding", name,
              "a D1 database there: take its id out of the wrangler configuration, and the first deployment "
              "makes one here; its rows are not brought over: `wrangler d1 export` there writes FILE",
              {"npx", "wrangler", "d1", "execute", text_at(one, "name"), "--remote", "--file", "FILE"});
      } else if (type == "r2_bucket") {
        leave("binding", name,
              fmt::format("an R2 bucket there, '{}': make one of that name here; its objects are not brought "
                          "over",
                          headline(text_at(one, "bucket_name"), 63)),
              {"npx", "wrangler", "r2", "bucket", "create", text_at(one, "bucket_name")});
      } else if (type == "queue") {
        leave(
            "binding", name,
            fmt::format("a queue there, '{}': make one of that name here; its messages are not brought over",
                        headline(text_at(one, "queue_name"), 63)),
            {"npx", "wrangler", "queues", "create", text_at(one, "queue_name")});
      } else if (!model::is_supported_binding(type)) {
        leave("binding", name,
              fmt::format("bindings of type {} are not there yet in Kiln; take it out of the wrangler "
                          "configuration, or deploy this Worker elsewhere",
                          headline(type, 60)),
              {});
      }
    }
  }

  void domains() {
    for (const json::value& one : list("/workers/domains", "custom domains", kScriptsRight)) {
      const std::string worker = text_at(one, "service");
      if (!only_.empty() && std::find(only_.begin(), only_.end(), worker) == only_.end()) continue;
      leave(
          "domain", text_at(one, "hostname"),
          fmt::format("a custom domain of {}: add {} to workers.zones of the settings and let its name lead "
                      "here; a deployment that names it sets it up",
                      headline(worker, 100), headline(text_at(one, "zone_name"), 200)),
          {});
    }
  }

  void build_tokens() {
    for (const json::value& one : list("/builds/tokens?per_page=50", "build tokens", kBuildsRight)) {
      leave("build_token", text_at(one, "build_token_name"),
            "builds deploy to this server by a token of its own; only who deploys elsewhere needs another",
            {});
    }
  }

  Hosted& hosted_;
  const std::vector<std::string>& only_;
  json::array scripts_;
  Status status_;
  HostedSetUp read_;
  std::map<std::string, std::string> repositories_;  // by their ids there
};

}  // namespace

Result<HostedSetUp> read_hosted(Hosted& hosted, const std::vector<std::string>& workers) {
  return HostedReading(hosted, workers).all();
}

}  // namespace kiln::cli
