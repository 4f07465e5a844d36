#include "base/ed25519.h"

#include <gtest/gtest.h>

#include "base/hex.h"

namespace kiln {
namespace {

Ed25519Key key_of(std::string_view seed_hex) {
  return *Ed25519Key::of_seed(from_hex(seed_hex).value());
}

// RFC 8032 7.1, tests 1 and 2.
TEST(Ed25519, SignsAsTheStandardsVectorsDo) {
  const Ed25519Key empty = key_of("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60");
  EXPECT_EQ(to_hex(empty.public_key()), "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a");
  EXPECT_EQ(to_hex(empty.sign("")),
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46b"
            "d25bf5f0"
            "595bbe24655141438e7a100b");
  const Ed25519Key one = key_of("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb");
  EXPECT_EQ(to_hex(one.sign("\x72")),
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c"
            "387b2eae"
            "b4302aeeb00d291612bb0c00");
}

TEST(Ed25519, BelievesOnlyItsOwnSignatureOfThatMessage) {
  const Ed25519Key key = *Ed25519Key::of_seed(std::string(32, 'k'));
  const Ed25519Key other = *Ed25519Key::of_seed(std::string(32, 'o'));
  const std::string signature = key.sign("shop");
  EXPECT_TRUE(ed25519_verifies(key.public_key(), "shop", signature));
  EXPECT_FALSE(ed25519_verifies(key.public_key(), "shoq", signature));
  EXPECT_FALSE(ed25519_verifies(other.public_key(), "shop", signature));
  EXPECT_FALSE(ed25519_verifies(key.public_key(), "shop", signature.substr(1)));
  EXPECT_FALSE(ed25519_verifies("", "shop", signature));
  EXPECT_FALSE(Ed25519Key::of_seed("short"));
}

TEST(Ed25519, WritesAndReadsPublicKeysAsPem) {
  const Ed25519Key key = *Ed25519Key::of_seed(std::string(32, 'k'));
  const std::string pem = ed25519_pem(key.public_key());
  EXPECT_EQ(parse_ed25519_pem(pem).value(), key.public_key());
  EXPECT_EQ(parse_ed25519_pem("# of the shop\r\n" + pem + "more").value(), key.public_key());
  EXPECT_FALSE(parse_ed25519_pem(""));
  EXPECT_FALSE(parse_ed25519_pem("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n"));
  EXPECT_FALSE(parse_ed25519_pem(pem.substr(0, 60)));
}

}  // namespace
}  // namespace kiln
