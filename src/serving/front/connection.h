// One client's connection to the front: requests in order, each passed on to the version that its host leads
// to. Internal to the front.
//
// Everything runs on the front's thread. A connection lives as long as its coroutine. While a request's body
// is still coming, a second coroutine passes it on, beside the first, which reads the answer.
#pragma once

#include <array>
#include <memory>
#include <string>
#include <unordered_set>

#include "http/body.h"
#include "http/head.h"
#include "http/large_heads.h"
#include "http/seats.h"
#include "serving/front/choose.h"
#include "serving/front/front.h"
#include "serving/front/net.h"
#include "serving/front/route_cache.h"
#include "serving/front/upstreams.h"

namespace kiln::serving {

using http::Body;
using http::BodyScanner;
using http::Head;
using http::Name;
using http::same_name;

class Connection;

// What the connections of a front share.
struct Core {
  asio::io_context& io;
  FrontOptions options;
  RouteCache routes;
  Upstreams upstreams;
  Chooser chooser;
  std::unordered_set<Connection*> connections;
  int calls = 0;  // of Workers to Workers, open now
  http::LargeHeads heads{options.large_heads};
};

class Connection {
 public:
  // From a visitor or a proxy; from a Worker, on the socket for calls between them; or from a door of this
  // program's own, which tells first whose it is (http/tls/tls_door.h).
  enum class From { outside, worker, door };
  Connection(Core& core, Socket socket, std::unique_ptr<http::Seats::Seat> seat, From from);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // The connection's whole life; `self` keeps it alive meanwhile.
  static Task<void> live(std::shared_ptr<Connection> self);

  // Cuts short what has outlasted its time, or whose client has gone.
  void sweep(SteadyClock::time_point now);
  // Ends the connection: whatever its coroutines wait for fails at once.
  void stop();

 private:
  using Parts = std::array<asio::const_buffer, 2>;
  enum class Outcome {
    keep,   // answered; the client may send its next request
    close,  // answered; nothing more on this connection
    cut,    // the client is gone, or must see that the answer has no end
    again,  // nothing was answered, and a fresh connection to the process may do better
  };

  // connection.cc: from the first byte of a request to its end.
  [[nodiscard]] Task<Outcome> serve_one(std::shared_ptr<Connection> self);
  [[nodiscard]] Task<Outcome> serve_admitted(std::shared_ptr<Connection> self);
  [[nodiscard]] Status count_hops();
  void begin_tail(const store::Route& route);
  // The request has its answer: for who tails the Worker, and who counts.
  void tell_end();
  [[nodiscard]] Task<bool> read_head();
  [[nodiscard]] std::optional<Error> hear_proxy(bool& whole);
  [[nodiscard]] bool speaker_is_trusted() const;
  [[nodiscard]] std::optional<Error> hand_over_call();
  [[nodiscard]] Status admit();
  [[nodiscard]] RouteOrError route() const;
  [[nodiscard]] bool is_secure() const;  // the visitor came over TLS
  [[nodiscard]] Task<Outcome> refuse(Error error);
  [[nodiscard]] Task<void> linger();

  // exchange.cc: one try to have the request answered.
  [[nodiscard]] Task<Outcome> exchange(std::shared_ptr<Connection> self);
  [[nodiscard]] Task<Outcome> send_request(std::shared_ptr<Connection> self);
  void start_pump(std::shared_ptr<Connection> self);
  [[nodiscard]] Task<void> pump(std::shared_ptr<Connection> self);
  [[nodiscard]] Task<void> join_pump();
  void release_upstream(Outcome outcome);

  // answer.cc: what the process says, to the client.
  [[nodiscard]] Task<Outcome> pass_answer(std::shared_ptr<Connection> self);
  [[nodiscard]] Task<bool> read_answer_head();
  [[nodiscard]] Task<Outcome> pass_answer_body();
  [[nodiscard]] Task<Outcome> no_answer();

