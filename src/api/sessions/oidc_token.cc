#include "api/sessions/oidc_token.h"

#include <cjose/cjose.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <memory>
#include <optional>
#include <vector>

#include "api/sessions/oidc_fields.h"
#include "base/hash.h"
#include "base/printable.h"
#include "wire/json.h"

namespace kiln::api::sessions {
namespace {

namespace json = boost::json;

constexpr std::int64_t kSkewSeconds = 60;  // of the two clocks
constexpr std::size_t kMostKeys = 100;

struct JwsRelease {
  void operator()(cjose_jws_t* jws) const { cjose_jws_release(jws); }
};
struct JwkRelease {
  void operator()(cjose_jwk_t* jwk) const { cjose_jwk_release(jwk); }
};
using Jws = std::unique_ptr<cjose_jws_t, JwsRelease>;
using Jwk = std::unique_ptr<cjose_jwk_t, JwkRelease>;

tl::unexpected<Error> token_refused(std::string_view why) {
  return fail(
      Errc::unauthenticated,
      fmt::format("The sign-in provider's answer is not taken: {}. Begin the sign-in again; if it stays so, "
                  "compare [oidc] in Kiln's settings with the client at the provider",
                  why));
}

std::optional<std::int64_t> seconds_member(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains(name);
  if (value == nullptr) return std::nullopt;
  if (value->is_double() && value->get_double() >= 0 && value->get_double() < 1e15)
    return static_cast<std::int64_t>(value->get_double());
  boost::system::error_code failed;
  const auto number = value->to_number<std::int64_t>(failed);
  return failed ? std::nullopt : std::optional(number);
}

// Which kind of key an algorithm is of (RFC 7518, 3.1); empty for those that are not taken.
std::string_view key_kind(std::string_view algorithm) {
  constexpr std::array<std::string_view, 6> rsa = {"RS256", "RS384", "RS512", "PS256", "PS384", "PS512"};
  constexpr std::array<std::string_view, 3> curves = {"ES256", "ES384", "ES512"};
  if (std::find(rsa.begin(), rsa.end(), algorithm) != rsa.end()) return "RSA";
  return std::find(curves.begin(), curves.end(), algorithm) != curves.end() ? "EC" : "";
}

struct Header {
  std::string algorithm;
  std::string key_id;
};

Result<Header> read_header(cjose_jws_t* jws) {
  cjose_header_t* header = cjose_jws_get_protected(jws);
  const auto member = [header](const char* name) {
    const char* text = header == nullptr ? nullptr : cjose_header_get(header, name, nullptr);
    return std::string(text == nullptr ? "" : text);
  };
  if (char* critical = header == nullptr ? nullptr : cjose_header_get_raw(header, "crit", nullptr)) {
    free(critical);  // NOLINT(cppcoreguidelines-no-malloc): cjose's own
    return token_refused("it has a header that must be understood and is not");
  }
  Header read{member("alg"), member("kid")};
  if (key_kind(read.algorithm).empty())
    return token_refused(
        fmt::format("it is signed by \"{}\", which is not taken here", printable(read.algorithm, 20)));
  return read;
}

// Those keys of the set that may have signed it.
std::vector<Jwk> fitting_keys(const json::object& keys, const Header& header) {
  std::vector<Jwk> fitting;
  const json::value* list = keys.if_contains("keys");
  if (list == nullptr || !list->is_array()) return fitting;
  for (const json::value& one : list->get_array()) {
    if (!one.is_object() || fitting.size() == kMostKeys) continue;
    const json::object& key = one.get_object();
    const std::string use = text_member(key, "use");
    const std::string algorithm = text_member(key, "alg");
    if (text_member(key, "kty") != key_kind(header.algorithm)) continue;
    if (!header.key_id.empty() && text_member(key, "kid") != header.key_id) continue;
    if ((!use.empty() && use != "sig") || (!algorithm.empty() && algorithm != header.algorithm)) continue;
    const std::string text = json::serialize(key);
    if (Jwk read(cjose_jwk_import(text.data(), text.size(), nullptr)); read)
      fitting.push_back(std::move(read));
  }
  return fitting;
}

// One is ours, and where there are several the token says that it was asked for by us.
bool is_for(const json::object& claims, const std::string& client_id) {
  const json::value* audience = claims.if_contains("aud");
  if (audience == nullptr) return false;
  const json::value* party = claims.if_contains("azp");
  if (party != nullptr && (!party->is_string() || party->get_string() != client_id)) return false;
  if (audience->is_string()) return audience->get_string() == client_id;
  if (!audience->is_array()) return false;
  const json::array& list = audience->get_array();
  const bool named = std::any_of(list.begin(), list.end(), [&](const json::value& one) {
    return one.is_string() && one.get_string() == client_id;
  });
  return named && (list.size() == 1 || party != nullptr);
}

Status check_claims(const json::object& claims, const IdTokenExpected& expected) {
  const std::int64_t now = expected.now / 1000;
  const std::string issuer = text_member(claims, "iss");
  if (issuer != expected.issuer)
    return token_refused(fmt::format("it is of \"{}\" and not of \"{}\", which oidc.issuer names",
                                     printable(issuer, 200), expected.issuer));
  if (!is_for(claims, expected.client_id)) return token_refused("it was made for another client");
  const auto ends = seconds_member(claims, "exp");
  const auto made = seconds_member(claims, "iat");
  const auto begins = seconds_member(claims, "nbf");
  if (!ends || !made) return token_refused("it does not say when it was made and when it ends");
  if (*ends + kSkewSeconds <= now)
    return token_refused("it has ended already; see that both clocks are right");
  if (*made - kSkewSeconds > now || (begins && *begins - kSkewSeconds > now))
    return token_refused("it was made in the future; see that both clocks are right");
  if (!equal_constant_time(text_member(claims, "nonce"), expected.nonce))
    return token_refused("it belongs to another sign-in");
  if (text_member(claims, "sub").empty()) return token_refused("it does not say who signed in");
  return {};
}

}  // namespace

Result<json::object> read_id_token(std::string_view token, const json::object& keys,
                                   const IdTokenExpected& expected) {
  if (token.size() > kLongestIdToken) return token_refused("its ID token is too long");
  const Jws jws(cjose_jws_import(token.data(), token.size(), nullptr));
  if (!jws) return token_refused("its ID token is no signed token");
  const Result<Header> header = read_header(jws.get());
  if (!header) return tl::unexpected<Error>(header.error());
  const std::vector<Jwk> fitting = fitting_keys(keys, *header);
  if (fitting.empty())
    return fail(Errc::not_found,
                "The sign-in provider's keys do not name the one that has signed its answer");
  const bool is_signed = std::any_of(fitting.begin(), fitting.end(), [&](const Jwk& key) {
    return cjose_jws_verify(jws.get(), key.get(), nullptr);
  });
  if (!is_signed) return token_refused("its signature is not right");
  std::uint8_t* bytes = nullptr;
  std::size_t size = 0;
  if (!cjose_jws_get_plaintext(jws.get(), &bytes, &size, nullptr)) return token_refused("it is empty");
  Result<json::value> claims = wire::parse_json(
      {reinterpret_cast<const char*>(bytes), size});  // NOLINT(*-reinterpret-cast): bytes as text
  if (!claims || !claims->is_object()) return token_refused("it does not hold a JSON object");
  if (Status fine = check_claims(claims->get_object(), expected); !fine)
    return tl::unexpected<Error>(fine.error());
  return std::move(claims->get_object());
}

}  // namespace kiln::api::sessions
