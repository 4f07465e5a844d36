// One client's connection: requests in, replies out, in order. Internal to the server; includes Asio, so only
// the server's own files include it.
//
// Everything here runs on the server's I/O thread but for handlers that are not quick, which run in the pool
// of their kind of work while the connection's coroutine is suspended. A connection lives as long as its
// coroutine.
#pragma once

#include <sys/uio.h>

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "http/body_budget.h"
#include "http/large_heads.h"
#include "http/net.h"
#include "http/request_ids.h"
#include "http/request_parser.h"
#include "http/response_head.h"
#include "http/seats.h"
#include "http/server.h"
#include "http/work_pools.h"

namespace kiln::http {

class Connection;

// What the connections of a server share. I/O thread only, but for the pools.
struct Shared {
  WakeSource& wakes;
  std::function<Response(const Request&, const Error&)> refuse;
  ServerOptions options;
  BodyBudget bodies;
  WorkPools* pools = nullptr;
  DateLine date;
  std::unordered_set<Connection*> connections;
  LargeHeads heads{options.large_heads};
  RequestIds ids{};
};

// Bytes received and not yet parsed, in one piece of fixed size, which is there when there are any.
class InputBuffer {
 public:
  explicit InputBuffer(std::size_t capacity) : capacity_(capacity) {}

  [[nodiscard]] std::string_view view() const { return {bytes_.get() + begin_, end_ - begin_}; }
  void consume(std::size_t count);
  [[nodiscard]] bool full() const { return end_ - begin_ == capacity_; }
  // Free room behind the bytes, all that there is.
  [[nodiscard]] asio::mutable_buffer room();
  void commit(std::size_t count) { end_ += count; }

 private:
  std::size_t capacity_;
  std::unique_ptr<char[]> bytes_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
};

class Connection : public std::enable_shared_from_this<Connection>, private BodyBudget::Owner {
 public:
  // `from_door`: a door of this program's own handed it in, and tells first whose it is.
  Connection(Shared& shared, Socket socket, std::unique_ptr<Seats::Seat> seat, const Router& router,
             bool from_door);
  ~Connection() override;
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // The connection's whole life; `self` keeps it alive meanwhile.
  static Task<void> live(std::shared_ptr<Connection> self);

  // Cuts short what has outlasted its deadline.
  void check_deadline(SteadyClock::time_point now);
  // Ends the connection: whatever its coroutine waits for fails at once.
  void stop();
  // The topic that is waited for has news.
  void wake();

 private:
  enum class Received {
    request,  // whole, with its route
    refused,  // by its head alone: where no body follows, the connection can go on
    broken,   // refused, and where the next request would begin is unknown
    over,     // nobody to answer
  };
  using Parts = std::vector<iovec>;
  // Only read from, which sendmsg(2) cannot say.
  [[nodiscard]] static iovec part_of(std::string_view bytes) {
    return {const_cast<char*>(bytes.data()), bytes.size()};
  }
  // A subscription that ends with its scope.
  class Subscription;

  // Reading a request (connection.cc).
  [[nodiscard]] Task<bool> serve_one();
  [[nodiscard]] Task<Received> receive(const Route*& route);
  [[nodiscard]] std::optional<Response> accept_header(const Route*& route);
  // Takes off the input what a trusted proxy says of the connection in front of its first request.
  enum class Told { whole, need_more, malformed, no_place };
  [[nodiscard]] Told hear_proxy();
  // receive_body.cc
  [[nodiscard]] Task<Received> receive_body();
  // What ends a body early, when no more of it was read.
  [[nodiscard]] Task<std::optional<Received>> read_more(SteadyClock::time_point begun, bool much);
  [[nodiscard]] std::optional<Received> refuse_body(RequestParser::Step step);
  [[nodiscard]] Task<bool> send_continue();
  // For what the body is to hold of memory at most.
  [[nodiscard]] Task<bool> wait_for_room(std::size_t bytes);
  // receive_pieces.cc
  [[nodiscard]] Task<Received> receive_pieces(const Route& route);
  [[nodiscard]] Task<bool> hand_on(const Route& route);
  [[nodiscard]] Response no_room(BodyBudget::Answer answer) const;
  void set_body_deadline(SteadyClock::time_point begun);
  [[nodiscard]] Task<void> pause();
  void cut_body() override;
  void body_room() override { wake(); }
  [[nodiscard]] Response refusal(Errc code, const char* why, int status) const;
  [[nodiscard]] bool filled(boost::system::error_code ec, std::size_t got);
  void start_request();
  void let_body_go();
  void set_deadline(int milliseconds);
  void clear_deadline() { deadline_ = SteadyClock::time_point::max(); }