  // tunnel.cc: after a 101, bytes as they come.
  [[nodiscard]] Task<void> tunnel(std::shared_ptr<Connection> self);
  [[nodiscard]] Task<void> copy_up(std::shared_ptr<Connection> self);
  [[nodiscard]] Task<void> copy(Socket& from, Buffer& buffer, Socket& to);
  void end_tunnel();

  // stream.cc: reading and writing with deadlines.
  [[nodiscard]] Task<bool> fill_from_client();
  [[nodiscard]] Task<bool> fill_from_upstream();
  // `parts` live until it has ended; `sent` counts what the system took.
  [[nodiscard]] Task<bool> write(Socket& to, Parts& parts, std::size_t& sent, int timeout_ms,
                                 SteadyClock::time_point& deadline);
  [[nodiscard]] Task<bool> write_to_client(std::string_view one, std::string_view other = {});
  [[nodiscard]] Task<bool> write_to_upstream(std::string_view one, std::string_view other, std::size_t& sent);
  [[nodiscard]] SteadyClock::time_point after(int milliseconds) const;
  void cancel_upstream();
  [[nodiscard]] bool client_has_left() const;

  Core& core_;
  Socket client_;
  Buffer in_;
  std::unique_ptr<http::Seats::Seat> seat_;
  const bool internal_;
  const bool from_door_;
  std::string peer_;       // the other end, or whom a trusted proxy or the door says the connection is for
  bool may_be_told_;       // by their PROXY header, which comes before all else
  bool over_tls_ = false;  // it came so to the door or the proxy
  bool trusted_;           // speaker_is_trusted()
  std::string visitor_;    // who sent the request at hand (http/client_address.h)

  // Of the request. The head's views point into `in_` and are good until admit() has ended.
  Head head_;
  std::size_t head_bytes_ = 0;
  std::string request_head_;  // as it goes to the process
  Body body_kind_ = Body::none;
  std::uint64_t body_length_ = 0;
  BodyScanner body_;
  Uuid version_;
  std::string entrypoint_;  // of a called Worker; empty: its default, assets in front
  std::string version_text_;
  std::string accept_;
  std::uint64_t tail_ = 0;  // of this request, while somebody watches
  int tail_status_ = 0;     // what the client was answered
  bool by_worker_ = false;  // and a Worker did
  RouteOrError route_;      // that it took; null: none yet
  int hops_ = 0;            // Workers that the request has gone through, as far as they tell
  bool is_head_ = false;
  bool idempotent_ = false;
  bool http_1_0_ = false;
  bool keep_ = false;
  bool upgrade_ = false;
  bool wants_continue_ = false;
  bool whole_ = false;          // all of the body lies in `in_`, until the answer begins
  std::size_t unconsumed_ = 0;  // its size there

  // Of the answer. The head's views point into the upstream's buffer.
  UpstreamPtr upstream_;
  Head answer_;
  std::size_t answer_bytes_ = 0;
  std::string answer_head_;  // as it goes to the client
  std::string payload_;
  bool heard_ = false;     // some byte of an answer has come
  bool reusable_ = false;  // the process keeps its connection
  bool answered_ = false;  // the client has got all that it gets

  bool open_ = true;
  bool pumping_ = false;
  bool awaits_body_ = false;  // the rest of the request's body is waited for
  bool pump_failed_ = false;  // the rest of the request's body does not come, or was malformed
  bool deaf_ = false;         // the process takes no more of the body
  Timer pump_end_;
  bool client_gone_ = false;
  bool client_late_ = false;
  bool upstream_late_ = false;
  bool watch_client_ = false;  // nobody reads from the client: the sweep looks whether it is there
  SteadyClock::time_point read_deadline_ = kNever;
  SteadyClock::time_point write_deadline_ = kNever;
  SteadyClock::time_point answer_deadline_ = kNever;
  SteadyClock::time_point pump_deadline_ = kNever;
};

}  // namespace kiln::serving
