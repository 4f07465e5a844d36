// Bytes of HTTP/1.1: a request reads the same however its bytes are cut, and its target and headers hold
// nothing that could be taken for another request; and a connection that remembers the head before reads what
// follows as one that does not. The input's first byte says where to cut, and what differs in the repetition.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "http/request_parser.h"
#include "http/router.h"

namespace {

using kiln::http::Request;
using kiln::http::RequestParser;

constexpr std::size_t kMostHeader = 4096;
constexpr std::size_t kMostBody = 8192;

struct Outcome {
  RequestParser::Step step = RequestParser::Step::need_more;
  Request request;
  std::string target;

  bool operator==(const Outcome& other) const {
    return step == other.step && request.method == other.request.method &&
           request.headers == other.request.headers && target == other.target &&
           request.body == other.request.body;
  }
};

// Feeds pieces of `piece` bytes until the request is whole, refused, or the bytes are used up.
Outcome read(std::string_view bytes, std::size_t piece) {
  Outcome out;
  RequestParser parser(kMostHeader);
  parser.start(out.request);
  std::string pending;
  while (!bytes.empty()) {
    const std::size_t take = std::min(piece, bytes.size());
    pending.append(bytes.substr(0, take));
    bytes.remove_prefix(take);
    while (true) {
      const auto [used, step] = parser.feed(pending);
      pending.erase(0, used);
      out.step = step;
      if (step == RequestParser::Step::header_done) {
        out.target = parser.target();
        if (!parser.limit_body(kMostBody)) {
          out.step = RequestParser::Step::body_too_large;
          return out;
        }
        if (!parser.has_body()) return out;
        continue;
      }
      if (step == RequestParser::Step::need_more) break;
      return out;
    }
  }
  return out;
}

// What a connection makes of a request's head.
struct Head {
  RequestParser::Step step = RequestParser::Step::need_more;
  std::size_t used = 0;
  bool good = false;  // its target, too
  Request request;

  bool operator==(const Head& other) const {
    return step == other.step && used == other.used && good == other.good &&
           (!good || (request.method == other.request.method && request.path == other.request.path &&
                      request.segments == other.request.segments && request.query == other.request.query &&
                      request.headers == other.request.headers));
  }
};

Head read_head(RequestParser& parser, Request& request, std::string_view bytes) {
  parser.start(request);
  Head out;
  const auto [used, step] = parser.feed(bytes);
  out.used = used;
  out.step = step;
  if (out.step == RequestParser::Step::header_done) {
    out.good = parser.repeats() ? kiln::http::parse_query(parser.repeated_query(), request).has_value()
                                : kiln::http::parse_target(parser.target(), request).has_value();
    if (out.good) parser.remember_head();
  }
  out.request = request;
  return out;
}

// All requests without a body that `bytes` begin with, one behind the other.
void follow(std::string_view bytes) {
  RequestParser remembers(kMostHeader);
  Request request;
  while (!bytes.empty()) {
    const Head got = read_head(remembers, request, bytes);
    RequestParser fresh(kMostHeader);
    Request own;
    if (!(got == read_head(fresh, own, bytes))) std::abort();
    if (got.step != RequestParser::Step::header_done || remembers.has_body() || got.used == 0) return;
    bytes.remove_prefix(got.used);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  const Outcome whole = read(text, text.size());
  const Outcome cut = read(text, 1U + data[0] % 16U);
  // A refusal may come at another byte, but what is accepted is accepted alike.
  const auto is_whole = [](const Outcome& outcome) {
    return outcome.step == RequestParser::Step::done || outcome.step == RequestParser::Step::header_done;
  };
  const bool accepted = is_whole(whole);
  if (accepted != is_whole(cut)) std::abort();
  if (accepted && !(whole == cut)) std::abort();
  for (const auto& [name, value] : whole.request.headers) {
    if (value.find('\n') != std::string::npos || name.find('\n') != std::string::npos) std::abort();
  }
  if (whole.request.body.size() > kMostBody) std::abort();
  Request parsed;
  (void)kiln::http::parse_target(whole.target, parsed);

  std::string twice(text);
  twice += text;
  follow(twice);
  const std::size_t place = text.size() + data[0] * 7U % text.size();
  twice[place] = static_cast<char>(data[1] ^ data[size - 1]);
  follow(twice);
  return 0;
}
