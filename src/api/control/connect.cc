// `kiln connect` over the control socket (connect/connect.h).
#include "connect/connect.h"

#include <boost/json.hpp>

#include "api/builds/at_host.h"
#include "api/builds/clone_url.h"
#include "api/builds/handlers.h"
#include "api/builds/trigger_body.h"
#include "api/control/handlers.h"
#include "api/error_table.h"
#include "model/branch_name.h"
#include "scm/forge/forge.h"
#include "scm/forge/provider.h"
#include "scm/git/git.h"
#include "wire/json.h"
#include "workers/names.h"

namespace kiln::api::control {
namespace {

namespace json = boost::json;

constexpr std::int64_t kLongestPollSeconds = std::int64_t{7} * 24 * 3600;
constexpr wire::Fields::Text kCommand{0, 8192, true};
constexpr wire::Fields::Text kDeployCommand{1, 8192, true};

Result<connect::Wish> read_wish(const json::object& body) {
  wire::Fields fields(body);
  connect::Wish wish;
  wish.url = fields.required_text("repo_url", {1, 2048, false});
  wish.worker = fields.optional_text("worker", {1, 256, false}).value_or("");
  wish.branch = fields.optional_text("branch", {1, model::kLongestBranchName, false});
  wish.build_command = fields.optional_text("build_command", kCommand);
  wish.deploy_command = fields.optional_text("deploy_command", kDeployCommand);
  wish.preview_deploy_command = fields.optional_text("preview_deploy_command", kDeployCommand);
  wish.root_directory = fields.optional_text("root_directory", {0, 1024, false});
  wish.require_version = fields.optional_bool("require_version");
  wish.previews = fields.optional_bool("previews");
  wish.second_repository = fields.optional_bool("second_repository").value_or(false);
  if (const auto word = fields.optional_text("fork_pull_requests", {1, 32, false})) {
    wish.fork_builds = model::parse_fork_builds(*word);
    if (!wish.fork_builds) {
      fields.refuse("fork_pull_requests", "must be never, approve, without_secrets or with_secrets");
    }
  }
  wish.provider = fields.optional_text("provider", {1, 32, false});
  if (wish.provider && scm::forge_of(*wish.provider) == nullptr)
    fields.refuse("provider", "must be one of " + scm::provider_choice());
  wish.credentials.deploy_key = fields.optional_bool("deploy_key").value_or(false);
  read_credentials(fields, wish.credentials);
  if (const auto seconds = fields.optional_integer("poll_seconds", 0, kLongestPollSeconds))
    wish.poll_seconds = static_cast<int>(*seconds);
  wish.build_first = fields.optional_bool("build_first").value_or(false);
  if (wish.build_first && wish.poll_seconds.value_or(0) == 0)
    fields.refuse("build_first", "is of a repository that is polled (poll_seconds)");
  if (const Status fits = workers::check_worker_name(wish.worker); !wish.worker.empty() && !fits)
    fields.refuse("worker", fits.error().message);
  if (const Status fits = scm::check_remote_url(wish.url); !wish.url.empty() && !fits)
    fields.refuse("repo_url", fits.error().message);
  if (const Status fits = model::check_branch_name(wish.branch.value_or("main")); !fits)
    fields.refuse("branch", fits.error().message);
  const Result<std::string> directory = builds::normal_root_directory(wish.root_directory.value_or(""));
  if (!directory) {
    fields.refuse("root_directory", directory.error().message);
  } else if (wish.root_directory) {
    wish.root_directory = *directory;
  }
  if (Status fine = fields.status(); !fine) return tl::unexpected<Error>(fine.error());
  return wish;
}

json::object answer_of(const ControlDeps& deps, const connect::Connected& made) {
  json::array triggers;
  for (const model::Trigger& trigger : made.triggers) triggers.push_back(wire::trigger_json(trigger, true));
  json::array changes;
  for (const connect::Change& change : made.changes) {
    changes.push_back({{"trigger_name", change.trigger},
                       {"field", change.field},
                       {"before", change.before},
                       {"after", change.after}});
  }
  return {{"worker", {{"name", made.worker.name}, {"tag", made.worker.tag}}},
          {"connection", wire::connection_json(made.connection)},
          {"triggers", std::move(triggers)},
          {"changes", std::move(changes)},
          {"notes", json::value_from(made.notes)},
          {"credentials", credentials_json(made.credentials)},
          {"deploy_key_place", scm::deploy_key_place(made.connection.provider_type)},
          {"watch", watch_json(deps, made.watched)},
          {"hook", hook_json(deps, made.connection, made.hook)}};
}

// Other places are read as the server's own user: its files, its keys of ssh.
Status check_place(const Call& call, const std::string& url) {
  if (call.who.is_admin || url.starts_with("http://") || url.starts_with("https://")) return {};
  return fail(Errc::invalid,
              "Invalid request body: repo_url must be http:// or https://; local and SSH repositories are "
              "connected by an administrator",
              "repo_url");
}

Result<http::Reply> connect_repository(const ControlDeps& deps, const Call& call) {
  const Result<json::object> object = builds::object_body(call);
  if (!object) return tl::unexpected<Error>(object.error());
  Result<connect::Wish> wish = read_wish(*object);
  if (!wish) return tl::unexpected<Error>(wish.error());
  if (Status may = check_place(call, wish->url); !may) return tl::unexpected<Error>(may.error());
  Result<model::CleanUrl> clean = builds::reachable_url(deps.builds, wish->url, "repo_url");
  if (!clean) return tl::unexpected<Error>(clean.error());
  wish->url = std::move(clean->url);
  wish->authorization = std::move(clean->authorization);
  return at_host(deps.builds.hosts, call.request, wish->url, [&]() -> Result<http::Reply> {
    const Result<connect::Connected> made = connect::connect(connect_ports(deps), call.account_id, *wish);
    if (!made) return tl::unexpected<Error>(made.error());
    json::object answer = answer_of(deps, *made);
    const Status set_up = set_up_hook(deps, made->connection, made->hook, answer);
    if (!set_up) return tl::unexpected<Error>(set_up.error());
    if (deps.look_now) deps.look_now(made->connection.uuid);
    return success_response(json::value(std::move(answer)));
  });
}

}  // namespace

void add_connect(http::Router& router, const Gate& gate, const Deps& deps) {
  router.add(
      "POST", "/kiln/v1/accounts/{account_id}/connect", {.work = http::Work::git},
      gate.guard(Needs::ci_write, [deps](const Call& call) { return connect_repository(*deps, call); }));
}

}  // namespace kiln::api::control
