// HTTP/1.1 message heads, read in place and strictly: what two readers could take differently is refused (RFC
// 9112), since there may be another reader in front of us and behind us. The one parser of heads for all that
// is received. Views point into the caller's bytes. No thread rules: values and pure functions.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace kiln::http {

enum class Body : std::uint8_t {
  none,
  length,  // as many bytes as Content-Length says
  chunked,
  until_end,  // of the connection; responses only
};

// The fields that mean something to a server or a proxy. Others are found by their text.
enum class Name : std::uint8_t {
  other,
  accept,
  connection,
  content_length,
  expect,
  host,
  keep_alive,
  proxy_authenticate,
  proxy_authorization,
  proxy_connection,
  te,
  transfer_encoding,
  upgrade,
  x_forwarded_for,
  x_forwarded_proto,
};

struct Field {
  Name known = Name::other;
  std::string_view name;
  std::string_view value;  // without the white space around it
};

// Read again and again: its vectors keep their room.
struct Head {
  // Requests.
  std::string_view method;
  std::string_view target;  // origin form: begins with '/', or "*"
  std::string_view host;    // of the Host field, or of an absolute target, which outranks it
  bool http_1_0 = false;
  // Responses.
  int status = 0;
  std::string_view reason;
  // Both.
  std::vector<Field> fields;
  std::vector<std::string_view> connection_options;
  Body body = Body::none;
  std::uint64_t length = 0;
  bool keep_alive = true;
  bool upgrade = false;  // Connection: upgrade, with Upgrade: websocket

  // The value of the only field of that name: nothing when there is none, or more than one.
  [[nodiscard]] std::optional<std::string_view> only(Name name) const;
  // The same for a field that has no Name; `name` in any case.
  [[nodiscard]] std::optional<std::string_view> only(std::string_view name) const;
  // Not for the next reader (RFC 9110 7.6.1).
  [[nodiscard]] bool is_hop_by_hop(const Field& field) const;
};

// Bytes up to and with the empty line; 0 when it is not there yet, nothing when a line does not end in CR LF.
// `scanned` is how far an earlier call has looked, and is moved on.
[[nodiscard]] std::optional<std::size_t> head_size(std::string_view bytes, std::size_t& scanned);
// Of the empty lines that old clients send before a request (RFC 9112 2.2), which are to be skipped.
[[nodiscard]] std::size_t blank_size(std::string_view bytes);

// `bytes` is a whole head with its empty line. False when it is malformed or could be read in two ways.
[[nodiscard]] bool parse_request(std::string_view bytes, Head& into);
// `to_head`: the request was HEAD, so that no body follows whatever the fields say.
[[nodiscard]] bool parse_response(std::string_view bytes, bool to_head, Head& into);

// ASCII, without regard to case.
[[nodiscard]] bool same_name(std::string_view one, std::string_view other);

}  // namespace kiln::http
