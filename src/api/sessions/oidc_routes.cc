#include "api/sessions/oidc_routes.h"

#include <fmt/format.h>

#include <boost/json.hpp>

#include "api/error_table.h"
#include "api/failed_attempts.h"
#include "api/sessions/sign_in.h"
#include "base/hash.h"
#include "base/printable.h"
#include "scm/git/host_slots.h"
#include "wire/json.h"

namespace kiln::api {
namespace {

namespace json = boost::json;
using sessions::PageHost;
using sessions::SignInFlow;

constexpr std::size_t kProviderCalls = 4;  // at once; each waits for seconds when the provider hangs
constexpr std::size_t kMostGroupsTold = 20;

struct OidcRoutes {
  OidcDeps deps;
  sessions::SignInFlows flows;
  scm::HostSlots calls{{kProviderCalls, kProviderCalls}};
  FailedAttempts failed;

  explicit OidcRoutes(const OidcDeps& given)
      : deps(given), flows(given.sessions.entropy), failed(given.sessions.failures_a_minute) {}
};

tl::unexpected<Error> no_provider() {
  return fail(Errc::not_found, "No sign-in provider is set up: [oidc] in the settings names one");
}

Result<scm::HostSlots::Slot> take_call(OidcRoutes& routes) {
  std::optional<scm::HostSlots::Slot> slot = routes.calls.take(routes.deps.provider->settings().issuer);
  if (!slot)
    return fail(Errc::unavailable, "The sign-in provider has not answered others yet; try again", "5");
  return std::move(*slot);
}

http::Response show_way(const OidcRoutes& routes) {
  const json::value name = routes.deps.provider == nullptr
                               ? json::value(nullptr)
                               : json::value(routes.deps.provider->settings().name);
  return success_response({{"name", name}});
}

Result<http::Reply> begin(OidcRoutes& routes, const http::Request& request) {
  const Result<PageHost> host = sessions::check_page(routes.deps.sessions, request);
  if (!host) return tl::unexpected<Error>(host.error());
  if (routes.deps.provider == nullptr) return no_provider();
  const Result<scm::HostSlots::Slot> call = take_call(routes);
  if (!call) return tl::unexpected<Error>(call.error());
  const Result<sessions::ProviderPlaces> places = routes.deps.provider->places();
  if (!places) return tl::unexpected<Error>(places.error());
  const SignInFlow flow = routes.flows.begin(*host, routes.deps.sessions.clock.now());
  http::Response response = success_response(
      {{"authorization_url",
        sessions::authorization_url(places->authorization, routes.deps.provider->settings(), flow)}});
  response.headers.emplace_back("set-cookie",
                                sessions::set_cookie(*host, host->flow_cookie_name(), routes.flows.seal(flow),
                                                     sessions::kSignInFlowMs / 1'000));
  response.headers.emplace_back("cache-control", "no-store");
  return response;
}

// What the provider sent the person back with.
struct BroughtBack {
  std::string code;
  std::string state;
  std::string issuer;
};

Result<BroughtBack> read_brought(const http::Request& request) {
  const Result<json::value> body = wire::parse_json(request.body);
  if (!body) return tl::unexpected<Error>(body.error());
  if (!body->is_object())
    return fail(Errc::invalid, "Invalid request body: it must be a JSON object", "body");
  wire::Fields fields(body->get_object());
  BroughtBack brought{fields.required_text("code", {1, 4'000, false}),
                      fields.required_text("state", {1, 200, false}),
                      fields.optional_text("iss", {1, 2'000, false}).value_or("")};
  if (Status fine = fields.status(); !fine) return tl::unexpected<Error>(fine.error());
  return brought;
}

// The sign-in that this browser has begun, if this is its end.
Result<SignInFlow> flow_of(OidcRoutes& routes, const http::Request& request, const PageHost& host,
                           const BroughtBack& brought) {
  const Result<std::string> cookie = sessions::cookie_of(request, host.flow_cookie_name());
  if (!cookie) return tl::unexpected<Error>(cookie.error());
  std::optional<SignInFlow> flow = routes.flows.open(*cookie, routes.deps.sessions.clock.now());
  if (!flow || !equal_constant_time(flow->state, brought.state))
    return fail(Errc::unauthenticated,
                "This sign-in was not begun by this browser, or more than 10 minutes ago; begin it again");
  return std::move(*flow);
}

// Against mix-up (RFC 9207, 2.4).
Status check_issuer(const sessions::OidcProvider& provider, const sessions::ProviderPlaces& places,
                    const std::string& said) {
  if (said == provider.settings().issuer || (said.empty() && !places.names_itself)) return {};
  return fail(Errc::unauthenticated, "This is the answer of another sign-in provider than oidc.issuer names");
}

Result<model::ProvenPerson> person_of(const OidcRoutes& routes, const sessions::SignedInPerson& signed_in) {
  const model::OidcSettings& settings = routes.deps.provider->settings();
  const std::optional<model::Role> role = model::role_of(settings.roles, signed_in.groups);
  if (!role) {
    std::string groups;
    for (std::size_t i = 0; i < std::min(signed_in.groups.size(), kMostGroupsTold); ++i)
      groups += (i == 0 ? "" : ", ") + printable(signed_in.groups[i], 100);
    return fail(Errc::forbidden,
                fmt::format("{} has signed in, but may do nothing here: {}; oidc.view, oidc.operate and "
                            "oidc.administer in the settings say which groups may do what",
                            signed_in.name,
                            groups.empty() ? fmt::format("the provider names no groups (claim \"{}\")",
                                                         settings.groups_claim)
                                           : "none of the groups has a role (" + groups + ")"));
  }
  return model::ProvenPerson{settings.issuer + " " + signed_in.subject,
                             *role == model::Role::administer ? std::string() : routes.deps.account_id,
                             signed_in.name,
                             model::rights_of(*role),
                             routes.deps.sessions.clock.now() + TimeMs{settings.session_hours} * 3'600'000,
                             model::grant_of(settings)};
}

Result<http::Reply> finish(OidcRoutes& routes, const http::Request& request) {
  const SessionDeps& deps = routes.deps.sessions;
  const Result<PageHost> host = sessions::check_page(deps, request);
  if (!host) return tl::unexpected<Error>(host.error());
  if (routes.deps.provider == nullptr) return no_provider();
  const Result<BroughtBack> brought = read_brought(request);
  if (!brought) return tl::unexpected<Error>(brought.error());
  const Result<SignInFlow> flow = flow_of(routes, request, *host, *brought);
  if (!flow) return tl::unexpected<Error>(flow.error());
  const Result<scm::HostSlots::Slot> call = take_call(routes);
  if (!call) return tl::unexpected<Error>(call.error());
  sessions::OidcProvider& provider = *routes.deps.provider;
  const Result<sessions::ProviderPlaces> places = provider.places();
  if (!places) return tl::unexpected<Error>(places.error());
  if (Status fine = check_issuer(provider, *places, brought->issuer); !fine)
    return tl::unexpected<Error>(fine.error());
  const Result<sessions::SignedInPerson> signed_in =
      provider.redeem({brought->code, flow->verifier, flow->nonce, flow->redirect_uri});
  if (!signed_in) return tl::unexpected<Error>(signed_in.error());
  const Result<model::ProvenPerson> person = person_of(routes, *signed_in);
  if (!person) return tl::unexpected<Error>(person.error());
  const sessions::FreshSession fresh = sessions::fresh_session(deps, request);
  const Result<model::Session> session = deps.store.begin_by_person(*person, fresh.stored);
  if (!session) return tl::unexpected<Error>(session.error());
  Result<http::Response> response = sessions::signed_in(deps, request, *host, *session, fresh.secret);
  if (!response) return tl::unexpected<Error>(response.error());
  response->headers.insert(response->headers.begin(),
                           {"set-cookie", sessions::set_cookie(*host, host->flow_cookie_name(), "", 0)});
  return std::move(*response);
}

// A browser that fails again and again is told to wait, as with tokens.
Result<http::Reply> counted(OidcRoutes& routes, const http::Request& request, Result<http::Reply> reply) {
  if (reply || reply.error().code != Errc::unauthenticated) return reply;
  const TimeMs now = routes.deps.sessions.clock.now();
  const std::optional<int> wait = routes.failed.wait_seconds(request.peer, now);
  routes.failed.note(request.peer, now);
  if (!wait) return reply;
  return fail(Errc::rate_limited,
              fmt::format("Too many attempts to sign in from your address; try again in {} s", *wait),
              std::to_string(*wait));
}

}  // namespace

void add_oidc_routes(http::Router& router, const OidcDeps& deps) {
  const auto shared = std::make_shared<OidcRoutes>(deps);
  const http::RouteOptions waits{.max_body = 16U << 10U, .work = http::Work::git};
  router.add("GET", "/kiln/v1/oidc", {.max_body = 0, .work = http::Work::quick},
             Gate::open([shared](const http::Request& /*request*/) -> Result<http::Reply> {
               return show_way(*shared);
             }));
  router.add("POST", "/kiln/v1/oidc", waits,
             Gate::open([shared](const http::Request& request) { return begin(*shared, request); }));
  router.add("POST", "/kiln/v1/oidc/session", waits, Gate::open([shared](const http::Request& request) {
               return counted(*shared, request, finish(*shared, request));
             }));
}

}  // namespace kiln::api
