#include "base/ed25519.h"

#include <sodium.h>

#include "base/hex.h"

namespace kiln {
namespace {

// SEQUENCE { SEQUENCE { OID 1.3.101.112 }, BIT STRING of 33 bytes that begins with 0 }.
constexpr std::string_view kDerStart("\x30\x2a\x30\x05\x06\x03\x2b\x65\x70\x03\x21\x00", 12);
constexpr std::string_view kBegin = "-----BEGIN PUBLIC KEY-----";
constexpr std::string_view kEnd = "-----END PUBLIC KEY-----";

const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

unsigned char* bytes_of(std::string& text) {
  return reinterpret_cast<unsigned char*>(text.data());
}

}  // namespace

Result<Ed25519Key> Ed25519Key::of_seed(std::string_view seed) {
  if (seed.size() != kEd25519Seed) return fail(Errc::corrupt, "a private key has not the length of one");
  Ed25519Key key;
  key.secret_.resize(crypto_sign_SECRETKEYBYTES);
  key.public_.resize(crypto_sign_PUBLICKEYBYTES);
  crypto_sign_seed_keypair(bytes_of(key.public_), bytes_of(key.secret_), bytes_of(seed));
  return key;
}

Ed25519Key::Ed25519Key(Ed25519Key&& other) noexcept
    : secret_(other.secret_), public_(std::move(other.public_)) {
  sodium_memzero(other.secret_.data(), other.secret_.size());
  other.secret_.clear();
}

Ed25519Key::~Ed25519Key() {
  sodium_memzero(secret_.data(), secret_.size());
}

std::string Ed25519Key::sign(std::string_view message) const {
  std::string signature(crypto_sign_BYTES, '\0');
  crypto_sign_detached(bytes_of(signature), nullptr, bytes_of(message), message.size(),
                       bytes_of(std::string_view(secret_)));
  return signature;
}

bool ed25519_verifies(std::string_view public_key, std::string_view message, std::string_view signature) {
  if (public_key.size() != kEd25519Key || signature.size() != kEd25519Signature) return false;
  return crypto_sign_verify_detached(bytes_of(signature), bytes_of(message), message.size(),
                                     bytes_of(public_key)) == 0;
}

std::string ed25519_der(std::string_view public_key) {
  return std::string(kDerStart) + std::string(public_key);
}

std::string ed25519_pem(std::string_view public_key) {
  return std::string(kBegin) + "\n" + to_base64(ed25519_der(public_key)) + "\n" + std::string(kEnd) + "\n";
}

Result<std::string> parse_ed25519_pem(std::string_view text) {
  const std::size_t begin = text.find(kBegin);
  const std::size_t end = begin == text.npos ? text.npos : text.find(kEnd, begin);
  if (end == text.npos) return fail(Errc::invalid, "there is no public key in PEM", "key");
  const std::size_t body = begin + kBegin.size();
  const auto der = from_base64(text.substr(body, end - body));
  if (!der || !der->starts_with(kDerStart) || der->size() != kDerStart.size() + kEd25519Key)
    return fail(Errc::invalid, "the public key is none of Ed25519", "key");
  return der->substr(kDerStart.size());
}

}  // namespace kiln
