// What a Worker puts into its cache, and asks for again: the first line is a Range field, the second an
// If-None-Match, the rest the response that was put.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "serving/cache/answer.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace kiln;
  std::string_view input(reinterpret_cast<const char*>(data), size);
  const auto line = [&input] {
    const std::string_view taken = input.substr(0, input.find('\n'));
    input.remove_prefix(taken.size() < input.size() ? taken.size() + 1 : input.size());
    return std::string(taken);
  };
  http::Request request;
  request.headers = {{"range", line()}, {"if-none-match", line()}};
  constexpr TimeMs kNow = 1'795'000'000'000;
  const auto read = serving::read_answer(input, kNow);
  if (!read || !*read) return 0;
  const serving::StoredAnswer& kept = **read;
  if (kept.expires_on <= kNow || kept.body.size > input.size()) std::abort();
  http::Response answer = serving::hit(kept, request, kNow + 1);
  const std::size_t sent = answer.size();
  answer.flatten();
  if (answer.body.size() != sent || sent > kept.body.size) std::abort();
  if (answer.status == 206 && kept.body.view().find(answer.body) == std::string_view::npos) std::abort();
  if ((answer.status == 304 || answer.status == 416) && sent > 0) std::abort();
  return 0;
}
