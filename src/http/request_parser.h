// Bytes of HTTP/1.1 into a Request, a piece at a time, over Boost.Beast's parser. One parser serves one
// connection, request after request; it belongs to that connection's thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

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

  explicit RequestParser(std::size_t max_header_bytes);
  ~RequestParser();
  RequestParser(const RequestParser&) = delete;
  RequestParser& operator=(const RequestParser&) = delete;

  // Before each request. Its method, headers and body go into `into`, which must outlive it; all that is
  // there of the last one goes as soon as its bytes come, unless repeats().
  void start(Request& into);
  [[nodiscard]] Progress feed(std::string_view bytes);
  // At Step::header_done, where there is no body: has a next head that is the same but for the query of its
  // target told by repeats(), as long as such heads follow each other, into the same Request.
  void remember_head();

  // From Step::header_done on:
  // Whether all but the query is as in the last request, whose method, headers, path and params `into` has
  // kept.
  [[nodiscard]] bool repeats() const;
  // Where repeats(): a part of the bytes given to feed().
  [[nodiscard]] std::string_view repeated_query() const;
  // Elsewhere.
  [[nodiscard]] const std::string& target() const;
  [[nodiscard]] bool is_http_1_0() const;
  [[nodiscard]] bool keep_alive() const;
  [[nodiscard]] bool has_body() const;
  [[nodiscard]] bool wants_continue() const;  // "Expect: 100-continue", and some body to wait for
  // Checks the length that was announced, too: false when it is over the limit already.
  [[nodiscard]] bool limit_body(std::size_t max);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace kiln::http
