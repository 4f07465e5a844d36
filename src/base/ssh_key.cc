#include "base/ssh_key.h"

#include <sodium.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <vector>

#include "base/hash.h"
#include "base/hex.h"
#include "base/strings.h"

namespace kiln {
namespace {

constexpr std::string_view kEd25519 = "ssh-ed25519";
constexpr std::size_t kLineLength = 70;  // of the private key's text
constexpr std::size_t kBlock = 8;        // the private section is padded to

// RFC 4251 5: a length of four bytes, then the bytes.
std::string number32(std::uint32_t value) {
  return {static_cast<char>(value >> 24U), static_cast<char>(value >> 16U), static_cast<char>(value >> 8U),
          static_cast<char>(value)};
}

std::string ssh_string(std::string_view bytes) {
  return number32(static_cast<std::uint32_t>(bytes.size())) + std::string(bytes);
}

std::string in_lines(const std::string& text) {
  std::string out;
  for (std::size_t at = 0; at < text.size(); at += kLineLength) out += text.substr(at, kLineLength) + "\n";
  return out;
}

// Of the kinds of keys that hosts have: "ssh-rsa", "ecdsa-sha2-nistp256", "sk-…@openssh.com".
bool is_key_type(std::string_view word) {
  constexpr std::string_view letters = "abcdefghijklmnopqrstuvwxyz0123456789-.@";
  const bool is_known =
      word.starts_with("ssh-") || word.starts_with("ecdsa-sha2-") || word.starts_with("sk-");
  return is_known && word.find_first_not_of(letters) == word.npos;
}

// A key's text begins with its type's name, so that the two must agree.
bool is_blob_of(std::string_view type, std::string_view text) {
  const auto blob = from_base64(text);
  return blob && blob->size() > type.size() + 4 && blob->starts_with(ssh_string(type));
}

}  // namespace

// openssh-key-v1 (PROTOCOL.key of OpenSSH), with the cipher "none".
SshKeyPair make_ssh_key(Entropy& entropy, const std::string& comment) {
  const std::string seed = entropy.bytes(crypto_sign_SEEDBYTES);
  std::array<unsigned char, crypto_sign_PUBLICKEYBYTES> public_bytes{};
  std::array<unsigned char, crypto_sign_SECRETKEYBYTES> secret_bytes{};
  crypto_sign_seed_keypair(public_bytes.data(), secret_bytes.data(),
                           reinterpret_cast<const unsigned char*>(seed.data()));
  const std::string_view open(reinterpret_cast<const char*>(public_bytes.data()), public_bytes.size());
  const std::string_view secret(reinterpret_cast<const char*>(secret_bytes.data()), secret_bytes.size());
  const std::string blob = ssh_string(kEd25519) + ssh_string(open);
  const std::string check = entropy.bytes(4);
  std::string section = check + check + blob + ssh_string(secret) + ssh_string(comment);
  for (char pad = 1; section.size() % kBlock != 0; ++pad) section += pad;
  std::string whole("openssh-key-v1\0", 15);
  whole += ssh_string("none") + ssh_string("none") + ssh_string("") + number32(1) + ssh_string(blob) +
           ssh_string(section);
  SshKeyPair pair;
  pair.private_key = "-----BEGIN OPENSSH PRIVATE KEY-----\n" + in_lines(to_base64(whole)) +
                     "-----END OPENSSH PRIVATE KEY-----\n";
  pair.public_key = std::string(kEd25519) + " " + to_base64(blob) + " " + comment;
  return pair;
}

Result<std::string> parse_ssh_key(std::string_view line) {
  std::vector<std::string> words = split(trim(line), ' ');
  words.erase(std::remove(words.begin(), words.end(), std::string()), words.end());
  // Not "@cert-authority …" nor "@revoked …", which say something else of the key.
  const bool is_marked = !words.empty() && words.front().starts_with('@');
  for (std::size_t at = 0; !is_marked && at < 2 && at + 1 < words.size(); ++at) {
    if (is_key_type(words[at]) && is_blob_of(words[at], words[at + 1]))
      return words[at] + " " + words[at + 1];
  }
  return fail(Errc::invalid,
              "a host's key is written as ssh-keyscan prints it, such as \"ssh-ed25519 AAAA…\"", "key");
}

std::string ssh_fingerprint(std::string_view key) {
  const auto blob = from_base64(key.substr(std::min(key.find(' '), key.size() - 1) + 1));
  std::string text = to_base64(sha256(blob.value_or(std::string())));
  while (text.ends_with('=')) text.pop_back();
  return "SHA256:" + text;
}

}  // namespace kiln
