// Shortcuts for the CLI, which knows Workers by name: list Workers, list builds, start a build.
#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <map>

#include "api/builds/at_host.h"
#include "api/builds/handlers.h"
#include "api/control/handlers.h"
#include "api/error_table.h"
#include "base/strings.h"
#include "base/time_format.h"
#include "wire/json.h"
#include "wire/or_null.h"

namespace kiln::api::control {
namespace {

namespace json = boost::json;

Result<http::Reply> workers(const ControlDeps& deps, const Call& call) {
  const Result<std::vector<model::Worker>> found = deps.builds.workers.workers(call.account_id);
  if (!found) return tl::unexpected<Error>(found.error());
  json::array out;
  for (const model::Worker& worker : *found) out.push_back({{"name", worker.name}, {"tag", worker.tag}});
  return success_response(json::value(std::move(out)));
}

Result<model::Worker> worker_named(const ControlDeps& deps, const Call& call, const std::string& name) {
  Result<model::Worker> worker = deps.builds.workers.worker(call.account_id, name);
  if (!worker && worker.error().code == Errc::worker_not_found) {
    return fail(Errc::invalid,
                fmt::format("Invalid request: there is no Worker '{}' here; kiln connect makes one", name),
                "worker");
  }
  return worker;
}

// Ours, so it is no part of the published Build.
json::value usage_of(const model::BuildUsage& usage) {
  if (usage == model::BuildUsage{}) return nullptr;
  return {{"memory_peak_bytes", wire::number_or_null(usage.memory_peak)},
          {"cpu_ms", wire::number_or_null(usage.cpu_ms)},
          {"written_bytes", wire::number_or_null(usage.written)},
          {"processes_peak", wire::number_or_null(usage.processes_peak)}};
}

Result<http::Reply> list_builds(const ControlDeps& deps, const Call& call) {
  const Result<store::Page> page = builds::page_of(call.request);
  if (!page) return tl::unexpected<Error>(page.error());
  const std::optional<std::string> name = call.request.query_value("worker");
  std::string tag;
  if (name) {
    const Result<model::Worker> worker = worker_named(deps, call, *name);
    if (!worker) return tl::unexpected<Error>(worker.error());
    tag = worker->tag;
  }
  const auto found = name ? deps.builds.builds.builds_of_worker(call.account_id, tag, *page)
                          : deps.builds.builds.builds_of_account(call.account_id, *page);
  if (!found) return tl::unexpected<Error>(found.error());
  std::map<std::string, std::string> names;
  if (const auto all = deps.builds.workers.workers(call.account_id)) {
    for (const model::Worker& worker : *all) names[worker.tag] = worker.name;
  }
  Result<std::vector<builds::BuildText>> out =
      builds::texts_of(deps.builds, found->items, builds::form_for(deps.builds, call));
  if (!out) return tl::unexpected<Error>(out.error());
  for (std::size_t i = 0; i < out->size(); ++i) {
    const json::value worker(names[found->items[i].build.worker_tag]);
    builds::Text& build = (*out)[i].build;
    build = builds::Text::of(fmt::format("{{\"worker_name\":{},\"usage\":{},{}", json::serialize(worker),
                                         json::serialize(usage_of(found->items[i].build.usage)),
                                         build.json.view().substr(1)));
  }
  return builds::list_response(*out, *page, found->total);
}

std::string exact_branch(const model::Trigger& trigger) {
  const auto exact = std::find_if(trigger.branch_includes.begin(), trigger.branch_includes.end(),
                                  [](const std::string& p) { return p.find('*') == std::string::npos; });
  return exact == trigger.branch_includes.end() ? "" : *exact;
}

// The trigger that builds `branch`; without a branch, the one that names a branch exactly: production.
const model::Trigger* trigger_for(const std::vector<model::Trigger>& triggers, const std::string& branch) {
  const auto found = std::find_if(triggers.begin(), triggers.end(), [&](const model::Trigger& trigger) {
    return branch.empty() ? !exact_branch(trigger).empty()
                          : model::branch_matches(trigger.branch_includes, trigger.branch_excludes, branch);
  });
  return found == triggers.end() ? nullptr : &*found;
}

struct Wanted {
  std::string worker;
  std::string branch;
  std::string commit;  // empty: the branch's head
};

Result<http::Reply> build_wanted(const ControlDeps& deps, const model::Trigger& trigger,
                                 const Wanted& wanted) {
  const auto& [name, branch, commit] = wanted;
  const Result<CommitInfo> found = deps.builds.resolve_commit(trigger.connection, branch, commit);
  if (!found) {
    if (found.error().code != Errc::not_found) return tl::unexpected<Error>(found.error());
    return fail(Errc::invalid,
                fmt::format("Invalid request: {} is not in the repository",
                            commit.empty() ? "the branch " + branch : "the commit " + commit),
                commit.empty() ? "branch" : "commit");
  }
  const Result<model::Build> build = deps.builds.queue.build_now(
      trigger, {model::TriggerSource::manual, branch, found->hash, found->message, found->author});
  if (!build) return tl::unexpected<Error>(build.error());
  return success_response({{"build_uuid", build->uuid.str()},
                           {"created_on", format_rfc3339(build->created_on)},
                           {"status", to_string(build->status)},
                           {"branch", branch},
                           {"commit_hash", found->hash},
                           {"worker", name}});
}

Result<http::Reply> start_build(const ControlDeps& deps, const Call& call) {
  const Result<json::object> object = builds::object_body(call);
  if (!object) return tl::unexpected<Error>(object.error());
  wire::Fields fields(*object);
  const std::string name = fields.required_text("worker", {1, 256, false});
  const std::string asked = fields.optional_text("branch", {1, 256, false}).value_or("");
  const std::string commit = to_lower(fields.optional_text("commit", {1, 64, false}).value_or(""));
  if (Status fine = fields.status(); !fine) return tl::unexpected<Error>(fine.error());
  const Result<model::Worker> worker = worker_named(deps, call, name);
  if (!worker) return tl::unexpected<Error>(worker.error());
  const auto triggers = deps.builds.triggers.triggers_of_worker(call.account_id, worker->tag);
  if (!triggers) return tl::unexpected<Error>(triggers.error());
  const model::Trigger* trigger = trigger_for(*triggers, asked);
  if (trigger == nullptr) {
    return fail(
        Errc::invalid,
        asked.empty()
            ? fmt::format("Invalid request: no trigger of {} names a branch; say which with --branch", name)
            : fmt::format("Invalid request: no trigger of {} builds the branch {}", name, asked),
        "branch");
  }
  const Wanted wanted{name, asked.empty() ? exact_branch(*trigger) : asked, commit};
  return at_host(deps.builds.hosts, call.request, trigger->connection.clone_url,
                 [&] { return build_wanted(deps, *trigger, wanted); });
}

}  // namespace

void add_lists_by_name(http::Router& router, const Gate& gate, const Deps& deps) {
  router.add("GET", "/kiln/v1/accounts/{account_id}/workers", {},
             gate.guard(Needs::ci_read, [deps](const Call& call) { return workers(*deps, call); }));
  router.add("GET", "/kiln/v1/accounts/{account_id}/builds", {},
             gate.guard(Needs::ci_read, [deps](const Call& call) { return list_builds(*deps, call); }));
}

void add_by_name(http::Router& router, const Gate& gate, const Deps& deps) {
  router.add("POST", "/kiln/v1/accounts/{account_id}/build", {1U << 20U, http::Work::git},
             gate.guard(Needs::ci_write, [deps](const Call& call) { return start_build(*deps, call); }));
}

}  // namespace kiln::api::control
