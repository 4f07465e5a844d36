// A provider's keys and the tokens that it signs, for tests. One thread.
#pragma once

#include <cjose/cjose.h>

#include <boost/json.hpp>
#include <cstdlib>
#include <memory>
#include <string>

namespace kiln::api::sessions {

class SigningKey {
 public:
  enum class Kind { rsa, curve, secret };

  SigningKey(Kind kind, std::string id) : kind_(kind), id_(std::move(id)), key_(make(kind)) {
    if (!id_.empty()) cjose_jwk_set_kid(key_, id_.data(), id_.size(), nullptr);
  }
  ~SigningKey() { cjose_jwk_release(key_); }
  SigningKey(const SigningKey&) = delete;
  SigningKey& operator=(const SigningKey&) = delete;

  // The half that everybody may see.
  [[nodiscard]] boost::json::object shown() const {
    char* text = cjose_jwk_to_json(key_, kind_ == Kind::secret, nullptr);
    boost::json::object object = boost::json::parse(text).as_object();
    free(text);  // NOLINT(cppcoreguidelines-no-malloc): cjose's own
    return object;
  }
  [[nodiscard]] std::string sign(const boost::json::object& claims, const char* algorithm,
                                 const char* critical = nullptr) const {
    cjose_header_t* header = cjose_header_new(nullptr);
    cjose_header_set(header, CJOSE_HDR_ALG, algorithm, nullptr);
    if (!id_.empty()) cjose_header_set(header, CJOSE_HDR_KID, id_.c_str(), nullptr);
    if (critical != nullptr) cjose_header_set_raw(header, "crit", critical, nullptr);
    const std::string text = boost::json::serialize(claims);
    cjose_jws_t* jws = cjose_jws_sign(key_, header, reinterpret_cast<const std::uint8_t*>(text.data()),
                                      text.size(), nullptr);
    const char* compact = nullptr;
    cjose_jws_export(jws, &compact, nullptr);
    std::string token = compact;
    cjose_jws_release(jws);
    cjose_header_release(header);
    return token;
  }
  [[nodiscard]] std::string sign(const boost::json::object& claims) const {
    return sign(claims, kind_ == Kind::rsa ? "RS256" : kind_ == Kind::curve ? "ES256" : "HS256");
  }

 private:
  static cjose_jwk_t* make(Kind kind) {
    constexpr std::uint8_t exponent[] = {1, 0, 1};
    if (kind == Kind::rsa) return cjose_jwk_create_RSA_random(2048, exponent, sizeof exponent, nullptr);
    if (kind == Kind::curve) return cjose_jwk_create_EC_random(CJOSE_JWK_EC_P_256, nullptr);
    return cjose_jwk_create_oct_random(256, nullptr);
  }

  Kind kind_;
  std::string id_;
  cjose_jwk_t* key_;
};

}  // namespace kiln::api::sessions
