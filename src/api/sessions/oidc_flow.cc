#include "api/sessions/oidc_flow.h"

#include <boost/json.hpp>
#include <utility>
#include <vector>

#include "api/sessions/oidc_fields.h"
#include "base/escape.h"
#include "base/hash.h"
#include "base/hex.h"
#include "scm/forge/api_call.h"
#include "wire/json.h"

namespace kiln::api::sessions {

namespace json = boost::json;

SignInFlow SignInFlows::begin(const PageHost& host, TimeMs now) const {
  const auto secret = [this] { return to_base64url(entropy_.bytes(32)); };
  return {secret(), secret(), secret(), host.origin() + "/login", now + kSignInFlowMs};
}

std::string SignInFlows::seal(const SignInFlow& flow) const {
  const json::object all = {{"state", flow.state},
                            {"nonce", flow.nonce},
                            {"verifier", flow.verifier},
                            {"redirect_uri", flow.redirect_uri},
                            {"until", flow.until}};
  return to_hex(box_.seal(json::serialize(all), entropy_));
}

std::optional<SignInFlow> SignInFlows::open(std::string_view sealed, TimeMs now) const {
  const std::optional<std::string> bytes = from_hex(sealed);
  if (!bytes) return std::nullopt;
  const Result<std::string> plain = box_.unseal(*bytes);
  if (!plain) return std::nullopt;
  const Result<json::value> all = wire::parse_json(*plain);
  if (!all || !all->is_object()) return std::nullopt;
  const json::object& object = all->get_object();
  SignInFlow flow{text_member(object, "state"), text_member(object, "nonce"), text_member(object, "verifier"),
                  text_member(object, "redirect_uri"), object.at("until").to_number<TimeMs>()};
  if (flow.until <= now) return std::nullopt;
  return flow;
}

std::string authorization_url(const std::string& endpoint, const model::OidcSettings& settings,
                              const SignInFlow& flow) {
  std::string scopes;
  for (const std::string& scope : settings.scopes) scopes += (scopes.empty() ? "" : " ") + scope;
  const std::vector<std::pair<const char*, std::string>> asked = {
      {"response_type", "code"},
      {"client_id", settings.client_id},
      {"redirect_uri", flow.redirect_uri},
      {"scope", scopes},
      {"state", flow.state},
      {"nonce", flow.nonce},
      {"code_challenge", to_base64url(sha256(flow.verifier))},
      {"code_challenge_method", "S256"}};
  std::string url = endpoint;
  for (const auto& [name, value] : asked) {
    url += url.find('?') == std::string::npos ? '?' : '&';
    url += std::string(name) + "=" + url_encode(value);
  }
  return url;
}

}  // namespace kiln::api::sessions
