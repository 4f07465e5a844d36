// HTTP requests and replies as plain values, so that handlers know nothing of sockets and tests need none.
// A Request belongs to the handler's call; a Reply is handed over to the server. No thread rules: values.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace kiln::http {

using Headers = std::vector<std::pair<std::string, std::string>>;

// Takes a body piece by piece, where it is too large to be kept (Guarded::body). Called on threads of the
// route's work, one call at a time; what goes wrong it keeps for the handler to say. Ends with its request.
class BodySink {
 public:
  virtual ~BodySink() = default;
  virtual void take(std::string_view piece) = 0;
};

struct Request {
  std::string method;                                      // upper case
  std::string path;                                        // as sent, without the query
  std::vector<std::string> segments;                       // of the path, percent-decoded one by one
  std::string query_text;                                  // as sent, without its question mark
  std::vector<std::pair<std::string, std::string>> query;  // decoded, in order, duplicates kept
  Headers headers;                                         // names lower case
  std::string body;
  std::shared_ptr<BodySink> sink;  // took the body, which is empty here; none where there is no body
  std::string peer;  // address of the client (client_address.h), for logs and limits; "unix" on a unix socket
  bool over_tls = false;             // it came so, to this program's door or to a proxy
  std::optional<unsigned> peer_uid;  // of the caller's process, on a unix socket
  std::vector<std::pair<std::string, std::string>> params;  // {name} parts of the matched route, decoded
  std::string_view pattern;  // of the matched route, which outlives the request; empty: none
  bool last_try = false;     // true when a Wait's time is up: answer now
  std::string id;            // by which the log and an error's answer name it; empty: of no connection
  // What whoever lets requests in worked out of the headers alone, for itself. No secret.
  mutable std::string token_hash{};
  // To whom what this request holds counts, as its route's check found; 0: nobody who is known.
  mutable std::uint64_t caller = 0;

  // All but the peer. Rooms are kept for the next request.
  void clear();

  // First value of that (lower-case) name, or empty.
  [[nodiscard]] std::string_view header(std::string_view name) const;
  // First value of that query parameter, or nothing.
  [[nodiscard]] std::optional<std::string> query_value(std::string_view name) const;
  // A {name} part of the route; empty when the route has none of that name.
  [[nodiscard]] std::string param(const std::string& name) const;
};

// Bytes that are sent as they are and kept elsewhere for the next reader.
struct SharedBytes {
  std::shared_ptr<const char[]> bytes;
  std::size_t size = 0;

  [[nodiscard]] static SharedBytes copy_of(std::string_view text);
  [[nodiscard]] std::string_view view() const { return {bytes.get(), size}; }
};

// Many such, one behind the other. One owner may keep any number of parts, so that an answer of many parts
// need not count itself among the readers of each. Without an owner all parts last as long as the program.
struct SharedParts {
  std::vector<std::string_view> parts;
  std::vector<std::shared_ptr<const void>> owners;

  void add(SharedBytes bytes);
  void add_lasting(std::string_view bytes) { parts.push_back(bytes); }
  void clear();
  [[nodiscard]] bool empty() const { return parts.empty(); }
  [[nodiscard]] std::size_t size() const;
};

// The body is `body`, then `shared` in order, then `tail`.
struct Response {
  int status = 200;
  Headers headers;  // content-length, date and connection are the server's
  std::string body;
  SharedParts shared{};
  std::string tail{};
  // It goes out behind those that can be prepared meanwhile: a reader who finds several is woken once, not
  // for each, and what was asked of memory for one comes while the next is prepared. Worth its while where an
  // answer is large, or was read from disk; a client that is alone waits some microseconds longer.
  bool with_others = false;
  // Words of the status line, for clients that show them; empty: the usual ones.
  std::string reason{};

  [[nodiscard]] std::size_t size() const;
  // Everything into `body`.
  void flatten();
};

// "Nothing to say yet": the server calls the handler again when `topic` is notified on the hub, and a last
// time, with last_try, after `timeout_ms`. Nothing is lost between the handler's look and its wait: the
// server subscribes first, then asks once more.
struct Wait {
  std::string topic;
  int timeout_ms = 0;
};

// A body in pieces (server-sent events). `next` is called again after every piece, and after each wait; it
// runs where handlers run. An empty piece with a wait means nothing new; `end` closes the body.
struct StreamStep {
  std::string piece;
  std::optional<Wait> wait;
  bool end = false;
};
struct Stream {
  int status = 200;
  Headers headers;
  std::function<StreamStep()> next;
  // Of all pieces together, for the client to know; one that ends with fewer ends the connection with it.
  std::optional<std::uint64_t> length{};
};

// A WebSocket, where the client asks for one with `protocol` among its own: each piece of `next` is one text
// message. What the client says is read and dropped, its pings are answered.
struct WebSocket {
  std::string protocol;
  std::function<StreamStep()> next;
};

using Reply = std::variant<Response, Wait, Stream, WebSocket>;
using Handler = std::function<Reply(const Request&)>;

}  // namespace kiln::http
