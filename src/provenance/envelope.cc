#include "provenance/envelope.h"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <optional>
#include <system_error>

#include "base/hash.h"
#include "base/hex.h"

namespace kiln::provenance {
namespace {

constexpr std::size_t kMostSignatures = 64;  // each that is tried reads the whole payload

namespace json = boost::json;

std::string_view envelope_text(const json::object& object, std::string_view key) {
  const json::value* value = object.if_contains(key);
  return value != nullptr && value->is_string() ? std::string_view(value->get_string()) : std::string_view();
}

// Both alphabets are allowed to writers of envelopes.
std::optional<std::string> bytes_in(const json::object& object, std::string_view key) {
  std::string text(envelope_text(object, key));
  for (char& c : text) {
    if (c == '-') c = '+';
    if (c == '_') c = '/';
  }
  return from_base64(text);
}

struct ReadEnvelope {
  std::string payload;
  json::array signatures;
};

std::optional<ReadEnvelope> read_envelope(std::string_view text) {
  if (text.size() > kLargestEnvelope) return std::nullopt;
  boost::system::error_code error;
  const json::value value = json::parse(text, error);
  const json::object* envelope = error ? nullptr : value.if_object();
  if (envelope == nullptr || envelope_text(*envelope, "payloadType") != kStatementPayload)
    return std::nullopt;
  std::optional<std::string> payload = bytes_in(*envelope, "payload");
  const json::value* signatures = envelope->if_contains("signatures");
  if (!payload || payload->empty() || signatures == nullptr || !signatures->is_array()) return std::nullopt;
  return ReadEnvelope{*std::move(payload), signatures->get_array()};
}

}  // namespace

std::string key_id(std::string_view public_key) {
  return sha256_hex(ed25519_der(public_key));
}

std::string pre_authentication(std::string_view type, std::string_view payload) {
  std::string out = "DSSEv1 ";
  out += std::to_string(type.size());
  out += ' ';
  out += type;
  out += ' ';
  out += std::to_string(payload.size());
  out += ' ';
  out += payload;
  return out;
}

std::string sign_statement(std::string_view statement, const Ed25519Key& key) {
  const std::string signature = key.sign(pre_authentication(kStatementPayload, statement));
  return json::serialize(json::object{
      {"payload", to_base64(statement)},
      {"payloadType", kStatementPayload},
      {"signatures",
       json::array{json::object{{"keyid", key_id(key.public_key())}, {"sig", to_base64(signature)}}}}});
}

tl::expected<std::string, Flaw> open_envelope(std::string_view text, std::string_view public_key) {
  std::optional<ReadEnvelope> envelope = read_envelope(text);
  if (!envelope || envelope->signatures.size() > kMostSignatures) return tl::unexpected(Flaw::unreadable);
  const std::string wanted = key_id(public_key);
  const std::string signed_bytes = pre_authentication(kStatementPayload, envelope->payload);
  bool named = false;
  for (const json::value& value : envelope->signatures) {
    const json::object* one = value.if_object();
    const std::string_view id = one != nullptr ? envelope_text(*one, "keyid") : std::string_view();
    if (one == nullptr || (!id.empty() && id != wanted)) continue;  // an envelope need not name its keys
    named = true;
    const std::optional<std::string> signature = bytes_in(*one, "sig");
    if (signature && ed25519_verifies(public_key, signed_bytes, *signature))
      return std::move(envelope->payload);
  }
  return tl::unexpected(named ? Flaw::not_verified : Flaw::another_key);
}

}  // namespace kiln::provenance
