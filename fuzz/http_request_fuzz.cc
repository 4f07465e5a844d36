// Bytes of HTTP/1.1: a request reads the same however its bytes are cut, and its target and headers hold
// nothing that could be taken for another request; and one that comes behind another on a connection reads as
// on a connection of its own. The input's first byte says where to cut.
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

  // A request behind another, by the same parser.
  if (whole.step != RequestParser::Step::done && whole.step != RequestParser::Step::header_done) return 0;
  RequestParser parser(kMostHeader);
  Request request;
  for (int i = 0; i < 2; ++i) {
    parser.start(request);
    auto [used, step] = parser.feed(text);
    if (!parser.limit_body(kMostBody)) std::abort();
    if (parser.has_body()) step = parser.feed(text.substr(used)).step;
    if (request.method != whole.request.method || request.headers != whole.request.headers ||
        request.body != whole.request.body || parser.target() != whole.target || step != whole.step) {
      std::abort();
    }
  }
  return 0;
}
