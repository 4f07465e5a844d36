#include "scm/forge/app_token.h"

#include <fmt/format.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include <memory>

#include "base/hex.h"

namespace kiln::scm {
namespace {

constexpr std::int64_t kClockSkewSeconds = 60;
constexpr std::int64_t kLifetimeSeconds = 540;
constexpr int kFewestKeyBits = 2048;

struct FreeKey {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
};
using Key = std::unique_ptr<EVP_PKEY, FreeKey>;

// No passphrase is asked for: the callback gives none.
int no_passphrase(char*, int, int, void*) {
  return 0;
}

Result<Key> read_key(const std::string& pem) {
  const std::unique_ptr<BIO, decltype(&BIO_free)> bytes(
      BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())), BIO_free);
  Key key(bytes ? PEM_read_bio_PrivateKey(bytes.get(), nullptr, no_passphrase, nullptr) : nullptr);
  const bool fits =
      key && EVP_PKEY_base_id(key.get()) == EVP_PKEY_RSA && EVP_PKEY_bits(key.get()) >= kFewestKeyBits;
  if (fits) return key;
  return fail(
      Errc::invalid,
      "the App's private key must be an RSA key in PEM form without a passphrase, as the App's page gives "
      "it (\"Generate a private key\")",
      "private_key");
}

}  // namespace

Status check_app_key(const std::string& pem) {
  const Result<Key> key = read_key(pem);
  if (!key) return tl::unexpected<Error>(key.error());
  return {};
}

Result<std::string> app_jwt(const std::string& pem, const std::string& issuer, std::int64_t now_seconds) {
  const Result<Key> key = read_key(pem);
  if (!key) return tl::unexpected<Error>(key.error());
  const bool is_number = !issuer.empty() && issuer.find_first_not_of("0123456789") == issuer.npos;
  const std::string claims =
      fmt::format(R"({{"iat":{},"exp":{},"iss":{}{}{}}})", now_seconds - kClockSkewSeconds,
                  now_seconds + kLifetimeSeconds, is_number ? "" : "\"", issuer, is_number ? "" : "\"");
  const std::string head = to_base64url(R"({"alg":"RS256","typ":"JWT"})") + "." + to_base64url(claims);
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
  std::size_t size = 0;
  const auto* bytes = reinterpret_cast<const unsigned char*>(head.data());
  if (!context || EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, key->get()) != 1 ||
      EVP_DigestSign(context.get(), nullptr, &size, bytes, head.size()) != 1) {
    return fail(Errc::internal, "an App's token could not be signed");
  }
  std::string signature(size, '\0');
  if (EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &size, bytes,
                     head.size()) != 1) {
    return fail(Errc::internal, "an App's token could not be signed");
  }
  signature.resize(size);
  return head + "." + to_base64url(signature);
}

}  // namespace kiln::scm
