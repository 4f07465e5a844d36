#include "api/workers/handlers.h"

#include <algorithm>
#include <boost/json/value.hpp>
#include <charconv>

#include "base/ids.h"
#include "base/strings.h"
#include "wire/json.h"
#include "workers/names.h"

namespace kiln::api {
namespace {

int number_of(const http::Request& request, std::string_view name, int otherwise, int max) {
  const std::optional<std::string> text = request.query_value(name);
  int number = otherwise;
  if (text) {
    const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), number);
    if (error != std::errc() || end != text->data() + text->size()) number = otherwise;
  }
  return std::clamp(number, 1, max);
}

// Of the Worker that the path means: by its name or, where clients know Workers by their ids, failing that by
// its tag.
std::string name_of_path(const WorkersDeps& deps, const Call& call) {
  std::string text = call.request.param("script_name");
  if (!is_hex32(text) || call.request.path.find("/workers/workers/") == std::string::npos) return text;
  if (deps.ports.workers.worker(call.account_id, text)) return text;
  Result<model::Worker> tagged = deps.ports.workers.worker_by_tag(call.account_id, text);
  return tagged ? std::move(tagged->name) : text;
}

// A build's token belongs to the Worker that existed when it was minted, not to one made later under its
// name.
Result<model::Worker> load(const WorkersDeps& deps, const Call& call, const std::string& name) {
  Result<model::Worker> worker = deps.ports.workers.worker(call.account_id, name);
  if (worker && call.who.build && worker->tag != call.who.build->worker_tag) {
    return fail(Errc::worker_not_found, "This Worker does not exist on your account.");
  }
  return worker;
}

}  // namespace

std::string script_path(const std::string& tail) {
  return "/accounts/{account_id}/workers/scripts/{script_name}" + tail;
}

std::string email_of(const model::Principal& who) {
  std::string local;
  for (const char c : to_lower(who.name)) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
    local += plain ? c : '-';
  }
  return (local.empty() ? "kiln" : local) + "@localhost";
}

workers::Actor actor_of(const Call& call) {
  workers::Actor actor;
  actor.account_id = call.account_id;
  actor.author_email = email_of(call.who);
  const bool wrangler = call.request.header("user-agent").starts_with("wrangler");
  actor.source = wrangler ? "wrangler" : call.who.build ? "workersci" : "api";
  if (call.who.build) {
    actor.build = call.who.build->build_uuid;
    actor.previews_only = call.who.build->previews_only();
  }
  return actor;
}

Status check_may_write(const Call& call, const std::string& worker_name) {
  if (!call.who.build || call.who.build->worker_name == worker_name) return {};
  const std::string& own = call.who.build->worker_name;
  return fail(Errc::wrong_worker,
              "This build may deploy the Worker '" + own + "' only, not '" + to_valid_utf8(worker_name) +
                  "'. Set \"name\": \"" + own +
                  "\" in the wrangler configuration, or connect the repository to the other "
                  "Worker.",
              "script_name");
}

Result<model::Worker> worker_to_read(const WorkersDeps& deps, const Call& call) {
  const std::string name = name_of_path(deps, call);
  if (call.who.build && call.who.build->worker_name != name) {
    return fail(Errc::worker_not_found, "This Worker does not exist on your account.");
  }
  return load(deps, call, name);
}

Result<model::Worker> worker_to_write(const WorkersDeps& deps, const Call& call) {
  const std::string name = name_of_path(deps, call);
  if (const Status may = check_may_write(call, name); !may) return tl::unexpected<Error>(may.error());
  return load(deps, call, name);
}

bool has_preview(const model::Worker& worker, const model::Version& version) {
  return worker.previews_enabled &&
         (!version.main_module.empty() || !version.body_part.empty() || version.has_assets);
}

std::string upload_note(const WorkersDeps& deps, const model::Version& version) {
  if (!deps.ports.run_date) return {};
  return workers::date_note(version.compatibility_date, deps.ports.run_date(version.compatibility_date));
}

Result<model::Version> version_of(const WorkersDeps& deps, const model::Worker& worker, std::string_view id) {
  const std::optional<Uuid> uuid = Uuid::parse(id);
  if (!uuid) return fail(Errc::version_not_found, "This Worker has no such version.");
  Result<model::Version> version = deps.ports.versions.version(worker.tag, *uuid);
  if (version && version->preview_id) {
    return fail(Errc::version_not_found, "This Worker has no version " + uuid->str() + ".");
  }
  return version;
}

store::Page page_of(const http::Request& request, int per_page_default, int per_page_max) {
  constexpr int kLastPage = 1'000'000;
  return {number_of(request, "page", 1, kLastPage),
          number_of(request, "per_page", per_page_default, per_page_max)};
}

Result<boost::json::object> body_object(const http::Request& request) {
  Result<boost::json::value> value = wire::parse_json(request.body);
  if (!value) return tl::unexpected<Error>(value.error());
  if (!value->is_object()) return fail(Errc::invalid, "The request's body must be a JSON object.");
  return std::move(value->get_object());
}

Result<std::string> last_deployed_from(const WorkersDeps& deps, const std::string& worker_tag) {
  const Result<store::Paged<model::Deployment>> newest = deps.ports.versions.deployments(worker_tag, {1, 1});
  if (!newest) return tl::unexpected<Error>(newest.error());
  if (newest->items.empty()) return std::string();
  const std::string& source = newest->items[0].source;
  return source == "workersci" ? std::string("wrangler") : source;
}

}  // namespace kiln::api
