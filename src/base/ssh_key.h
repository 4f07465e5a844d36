// SSH keys as values: a fresh Ed25519 pair in OpenSSH's form, and what a public key is called by people. No
// word of this domain. Pure but for the entropy that is passed in; any thread.
#pragma once

#include <string>
#include <string_view>

#include "base/entropy.h"
#include "base/result.h"

namespace kiln {

struct SshKeyPair {
  std::string private_key;  // "-----BEGIN OPENSSH PRIVATE KEY-----…", with a line break at its end, without
                            // a passphrase
  std::string public_key;   // "ssh-ed25519 AAAA… comment"
};

// `comment`, printable and without line breaks, is what hosts list the key under.
[[nodiscard]] SshKeyPair make_ssh_key(Entropy& entropy, const std::string& comment);

// "ssh-ed25519 AAAA…" of a line as ssh-keyscan and known_hosts write it: with or without the names of hosts
// before it, without a comment behind. Errors: Errc::invalid, field "key", for anything else.
[[nodiscard]] Result<std::string> parse_ssh_key(std::string_view line);

// "SHA256:…" of a key that parse_ssh_key() returned, as ssh-keygen -l prints it.
[[nodiscard]] std::string ssh_fingerprint(std::string_view key);

}  // namespace kiln
