#include "scm/forge/app_token.h"

#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include <memory>

#include "base/hex.h"
#include "base/strings.h"

namespace kiln::scm {
namespace {

struct RsaKey {
  RsaKey() : key(EVP_RSA_gen(2048)) {}
  ~RsaKey() { EVP_PKEY_free(key); }
  RsaKey(const RsaKey&) = delete;
  RsaKey& operator=(const RsaKey&) = delete;

  // In PKCS#1 as GitHub gives it, or PKCS#8.
  [[nodiscard]] std::string pem(bool traditional) const {
    const std::unique_ptr<BIO, decltype(&BIO_free)> out(BIO_new(BIO_s_mem()), BIO_free);
    if (traditional) {
      PEM_write_bio_PrivateKey_traditional(out.get(), key, nullptr, nullptr, 0, nullptr, nullptr);
    } else {
      PEM_write_bio_PKCS8PrivateKey(out.get(), key, nullptr, nullptr, 0, nullptr, nullptr);
    }
    char* data = nullptr;
    const long size = BIO_get_mem_data(out.get(), &data);
    return {data, static_cast<std::size_t>(size)};
  }
  [[nodiscard]] bool verifies(const std::string& text, const std::string& signature) const {
    const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
    return EVP_DigestVerifyInit(context.get(), nullptr, EVP_sha256(), nullptr, key) == 1 &&
           EVP_DigestVerify(context.get(), reinterpret_cast<const unsigned char*>(signature.data()),
                            signature.size(), reinterpret_cast<const unsigned char*>(text.data()),
                            text.size()) == 1;
  }

  EVP_PKEY* key;
};

std::string from_url(std::string text) {
  for (char& c : text) c = c == '-' ? '+' : c == '_' ? '/' : c;
  while (text.size() % 4 != 0) text += '=';
  return from_base64(text).value_or("not base64");
}

TEST(AppToken, IsSignedByTheKeyInEitherForm) {
  const RsaKey key;
  for (const bool traditional : {true, false}) {
    const Result<std::string> token = app_jwt(key.pem(traditional), "917", 1'700'000'000);
    ASSERT_TRUE(token) << token.error().message;
    const std::vector<std::string> parts = split(*token, '.');
    ASSERT_EQ(parts.size(), 3U);
    EXPECT_EQ(from_url(parts[0]), R"({"alg":"RS256","typ":"JWT"})");
    EXPECT_EQ(from_url(parts[1]), R"({"iat":1699999940,"exp":1700000540,"iss":917})");
    EXPECT_TRUE(key.verifies(parts[0] + "." + parts[1], from_url(parts[2])));
  }
}

TEST(AppToken, AClientIdIsATextAndANumberANumber) {
  const RsaKey key;
  const std::string token = *app_jwt(key.pem(true), "Iv1.abc", 1'700'000'000);
  EXPECT_EQ(from_url(split(token, '.')[1]), R"({"iat":1699999940,"exp":1700000540,"iss":"Iv1.abc"})");
}

TEST(AppToken, WhatIsNoKeySaysWhatItShouldBe) {
  for (const std::string text :
       {"", "hello", "-----BEGIN RSA PRIVATE KEY-----\nAAAA\n-----END RSA PRIVATE KEY-----\n"}) {
    const Status checked = check_app_key(text);
    ASSERT_FALSE(checked);
    EXPECT_EQ(checked.error().field, "private_key");
  }
}

}  // namespace
}  // namespace kiln::scm
