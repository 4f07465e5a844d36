#include "queue/printable.h"

#include <algorithm>

#include "base/strings.h"

namespace kiln::queue {
namespace {

constexpr std::string_view kReplacement = "\xef\xbf\xbd";
constexpr std::string_view kEllipsis = "…";

bool is_c0(char c) {
  return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
}

// U+0080 to U+009F, which some terminals obey: C2 followed by 80 to 9F.
bool is_c1(std::string_view text, std::size_t at) {
  return text[at] == '\xc2' && at + 1 < text.size() && static_cast<unsigned char>(text[at + 1]) < 0xa0;
}

bool continues_a_character(char c) {
  return (static_cast<unsigned char>(c) & 0xc0U) == 0x80U;
}

}  // namespace

std::string printable(std::string_view name, std::size_t most) {
  const std::string text = to_valid_utf8(name.substr(0, most + 1));
  std::string out;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (is_c0(text[at])) {
      out += kReplacement;
    } else if (is_c1(text, at)) {
      out += kReplacement;
      ++at;
    } else {
      out += text[at];
    }
  }
  if (name.size() <= most) return out;
  std::size_t end = std::min(out.size(), most);
  while (end > 0 && end < out.size() && continues_a_character(out[end])) --end;
  return out.substr(0, end).append(kEllipsis);
}

}  // namespace kiln::queue