  // Writing (send.cc; linger() in connection.cc). False when the client is gone.
  // The bytes live until it has ended. Of parts_, what was sent is cut off.
  [[nodiscard]] Task<bool> write_parts();
  [[nodiscard]] Task<bool> write(std::string_view bytes);
  // What the socket takes at once of parts_, whose bytes are `total`; what is left stays there.
  [[nodiscard]] bool write_now(std::size_t total);
  [[nodiscard]] std::size_t size_of_parts() const;
  [[nodiscard]] Task<bool> send(Response response, bool keep);
  // send() in two steps, the first of which nearly always does: no coroutine of its own for that.
  enum class Sent { whole, a_part, nothing };
  [[nodiscard]] Sent send_now(const Response& response, bool keep);
  // The same response, where it is: parts_ points into it.
  [[nodiscard]] Task<bool> send_rest(Response& response);
  [[nodiscard]] Task<void> linger();

  // Answering (replies.cc). True when the connection can go on.
  [[nodiscard]] Task<bool> answer(const Route& route);
  [[nodiscard]] Task<std::optional<Reply>> wait_out(const Route& route, Wait wait);
  [[nodiscard]] Task<bool> send_stream(const Route& route, Stream stream);
  [[nodiscard]] Task<bool> send_piece(const std::string& piece, bool chunked);
  // web_socket_replies.cc. The connection is over afterwards.
  [[nodiscard]] Task<void> serve_socket(WebSocket socket);
  [[nodiscard]] Task<bool> heed_frames();
  // Where the route's work is done, here or in its pool. Nothing when that has no place left.
  [[nodiscard]] Task<bool> run_there(const Route& route, const std::function<void()>& work);
  template <typename T>
  [[nodiscard]] Task<std::optional<T>> run(const Route& route, const std::function<T()>& work);
  [[nodiscard]] Task<std::optional<Reply>> ask(const Route& route);
  [[nodiscard]] Reply call(const Route& route) const;
  [[nodiscard]] Reply call_handler(const Route& route) const;
  // Tells whoever counts.
  void note(const Route* route, int status, SteadyClock::time_point begun, bool waited) const;
  [[nodiscard]] Reply too_busy(const Route& route) const;
  [[nodiscard]] StreamStep step(const Stream& stream) const;
  [[nodiscard]] Task<void> sleep_until(SteadyClock::time_point until);
  void watch();
  void unwatch();
  void on_readable(bool failed, std::uint64_t watch);

  Shared& shared_;
  Socket socket_;
  Timer timer_;
  const Router& router_;
  InputBuffer input_;
  RequestParser parser_;
  Request request_;
  std::unique_ptr<Seats::Seat> seat_;
  std::string peer_;   // the other end, or whom a trusted proxy says the connection is for
  bool fresh_ = true;  // nothing has come yet
  bool may_be_told_;   // by a PROXY header, which comes before all else
  bool must_be_told_;
  BodyBudget::Hold held_;            // of request_.body
  bool cut_ = false;                 // the body that comes has given way
  std::optional<Response> refusal_;  // what receive() wants answered when it says `refused` or `broken`
  Parts parts_;                      // what is to be sent yet; reused from response to response
  std::string head_;                 // reused from response to response
  SteadyClock::time_point deadline_ = SteadyClock::time_point::max();
  bool timed_out_ = false;  // the deadline cut the last operation short
  bool open_ = true;
  bool woken_ = false;
  bool gone_ = false;  // the client closed while a reply waited
  bool watching_ = false;
  bool wakes_on_bytes_ = false;  // what the client says ends a sleep
  std::uint64_t watch_ = 0;
};

}  // namespace kiln::http
