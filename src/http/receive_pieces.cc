// How a connection receives a body that nobody keeps whole: piece by piece, each handed on before more is
// read, so that a sender who is faster than the disk waits.
#include <algorithm>

#include "http/connection.h"

namespace kiln::http {
namespace {

constexpr std::size_t kPiece = std::size_t{256} << 10U;

}  // namespace

Task<Connection::Received> Connection::receive_pieces(const Route& route) {
  cut_ = false;
  // A stranger's would have to give way while it is handed on: routes of this kind know whom they let in.
  if (request_.caller == 0) {
    refusal_ = refusal(Errc::internal, "a route takes the bodies of strangers in pieces", 0);
    co_return Received::broken;
  }
  held_.begin(request_.caller, request_.peer_uid.has_value());
  // What is read at once may go beyond a piece by what the connection reads at once.
  const bool room = co_await wait_for_room(2 * kPiece);
  if (!room) co_return refusal_ ? Received::broken : Received::over;
  const std::function<void()> open = [this, &route] { request_.sink = route.body(request_); };
  const bool opened = co_await run_there(route, open);
  if (!opened || request_.sink == nullptr) {
    refusal_ = std::get<Response>(too_busy(route));
    co_return Received::broken;
  }
  const bool invited = co_await send_continue();
  if (!invited) co_return Received::over;
  const SteadyClock::time_point begun = SteadyClock::now();
  while (true) {
    const auto [used, step] = parser_.feed(input_.view());
    input_.consume(used);
    if (const std::optional<Received> refused = refuse_body(step)) co_return *refused;
    const bool whole = step == RequestParser::Step::done;
    if (request_.body.size() >= kPiece || (whole && !request_.body.empty())) {
      const bool taken = co_await hand_on(route);
      if (!taken) co_return Received::over;
    }
    if (whole) {
      held_.settle();
      co_return Received::request;
    }
    const std::optional<Received> over = co_await read_more(begun, false);
    if (over) co_return *over;
  }
}

// False when the server stops.
Task<bool> Connection::hand_on(const Route& route) {
  clear_deadline();
  const std::function<void()> take = [this] { request_.sink->take(request_.body); };
  while (open_) {
    const bool ran = co_await run_there(route, take);
    if (ran) {
      request_.body.clear();
      co_return open_;
    }
    co_await pause();
  }
  co_return false;
}

}  // namespace kiln::http
