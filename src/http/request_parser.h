// Bytes of HTTP/1.1 into a Request, a piece at a time: head.h and body.h for a server whose handlers want the
// whole. One parser serves one connection, request after request; it belongs to that connection's thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "http/body.h"
#include "http/head.h"
#include "http/message.h"

namespace kiln::http {

class RequestParser {
 public:
  enum class Step {
    need_more,         // give the unused bytes again, with more behind them
    header_done,       // reported once: method, target and headers are there, the body is not
    done,              // the request is whole; bytes behind it belong to the next one
    malformed,         // not HTTP/1.1 as we read it; nothing more can be read here
    header_too_large,  // over the limit of the constructor
    body_too_large,    // over limit_body()
  };
  struct Progress {
    std::size_t used;  // bytes taken from the front
    Step step;
  };

  explicit RequestParser(std::size_t max_header_bytes) : max_header_(max_header_bytes) {}

  // Before each request. Its method, headers and body go into `into`, which must outlive it; all that is
  // there of the last one goes. Whoever takes the body in pieces empties it meanwhile.
  void start(Request& into);
  // A head is taken when the whole of it lies in `bytes`.
  [[nodiscard]] Progress feed(std::string_view bytes);

  // From Step::header_done to the next start(). Before, what the last request has left.
  [[nodiscard]] const std::string& target() const { return target_; }
  [[nodiscard]] bool is_http_1_0() const { return head_.http_1_0; }
  [[nodiscard]] bool keep_alive() const { return head_.keep_alive; }
  [[nodiscard]] bool has_body() const { return !body_.done(); }        // and it has not come whole
  [[nodiscard]] std::uint64_t length() const { return head_.length; }  // of the body; 0 for chunks
  [[nodiscard]] std::uint64_t received() const { return received_; }   // of the body, by now
  [[nodiscard]] bool wants_continue() const { return wants_continue_ && has_body(); }
  // Checks the length that was announced, too: false when it is over the limit already.
  [[nodiscard]] bool limit_body(std::size_t max);

 private:
  [[nodiscard]] Progress feed_head(std::string_view bytes);
  [[nodiscard]] Progress feed_body(std::string_view bytes);
  void take_head();

  const std::size_t max_header_;
  std::size_t max_body_ = 0;
  std::size_t received_ = 0;
  Request* into_ = nullptr;
  bool in_body_ = false;
  bool wants_continue_ = false;
  std::size_t scanned_ = 0;
  Head head_;  // its views are good during feed() alone
  BodyScanner body_;
  std::string target_;  // its room is used again from request to request
};

}  // namespace kiln::http
