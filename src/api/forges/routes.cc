#include "api/forges/routes.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>

#include "api/builds/handlers.h"
#include "api/error_table.h"
#include "api/forges/forge_body.h"
#include "api/forges/handlers.h"
#include "base/log.h"
#include "base/time_format.h"
#include "forges/again.h"
#include "wire/or_null.h"

namespace kiln::api {
namespace forge_routes {
namespace {

namespace json = boost::json;

// Of an account: each App's secret is tried on deliveries that do not say whose they are.
constexpr std::size_t kMostForges = 50;

Result<http::Reply> list_forges(const Shared& ground, const Call& call) {
  const Result<std::vector<model::ForgeRecord>> all = ground->forges.forges(call.account_id);
  if (!all) return tl::unexpected<Error>(all.error());
  json::array out;
  for (const model::ForgeRecord& forge : *all)
    out.push_back(forge_json(forge, hook_url(*ground, forge.provider)));
  return success_response(out);
}

Result<http::Reply> add_forge(const Shared& ground, const Call& call) {
  const Result<json::object> object = builds::object_body(call);
  if (!object) return tl::unexpected<Error>(object.error());
  Result<ForgeBody> body = read_forge(*object);
  if (!body) return tl::unexpected<Error>(body.error());
  body->forge.account_id = call.account_id;
  const Result<Checked> kept = keep_checked(*ground, body->forge, body->secrets);
  if (!kept) return tl::unexpected<Error>(kept.error());
  json::object answer = forge_json(kept->forge, hook_url(*ground, kept->forge.provider));
  answer["notes"] = json::value_from(kept->lacks);
  return success_response(answer);
}

Result<http::Reply> delete_forge(const Shared& ground, const Call& call) {
  const Result<Uuid> uuid = builds::path_uuid(call, "forge_uuid");
  if (!uuid) return tl::unexpected<Error>(uuid.error());
  if (Status gone = ground->forges.delete_forge(call.account_id, *uuid); !gone)
    return tl::unexpected<Error>(gone.error());
  ground->directory.forget_all();
  return success_response(json::object{{"forge_uuid", uuid->str()}});
}

Result<http::Reply> list_repositories(const Shared& ground, const Call& call) {
  const Result<Uuid> uuid = builds::path_uuid(call, "forge_uuid");
  if (!uuid) return tl::unexpected<Error>(uuid.error());
  const Result<model::ForgeRecord> forge = ground->forges.forge(call.account_id, *uuid);
  if (!forge) return tl::unexpected<Error>(forge.error());
  const scm::Forge* kind = scm::forge_of(forge->provider);
  if (!forge->is_app() || kind == nullptr || kind->apps == nullptr)
    return fail(Errc::conflict, "this forge is set up with a token; only an App has installations",
                "forge_uuid");
  const std::unique_ptr<HttpClient> http = ground->directory.client(forge->ca);
  const Result<scm::AppAccess> app = ground->directory.as_app(*forge, *http);
  if (!app) return tl::unexpected<Error>(app.error());
  const Result<std::vector<scm::Installation>> installations = kind->apps->installations(*app);
  if (!installations) return tl::unexpected<Error>(installations.error());
  json::array out;
  for (const scm::Installation& one : *installations) {
    json::array repositories;
    if (!one.suspended) {
      const Result<std::vector<scm::AppRepository>> seen = kind->apps->repositories(*app, one.id);
      if (!seen) return tl::unexpected<Error>(seen.error());
      for (const scm::AppRepository& repository : *seen) {
        repositories.push_back(json::object{{"id", repository.id},
                                            {"full_name", repository.full_name},
                                            {"clone_url", repository.clone_url},
                                            {"private", repository.is_private}});
      }
    }
    out.push_back(json::object{{"installation_id", one.id},
                               {"account", one.account_name},
                               {"suspended", one.suspended},
                               {"all_repositories", one.all_repositories},
                               {"repositories", std::move(repositories)}});
  }
  return success_response(out);
}

json::object report_json(const store::FailingReport& report) {
  const bool of_build = report.kind == store::ReportKind::build;
  return {{"kind", of_build ? "build" : "pull_request"},
          {"build_uuid", of_build ? json::value(report.build.str()) : json::value(nullptr)},
          {"pull_request", of_build ? json::value(nullptr) : json::value(report.pull_request)},
          {"repo_connection_uuid", report.connection.str()},
          {"api_url", forges::api_url_of_lane(report.host)},
          {"error", report.error},
          {"attempts", report.attempts},
          {"next_try_on", wire::time_or_null(report.due_on)}};
}

Result<http::Reply> list_failing(const Shared& ground, const Call& call) {
  const Result<std::vector<store::FailingReport>> all = ground->reports.failing(call.account_id);
  if (!all) return tl::unexpected<Error>(all.error());
  json::array out;
  for (const store::FailingReport& report : *all) out.push_back(report_json(report));
  return success_response(out);
}

Result<http::Reply> resend_failing(const Shared& ground, const Call& call) {
  const Result<int> told = forges::tell_again(ground->directory, ground->reports, call.account_id, "");
  if (!told) return tl::unexpected<Error>(told.error());
  return success_response(json::object{{"reports", *told}});
}

Result<http::Reply> begin_app(const Shared& ground, const Call& call) {
  const Result<json::object> object = builds::object_body(call);
  if (!object) return tl::unexpected<Error>(object.error());
  const Result<AppBody> body = read_new_app(*object);
  if (!body) return tl::unexpected<Error>(body.error());
  PendingApp app;
  app.account_id = call.account_id;
  app.provider = body->forge.provider;
  app.web_url = body->forge.web_url;
  app.api_url = body->forge.api_url;
  app.ca = body->forge.ca;
  app.organization = body->organization;
  // Names of Apps are one for the whole host; the host lets whoever clicks change it.
  app.name = body->name.empty() ? "kiln-" + ground->entropy.hex32().substr(0, 6) : body->name;
  const std::string state = ground->pending.begin(std::move(app));
  return success_response(
      json::object{{"state", state}, {"url", ground->public_url() + "/forges/new/" + state}});
}

Result<http::Reply> app_state(const Shared& ground, const Call& call) {
  const std::optional<PendingApp> app = ground->pending.find(call.request.param("state"));
  if (!app || app->account_id != call.account_id)
    return fail(Errc::not_found, "no App is being made by that state, or it is over; begin again", "state");
  return success_response(json::object{{"forge_uuid", wire::uuid_or_null(app->made)},
                                       {"error", wire::text_or_null(app->problem)}});
}

}  // namespace

std::string hook_url(const ForgesDeps& ground, const std::string& provider) {
  return ground.public_url() + "/webhooks/" + provider;
}

Result<model::ForgeRecord> keep(const ForgesDeps& ground, model::ForgeRecord forge,
                                const model::ForgeSecrets& secrets) {
  forge.uuid = ground.entropy.uuid();
  forge.created_on = ground.clock.now();
  Result<model::ForgeRecord> kept = ground.forges.keep_forge(forge, secrets);
  ground.directory.forget_all();
  if (!kept) return kept;
  const Result<int> told =
      forges::tell_again(ground.directory, ground.reports, kept->account_id, kept->api_url);
  if (!told) log::error("what {} refused is not told again: {}", kept->api_url, told.error().message);
  return kept;
}

Result<Checked> keep_checked(const ForgesDeps& ground, model::ForgeRecord forge,
                             const model::ForgeSecrets& secrets) {
  const scm::Forge* kind = scm::forge_of(forge.provider);
  if (kind == nullptr) return fail(Errc::internal, "a forge of no kind");
  const std::unique_ptr<HttpClient> http = ground.directory.client(forge.ca);
  const auto refused = [](const Error& error, const char* field) {
    const bool is_theirs =
        error.code == Errc::unauthenticated || error.code == Errc::not_found || error.code == Errc::forbidden;
    return is_theirs ? Error{Errc::invalid,
                             fmt::format("Invalid request: {} is refused: {}", field, error.message), field}
                     : error;
  };
  const Result<std::vector<model::ForgeRecord>> there = ground.forges.forges(forge.account_id);
  if (!there) return tl::unexpected<Error>(there.error());
  const auto is_same = [&](const model::ForgeRecord& one) {
    return one.provider == forge.provider && one.web_url == forge.web_url;
  };
  if (there->size() >= kMostForges && std::none_of(there->begin(), there->end(), is_same))
    return fail(Errc::conflict, fmt::format("an account has {} source hosts at most; kiln forge remove "
                                            "takes one away",
                                            kMostForges));
  std::vector<std::string> lacks;
  if (forge.is_app()) {
    const scm::AppAccess app{*http, forge.api_url, forge.app_id, secrets.private_key,
                             ground.clock.now() / 1000};
    const Result<scm::MadeApp> itself = kind->apps->itself(app);
    if (!itself) return tl::unexpected<Error>(refused(itself.error(), "app_id or private_key"));
    forge.app_slug = itself->slug;
    forge.client_id = itself->client_id;
  } else {
    Result<std::vector<std::string>> good = kind->api->check_token({*http, forge.api_url, secrets.token});
    if (!good) return tl::unexpected<Error>(refused(good.error(), "token"));
    for (const std::string& clause : *good) lacks.push_back("the token " + clause);
  }
  Result<model::ForgeRecord> kept = keep(ground, std::move(forge), secrets);
  if (!kept) return tl::unexpected<Error>(kept.error());
  return Checked{*std::move(kept), std::move(lacks)};
}

}  // namespace forge_routes

void add_forge_routes(http::Router& router, const Gate& gate, const ForgesDeps& deps) {
  using forge_routes::Shared;
  const auto ground = std::make_shared<const ForgesDeps>(deps);
  builds::Adder routes(router, gate);
  const auto add = [&](const char* method, const std::string& path, Needs needs, http::Work work,
                       Result<http::Reply> (*handle)(const Shared&, const Call&)) {
    routes.add(method, path, needs, [ground, handle](const Call& call) { return handle(ground, call); },
               {.work = work});
  };
  add("GET", "/forges", Needs::ci_read, http::Work::read, forge_routes::list_forges);
  add("POST", "/forges", Needs::ci_write, http::Work::git, forge_routes::add_forge);
  add("DELETE", "/forges/{forge_uuid}", Needs::ci_write, http::Work::store, forge_routes::delete_forge);
  add("GET", "/forges/{forge_uuid}/repositories", Needs::ci_read, http::Work::git,
      forge_routes::list_repositories);
  add("GET", "/forge_reports", Needs::ci_read, http::Work::read, forge_routes::list_failing);
  add("POST", "/forge_reports/resend", Needs::ci_write, http::Work::store, forge_routes::resend_failing);
  add("POST", "/forge_apps", Needs::ci_write, http::Work::store, forge_routes::begin_app);
  add("GET", "/forge_apps/{state}", Needs::ci_write, http::Work::read, forge_routes::app_state);
  forge_routes::add_pages(router, ground);
}

}  // namespace kiln::api
