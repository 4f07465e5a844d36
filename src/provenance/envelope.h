// DSSE, the envelope that a signed statement travels in (github.com/secure-systems-lab/dsse, version 1), with
// one Ed25519 signature. Reading believes nothing. Pure; any thread.
#pragma once

#include <string>
#include <string_view>
#include <tl/expected.hpp>

#include "base/ed25519.h"

namespace kiln::provenance {

inline constexpr const char* kStatementPayload = "application/vnd.in-toto+json";
inline constexpr std::size_t kLargestEnvelope = 64U << 20U;

// The hex SHA-256 of a public key as DER, by which envelopes name it.
[[nodiscard]] std::string key_id(std::string_view public_key);

// What is signed of a payload: its pre-authentication encoding.
[[nodiscard]] std::string pre_authentication(std::string_view type, std::string_view payload);

// The envelope of a statement as JSON; the same for the same statement and key.
[[nodiscard]] std::string sign_statement(std::string_view statement, const Ed25519Key& key);

// What is wrong with an envelope.
enum class Flaw {
  unreadable,    // it is none, or of a payload that is no in-toto statement
  another_key,   // none of its signatures says to be of this key
  not_verified,  // one does, and is not of this key over this payload
};

// The payload, once the key has verified it.
[[nodiscard]] tl::expected<std::string, Flaw> open_envelope(std::string_view text,
                                                            std::string_view public_key);

}  // namespace kiln::provenance
