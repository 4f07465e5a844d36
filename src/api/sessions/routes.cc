#include "api/sessions/routes.h"

#include <fmt/format.h>

#include <boost/json.hpp>

#include "api/builds/handlers.h"
#include "api/error_table.h"
#include "api/failed_attempts.h"
#include "api/sessions/sign_in.h"
#include "base/hash.h"
#include "base/hex.h"
#include "base/ip_address.h"
#include "base/strings.h"
#include "base/time_format.h"
#include "base/version.h"
#include "wire/json.h"

namespace kiln::api {
namespace {

namespace json = boost::json;

struct SessionRoutes {
  SessionDeps deps;
  FailedAttempts failed;

  explicit SessionRoutes(const SessionDeps& given) : deps(given), failed(given.failures_a_minute) {}
};
using Shared = std::shared_ptr<SessionRoutes>;

json::object session_json(const model::Session& session, bool current) {
  json::array permissions;
  if (const std::string words = session.permissions.str(); !words.empty()) {
    for (const std::string& word : split(words, ',')) permissions.emplace_back(word);
  }
  return {{"session_id", session.id.str()},
          {"name", session.name},
          {"origin", !session.person.empty() ? "person"
                     : session.token         ? "token"
                                             : "code"},
          {"account_id", session.is_admin() ? json::value(nullptr) : json::value(session.account_id)},
          {"permissions", std::move(permissions)},
          {"is_admin", session.is_admin()},
          {"created_on", format_rfc3339(session.created_on)},
          {"last_used_on", format_rfc3339(session.last_used_on)},
          {"expires_on", format_rfc3339(session.expires_on)},
          {"idle_expires_on", format_rfc3339(std::min(session.idle_expires_on(), session.expires_on))},
          {"address", session.address},
          {"user_agent", session.user_agent},
          {"current", current}};
}

// Whether `domain` is, or lies below, the last two labels of `host`, which browsers take for one site. An
// address has no site but itself.
bool is_near(const std::string& host, const std::string& domain) {
  if (host.empty() || IpAddress::parse(host) || host.starts_with('[')) return false;
  const std::size_t last = host.rfind('.');
  const std::size_t dot =
      last == std::string::npos || last == 0 ? std::string::npos : host.rfind('.', last - 1);
  const std::string site = dot == std::string::npos ? host : host.substr(dot + 1);
  return domain == site || domain.ends_with("." + site);
}

Result<json::object> signed_in_json(const SessionDeps& deps, const http::Request& request,
                                    const model::Session& session) {
  const Result<std::vector<model::Account>> accounts = deps.accounts.accounts();
  if (!accounts) return tl::unexpected<Error>(accounts.error());
  json::array shown;
  for (const model::Account& account : *accounts) {
    if (session.is_admin() || account.id == session.account_id)
      shown.push_back({{"id", account.id}, {"name", account.name}});
  }
  const Result<sessions::PageHost> host = sessions::check_host(request, deps.sessions.rules());
  if (!host) return tl::unexpected<Error>(host.error());
  return json::object{{"session", session_json(session, true)},
                      {"accounts", std::move(shown)},
                      {"version", kVersion},
                      {"plain_http", !host->secure && !host->loopback},
                      {"workers_domain_is_near", is_near(host->name, deps.workers_domain)}};
}

struct AskedSignIn {
  std::string code;
  std::string token;
};

Result<AskedSignIn> read_sign_in(const http::Request& request) {
  Result<json::value> body = wire::parse_json(request.body);
  if (!body) return tl::unexpected<Error>(body.error());
  if (!body->is_object())
    return fail(Errc::invalid, "Invalid request body: it must be a JSON object", "body");
  wire::Fields fields(body->get_object());
  AskedSignIn asked{fields.optional_text("code", {1, 200, false}).value_or(""),
                    fields.optional_text("token", {1, 1'000, false}).value_or("")};
  if (asked.code.empty() == asked.token.empty())
    fields.refuse("code", "or token must be given, and not both");
  if (Status fine = fields.status(); !fine) return tl::unexpected<Error>(fine.error());
  return asked;
}

Result<http::Reply> sign_in(SessionRoutes& routes, const http::Request& request) {
  const SessionDeps& deps = routes.deps;
  const Result<sessions::PageHost> host = sessions::check_page(deps, request);
  if (!host) return tl::unexpected<Error>(host.error());
  const Result<AskedSignIn> asked = read_sign_in(request);
  if (!asked) return tl::unexpected<Error>(asked.error());
  const TimeMs now = deps.clock.now();
  const sessions::FreshSession fresh = sessions::fresh_session(deps, request);
  const Result<model::Session> session = asked->code.empty()
                                             ? deps.store.begin_by_token(sha256(asked->token), fresh.stored)
                                             : deps.store.begin_by_code(sha256(asked->code), fresh.stored);
  if (!session) {
    if (session.error().code != Errc::unauthenticated) return tl::unexpected<Error>(session.error());
    const std::optional<int> wait = routes.failed.wait_seconds(request.peer, now);
    routes.failed.note(request.peer, now);
    if (!wait) return tl::unexpected<Error>(session.error());
    return fail(Errc::rate_limited,
                fmt::format("Too many attempts to sign in from your address; try again in {} s", *wait),
                std::to_string(*wait));
  }
  Result<http::Response> response = sessions::signed_in(deps, request, *host, *session, fresh.secret);
  if (!response) return tl::unexpected<Error>(response.error());
  return std::move(*response);
}

// The caller's own. Errors: Errc::unauthenticated for whoever has a token and no session.
Result<model::Session> own_session(const SessionDeps& deps, const Call& call) {
  if (!call.who.session) return nobody_is_signed_in();
  Result<std::optional<model::Session>> own = deps.store.session(*call.who.session);
  if (!own) return tl::unexpected<Error>(own.error());
  if (*own) return std::move(**own);
  return fail(Errc::unauthenticated, "The session has ended; sign in again");
}

Result<http::Reply> show(const SessionDeps& deps, const Call& call) {
  const Result<model::Session> session = own_session(deps, call);
  if (!session) return tl::unexpected<Error>(session.error());
  const Result<json::object> shown = signed_in_json(deps, call.request, *session);
  if (!shown) return tl::unexpected<Error>(shown.error());
  http::Response response = success_response(*shown);
  response.headers.emplace_back("cache-control", "no-store");
  return response;
}

Result<http::Reply> sign_out(const SessionDeps& deps, const Call& call) {
  const Result<model::Session> session = own_session(deps, call);
  if (!session) return tl::unexpected<Error>(session.error());
  const Result<sessions::PageHost> host = sessions::check_host(call.request, deps.sessions.rules());
  if (!host) return tl::unexpected<Error>(host.error());
  if (Status ended = deps.store.end_session(session->id); !ended && ended.error().code != Errc::not_found)
    return tl::unexpected<Error>(ended.error());
  http::Response response = success_response(nullptr);
  response.headers.emplace_back("set-cookie", sessions::set_cookie(*host, host->cookie_name(), "", 0));
  return response;
}

// Those that the caller may see: of its token, its person, or of its code alone; all, for an administrator.
Result<std::vector<model::Session>> visible(const SessionDeps& deps, const Call& call) {
  const Result<model::Session> own = own_session(deps, call);
  if (!own) return tl::unexpected<Error>(own.error());
  if (own->is_admin()) return deps.store.sessions(std::nullopt);
  if (own->token) return deps.store.sessions(own->token);
  if (!own->person.empty()) {
    Result<std::vector<model::Session>> all = deps.store.sessions(std::nullopt);
    if (all) std::erase_if(*all, [&](const model::Session& one) { return one.person != own->person; });
    return all;
  }
  return std::vector<model::Session>{*own};
}

Result<http::Reply> list(const SessionDeps& deps, const Call& call) {
  deps.sessions.write_uses();
  const Result<std::vector<model::Session>> found = visible(deps, call);
  if (!found) return tl::unexpected<Error>(found.error());
  json::array shown;
  for (const model::Session& session : *found)
    shown.push_back(session_json(session, session.id == *call.who.session));
  return success_response(shown);
}

Result<http::Reply> end_others(const SessionDeps& deps, const Call& call) {
  const Result<std::vector<model::Session>> found = visible(deps, call);
  if (!found) return tl::unexpected<Error>(found.error());
  int ended = 0;
  for (const model::Session& session : *found) {
    if (session.id == *call.who.session) continue;
    const Status done = deps.store.end_session(session.id);
    if (!done && done.error().code != Errc::not_found) return tl::unexpected<Error>(done.error());
    if (done) ++ended;
  }
  return success_response({{"ended", ended}});
}

Result<http::Reply> end_one(const SessionDeps& deps, const Call& call) {
  const Result<Uuid> id = builds::path_uuid(call, "session_id");
  if (!id) return tl::unexpected<Error>(id.error());
  const Result<std::vector<model::Session>> found = visible(deps, call);
  if (!found) return tl::unexpected<Error>(found.error());
  for (const model::Session& session : *found) {
    if (session.id != *id) continue;
    if (Status done = deps.store.end_session(*id); !done) return tl::unexpected<Error>(done.error());
    return success_response(nullptr);
  }
  return fail(Errc::not_found, "there is no session " + id->str(), "session_id");
}

Result<http::Reply> make_code(const SessionDeps& deps, const Call& call) {
  const Result<json::object> body = builds::object_body(call);
  if (!body) return tl::unexpected<Error>(body.error());
  wire::Fields fields(*body);
  model::LoginCode code;
  code.account_id = fields.optional_text("account_id", {1, 64, false}).value_or("");
  if (const auto words = fields.optional_text("permissions", {1, 256, false})) {
    const std::optional<model::Permissions> permissions = model::Permissions::parse(*words);
    if (!permissions || permissions->admin)
      fields.refuse("permissions", "must be a list of ci:read, ci:write, scripts:read, scripts:write");
    code.permissions = permissions.value_or(model::Permissions{});
  }
  if (Status fine = fields.status(); !fine) return tl::unexpected<Error>(fine.error());
  // An administrator has every right, so that whoever shall have fewer needs an account.
  if (code.account_id.empty() && code.permissions != model::Permissions::all())
    return fail(Errc::invalid, "Invalid request body: permissions need an account_id", "account_id");
  if (!code.account_id.empty()) {
    const Result<model::Account> account = deps.accounts.account(code.account_id);
    if (!account) return tl::unexpected<Error>(account.error());
  }
  code.name = "kiln dashboard";
  const Result<MadeLoginCode> made = make_login_code(deps, std::move(code));
  if (!made) return tl::unexpected<Error>(made.error());
  return success_response({{"code", made->text}, {"expires_on", format_rfc3339(made->expires_on)}});
}

}  // namespace

namespace sessions {

Result<PageHost> check_page(const SessionDeps& deps, const http::Request& request) {
  Result<PageHost> host = check_host(request, deps.sessions.rules());
  if (!host) return host;
  if (Status origin = check_origin(request, *host); !origin) return tl::unexpected<Error>(origin.error());
  if (Status transport = check_transport(request, *host, deps.sessions.rules()); !transport)
    return tl::unexpected<Error>(transport.error());
  return host;
}

FreshSession fresh_session(const SessionDeps& deps, const http::Request& request) {
  const std::string secret = to_base64url(deps.entropy.bytes(32));
  return {secret,
          {deps.entropy.uuid(), sha256(secret), request.peer, std::string(request.header("user-agent"))}};
}

Result<http::Response> signed_in(const SessionDeps& deps, const http::Request& request, const PageHost& host,
                                 const model::Session& session, const std::string& secret) {
  const Result<json::object> shown = signed_in_json(deps, request, session);
  if (!shown) return tl::unexpected<Error>(shown.error());
  http::Response response = success_response(*shown);
  response.headers.emplace_back("set-cookie",
                                set_cookie(host, host.cookie_name(), secret, model::kSessionMostMs / 1'000));
  response.headers.emplace_back("cache-control", "no-store");
  return response;
}

std::string set_cookie(const PageHost& host, const std::string& name, const std::string& value,
                       TimeMs seconds) {
  return fmt::format("{}={}; Path=/; HttpOnly; SameSite=Strict; Max-Age={}{}", name, value, seconds,
                     host.secure ? "; Secure" : "");
}

}  // namespace sessions

Result<MadeLoginCode> make_login_code(const SessionDeps& deps, model::LoginCode wanted) {
  wanted.expires_on = deps.clock.now() + model::kLoginCodeMs;
  std::string text = std::string(model::kLoginCodePrefix) + to_base64url(deps.entropy.bytes(32));
  if (Status stored = deps.store.add_login_code(wanted, sha256(text)); !stored)
    return tl::unexpected<Error>(stored.error());
  return MadeLoginCode{std::move(text), wanted.expires_on};
}

void add_session_routes(http::Router& router, const Gate& gate, const SessionDeps& deps) {
  const auto shared = std::make_shared<SessionRoutes>(deps);
  constexpr std::size_t small = 8U << 10U;
  const auto add = [&](const char* method, const char* path, auto handler) {
    router.add(method, path, {.max_body = small}, gate.guard(Needs::any, [shared, handler](const Call& call) {
      return handler(shared->deps, call);
    }));
  };
  router.add("POST", "/kiln/v1/session", {.max_body = small},
             Gate::open([shared](const http::Request& request) -> Result<http::Reply> {
               return sign_in(*shared, request);
             }));
  add("GET", "/kiln/v1/session", show);
  add("DELETE", "/kiln/v1/session", sign_out);
  add("GET", "/kiln/v1/sessions", list);
  add("DELETE", "/kiln/v1/sessions", end_others);
  add("DELETE", "/kiln/v1/sessions/{session_id}", end_one);
}

void add_login_code_route(http::Router& router, const Gate& gate, const SessionDeps& deps) {
  router.add("POST", "/kiln/v1/login_codes", {},
             gate.guard(Needs::admin, [deps](const Call& call) { return make_code(deps, call); }));
}

}  // namespace kiln::api
