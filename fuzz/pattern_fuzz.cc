// Branch and path patterns: text before the first line break is the pattern, the rest is what it is held
// against.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "model/pattern.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const std::size_t cut = input.find('\n');
  const std::string_view pattern = input.substr(0, cut);
  const std::string_view text = cut == std::string_view::npos ? std::string_view() : input.substr(cut + 1);
  const bool hit = kiln::model::matches(pattern, text);
  if (!kiln::model::check_pattern(pattern)) return 0;
  const std::size_t star = pattern.find('*');
  if (star == std::string_view::npos) {
    if (hit != (pattern == text)) std::abort();
    return 0;
  }
  const std::string_view head = pattern.substr(0, star);
  const std::string_view tail = pattern.substr(star + 1);
  const bool fits = text.size() >= head.size() + tail.size() && text.substr(0, head.size()) == head &&
                    text.substr(text.size() - tail.size()) == tail;
  if (hit != fits) std::abort();
  return 0;
}
