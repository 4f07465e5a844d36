#include "api/sessions/oidc_provider.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <optional>

#include "api/sessions/oidc_fields.h"
#include "api/sessions/oidc_token.h"
#include "base/escape.h"
#include "base/hex.h"
#include "base/printable.h"
#include "base/strings.h"
#include "scm/forge/api_call.h"
#include "wire/json.h"

namespace kiln::api::sessions {
namespace {

namespace json = boost::json;

constexpr TimeMs kKnownForMs = TimeMs{60} * 60'000;
constexpr TimeMs kKeysAgainAfterMs = 60'000;  // so that nobody makes us ask all the time
constexpr int kProviderTimeoutMs = 10'000;
constexpr std::size_t kLargestProviderAnswer = 1U << 20U;
constexpr std::size_t kMostGroups = 1'000;
constexpr std::size_t kLongestPersonName = 200;

tl::unexpected<Error> provider_fault(const std::string& issuer, std::string_view what, std::string_view why) {
  return fail(Errc::unavailable,
              fmt::format("The sign-in provider at {} {}: {}. Try again; `kiln dashboard` on the "
                          "server's machine signs in without it",
                          issuer, what, why));
}

// The texts of a claim: a list, or one text that stands for a list of it. Nothing where there is no such
// claim.
std::optional<std::vector<std::string>> texts_member(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains(name);
  if (value == nullptr) return std::nullopt;
  std::vector<std::string> texts;
  if (value->is_string()) texts.emplace_back(value->get_string());
  if (!value->is_array()) return texts;
  for (const json::value& one : value->get_array()) {
    if (one.is_string() && texts.size() < kMostGroups) texts.emplace_back(one.get_string());
  }
  return texts;
}

std::string name_in(const json::object& claims) {
  for (const char* member : {"preferred_username", "email", "name", "nickname"}) {
    if (std::string name = printable(text_member(claims, member), kLongestPersonName); !name.empty())
      return name;
  }
  return {};
}

Result<ProviderPlaces> read_places(const json::object& document, const std::string& issuer) {
  const std::string own = text_member(document, "issuer");
  if (own != issuer)
    return provider_fault(issuer, "calls itself something else",
                          fmt::format("\"{}\"; oidc.issuer must be that to the letter", printable(own, 200)));
  ProviderPlaces places{text_member(document, "authorization_endpoint"),
                        text_member(document, "token_endpoint"), text_member(document, "userinfo_endpoint"),
                        text_member(document, "jwks_uri")};
  for (const std::string* url : {&places.authorization, &places.token, &places.keys_url}) {
    if (!model::is_provider_url(*url))
      return provider_fault(issuer, "names an address that is not taken",
                            url->empty() ? "none" : printable(*url, 200));
  }
  if (!model::is_provider_url(places.user_info)) places.user_info.clear();
  const json::value* names = document.if_contains("authorization_response_iss_parameter_supported");
  places.names_itself = names != nullptr && names->is_bool() && names->get_bool();
  if (const auto ways = texts_member(document, "token_endpoint_auth_methods_supported")) {
    const auto takes = [&](const char* way) {
      return std::find(ways->begin(), ways->end(), way) != ways->end();
    };
    places.takes_basic = takes("client_secret_basic") || !takes("client_secret_post");
  }
  return places;
}

std::string form_of(const std::vector<std::pair<std::string, std::string>>& fields) {
  std::string body;
  for (const auto& [name, value] : fields) {
    if (!body.empty()) body += '&';
    body += name + '=' + url_encode(value);
  }
  return body;
}

}  // namespace

// `may_refuse`: a 4xx with an OAuth error is an answer (RFC 6749, 5.2).
Result<json::object> OidcProvider::ask(HttpRequest request, const char* what, bool may_refuse) {
  request.ca = ca_;
  request.timeout_ms = kProviderTimeoutMs;
  request.headers.emplace_back("accept", "application/json");
  std::string body;
  request.on_data = [&body](std::string_view piece) {
    body.append(piece.substr(0, kLargestProviderAnswer + 1 - std::min(body.size(), kLargestProviderAnswer)));
    return body.size() <= kLargestProviderAnswer;
  };
  const Result<HttpResponse> answer = client_()->send(request);
  if (!answer) return provider_fault(settings_.issuer, what, answer.error().message);
  Result<json::value> parsed = wire::parse_json(body);
  const bool is_object = parsed && parsed->is_object();
  const bool is_answer =
      answer->status == 200 || (may_refuse && (answer->status == 400 || answer->status == 401));
  if (!is_answer || !is_object)
    return provider_fault(
        settings_.issuer, what,
        is_answer ? std::string("no JSON object") : fmt::format("it answered {}", answer->status));
  return std::move(parsed->get_object());
}

Result<OidcProvider::Known> OidcProvider::known(bool with_newer_keys) {
  const TimeMs now = clock_.now();
  Known fresh;
  {
    const std::lock_guard lock(mutex_);
    if (known_ && now - known_->read_on < kKnownForMs) {
      const bool asks = with_newer_keys && now - known_->keys_read_on >= kKeysAgainAfterMs;
      if (!asks) return *known_;
      fresh = *known_;
    }
  }
  if (fresh.read_on == 0) {
    const std::string_view base = settings_.issuer;
    HttpRequest request;
    request.url = std::string(base.substr(0, base.size() - (base.ends_with('/') ? 1 : 0))) +
                  "/.well-known/openid-configuration";
    const Result<json::object> document = ask(std::move(request), "does not say where it signs people in");
    if (!document) return tl::unexpected<Error>(document.error());
    Result<ProviderPlaces> places = read_places(*document, settings_.issuer);
    if (!places) return tl::unexpected<Error>(places.error());
    fresh.places = std::move(*places);
    fresh.read_on = now;
  }
  HttpRequest request;
  request.url = fresh.places.keys_url;
  Result<json::object> keys = ask(std::move(request), "does not show its keys");
  if (!keys) return tl::unexpected<Error>(keys.error());
  fresh.keys = std::move(*keys);
  fresh.keys_read_on = now;
  const std::lock_guard lock(mutex_);
  known_ = std::make_shared<const Known>(fresh);
  return fresh;
}

Result<ProviderPlaces> OidcProvider::places() {
  Result<Known> now = known(false);
  if (!now) return tl::unexpected<Error>(now.error());
  return std::move(now->places);
}

Result<json::object> OidcProvider::claims_of(const std::string& id_token, const std::string& nonce) {
  const IdTokenExpected expected{settings_.issuer, settings_.client_id, nonce, clock_.now()};
  const Result<Known> before = known(false);
  if (!before) return tl::unexpected<Error>(before.error());
  Result<json::object> claims = read_id_token(id_token, before->keys, expected);
  if (claims || claims.error().code != Errc::not_found) return claims;
  const Result<Known> after = known(true);
  if (!after) return tl::unexpected<Error>(after.error());
  claims = read_id_token(id_token, after->keys, expected);
  if (!claims && claims.error().code == Errc::not_found) claims.error().code = Errc::unauthenticated;
  return claims;
}

Result<SignedInPerson> OidcProvider::redeem(const BroughtCode& brought) {
  const Result<ProviderPlaces> at = places();
  if (!at) return tl::unexpected<Error>(at.error());
  std::vector<std::pair<std::string, std::string>> fields = {{"grant_type", "authorization_code"},
                                                             {"code", brought.code},
                                                             {"redirect_uri", brought.redirect_uri},
                                                             {"code_verifier", brought.verifier}};
  HttpRequest request;
  request.method = "POST";
  request.url = at->token;
  request.headers.emplace_back("content-type", "application/x-www-form-urlencoded");
  const bool basic = at->takes_basic && !client_secret_.empty();
  if (basic) {
    request.headers.emplace_back("authorization", "Basic " + to_base64(url_encode(settings_.client_id) + ":" +
                                                                       url_encode(client_secret_)));
  } else {
    fields.emplace_back("client_id", settings_.client_id);
    if (!client_secret_.empty()) fields.emplace_back("client_secret", client_secret_);
  }
  request.body = form_of(fields);
  const Result<json::object> answer = ask(std::move(request), "does not take the sign-in", true);
  if (!answer) return tl::unexpected<Error>(answer.error());
  if (const std::string error = text_member(*answer, "error"); error == "invalid_grant")
    return fail(Errc::unauthenticated, "The sign-in took too long, or was used before; begin it again");
  else if (!error.empty())
    return provider_fault(
        settings_.issuer, "refuses Kiln",
        printable(error, 60) + "; see oidc.client_id and oidc.client_secret_file in the settings");
  const Result<json::object> claims = claims_of(text_member(*answer, "id_token"), brought.nonce);
  if (!claims) return tl::unexpected<Error>(claims.error());
  SignedInPerson person{text_member(*claims, "sub"), name_in(*claims), {}};
  std::optional<std::vector<std::string>> groups = texts_member(*claims, settings_.groups_claim);
  if ((!groups || person.name.empty()) && !at->user_info.empty()) {
    HttpRequest about;
    about.url = at->user_info;
    about.headers.emplace_back("authorization", "Bearer " + text_member(*answer, "access_token"));
    const Result<json::object> more = ask(std::move(about), "does not tell of the person");
    if (!more) return tl::unexpected<Error>(more.error());
    if (text_member(*more, "sub") != person.subject)
      return fail(Errc::unauthenticated, "The sign-in provider tells of somebody else than has signed in");
    if (!groups) groups = texts_member(*more, settings_.groups_claim);
    if (person.name.empty()) person.name = name_in(*more);
  }
  if (person.name.empty()) person.name = printable(person.subject, kLongestPersonName);
  person.groups = std::move(groups).value_or(std::vector<std::string>{});
  return person;
}

}  // namespace kiln::api::sessions
