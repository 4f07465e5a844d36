#include "serving/d1/passage.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/write.hpp>
#include <utility>

#include "http/head.h"
#include "serving/front/process_socket.h"
#include "serving/service_key.h"

namespace kiln::serving {
namespace {

constexpr std::string_view kCallVerb = "CONNECT ";
constexpr std::string_view kCallEnd = " HTTP/1.1";

// As the engine's own refusals are: the binding tells the Worker.
std::string refusal_of(int status, std::string words) {
  std::replace_if(
      words.begin(), words.end(), [](char c) { return c == '"' || c == '\\' || (c >= 0 && c < ' '); }, ' ');
  const std::string body = fmt::format(R"({{"success":false,"error":"{}"}})", words);
  return fmt::format(
      "HTTP/1.1 {} {}\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{}",
      status, status == 404 ? "Not Found" : "Service Unavailable", body.size(), body);
}

}  // namespace

Passage::Passage(PassageShared& door, Socket client)
    : door_(door),
      client_(std::move(client)),
      process_(door.io.get_executor()),
      alarm_(door.io.get_executor()) {}

Task<void> Passage::serve(std::shared_ptr<Passage> self) {
  Passage& me = *self;
  me.still_for(me.door_.options.head_timeout_ms);
  asio::co_spawn(me.door_.io, watch(self), report_end);
  const std::optional<std::string> space = co_await me.read_pass();
  if (!space) {
    co_await me.refuse(404, "This socket is for the D1 bindings of Workers.");
    co_return;
  }
  me.still_for(me.door_.options.start_timeout_ms);
  const Result<Endpoint> endpoint = co_await me.process_of(*space);
  if (!endpoint) {
    co_await me.refuse(endpoint.error().code == Errc::not_found ? 404 : 503, endpoint.error().message);
    co_return;
  }
  const bool begun = co_await me.begin(endpoint->socket_path);
  if (!begun) {
    co_await me.refuse(503, "The database's process takes no connection now.");
    co_return;
  }
  me.still_for(me.door_.options.idle_ms);
  asio::co_spawn(me.door_.io, copy_back(self), report_end);
  co_await me.copy(me.client_, me.in_, me.process_);
  // The process is kept until the answers are through as well.
  error_code ec;
  while (me.open_) co_await me.alarm_.async_wait(asio::redirect_error(kUse, ec));
}

void Passage::end() {
  if (!open_) return;
  open_ = false;
  error_code ignored;
  client_.close(ignored);
  process_.close(ignored);
  alarm_.cancel();
}

// Ends it when it is due; the alarm is also how the coroutines wake each other.
Task<void> Passage::watch(std::shared_ptr<Passage> self) {
  Passage& me = *self;
  while (me.open_) {
    if (SteadyClock::now() >= me.until_) me.end();
    if (!me.open_) break;
    error_code ec;
    me.alarm_.expires_at(me.until_);
    co_await me.alarm_.async_wait(asio::redirect_error(kUse, ec));
  }
}

Task<std::optional<std::string>> Passage::read_pass() {
  std::size_t scanned = 0;
  while (open_ && !in_.full()) {
    const std::optional<std::size_t> size = http::head_size(in_.view(), scanned);
    if (!size) break;
    if (*size > 0) {
      const std::string_view head = in_.view().substr(0, *size);
      const std::string_view line = head.substr(0, head.find("\r\n"));
      std::string_view pass;
      http::Head read;
      head_bytes_ = *size;
      is_call_ = line.starts_with(kCallVerb) && line.ends_with(kCallEnd);
      if (is_call_)
        pass = line.substr(kCallVerb.size(), line.size() - kCallVerb.size() - kCallEnd.size());
      else if (http::parse_request(head, read))
        pass = read.only("x-kiln-d1").value_or(std::string_view());
      const std::string_view space = read_d1_pass(pass, door_.options.secret);
      if (space.empty()) break;
      co_return std::string(space);
    }
    error_code ec;
    const std::size_t got = co_await client_.async_read_some(in_.room(), asio::redirect_error(kUse, ec));
    if (ec) break;
    in_.commit(got);
  }
  co_return std::nullopt;
}

// The answer may come from any thread, and later than anybody wants it.
Task<Result<Endpoint>> Passage::process_of(const std::string& space) {
  struct Waiting {
    explicit Waiting(const Executor& executor) : timer(executor) {}
    Timer timer;
    std::optional<Result<Endpoint>> answer;
  };
  auto waiting = std::make_shared<Waiting>(door_.io.get_executor());
  waiting->timer.expires_after(std::chrono::milliseconds(door_.options.start_timeout_ms));
  door_.databases.acquire(space, [waiting, &io = door_.io](Result<Endpoint> answer) {
    asio::post(io, [waiting, answer = std::move(answer)]() mutable {
      waiting->answer.emplace(std::move(answer));
      waiting->timer.cancel();
    });
  });
  error_code ec;
  if (!waiting->answer) co_await waiting->timer.async_wait(asio::redirect_error(kUse, ec));
  if (waiting->answer) co_return std::move(*waiting->answer);
  co_return fail(Errc::unavailable, "The database's process does not start in time.");
}

Task<bool> Passage::begin(const std::string& socket_path) {
  Result<Fd> connected = connect_unix(socket_path);
  if (!connected || !open_) co_return false;
  error_code ec;
  process_.assign(asio::generic::stream_protocol(AF_UNIX, 0), connected->get(), ec);
  if (ec) co_return false;
  connected->release();
  if (!is_call_) co_return true;
  in_.consume(head_bytes_);
  const std::string head = fmt::format("CONNECT {0} HTTP/1.1\r\nHost: {0}\r\n\r\n", kConnectHost);
  co_return co_await send(process_, head);
}

Task<void> Passage::refuse(int status, std::string words) {
  if (open_) (void)co_await send(client_, refusal_of(status, std::move(words)));
  end();
}

Task<bool> Passage::send(Socket& to, std::string_view bytes) {
  error_code ec;
  co_await asio::async_write(to, asio::buffer(bytes.data(), bytes.size()), asio::redirect_error(kUse, ec));
  co_return !ec;
}

Task<void> Passage::copy_back(std::shared_ptr<Passage> self) {
  co_await self->copy(self->process_, self->back_, self->client_);
}

Task<void> Passage::copy(Socket& from, Buffer& buffer, Socket& to) {
  error_code ec;
  while (open_) {
    if (!buffer.empty()) {
      const bool sent = co_await send(to, buffer.view());
      if (!sent) break;
      buffer.consume(buffer.view().size());
    }
    const std::size_t got = co_await from.async_read_some(buffer.room(), asio::redirect_error(kUse, ec));
    if (ec) break;
    buffer.commit(got);
    still_for(door_.options.idle_ms);
  }
  --open_sides_;
  if (ec != asio::error::eof || open_sides_ == 0 || !open_) {
    end();
    co_return;
  }
  error_code ignored;
  to.shutdown(Socket::shutdown_send, ignored);
}

}  // namespace kiln::serving
