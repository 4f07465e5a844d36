// Lines of the service's log: a value out of other hands, quoted, comes back as that one value and begins no
// field of its own; whatever is written is one line.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "base/log.h"
#include "base/log_line.h"

namespace {

bool is_one_line(std::string_view text) {
  return std::none_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20; });
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace kiln::log;
  const std::string text(reinterpret_cast<const char*>(data), size);
  const Line line = take_apart("stays reason=" + kiln::log::quoted(text) + " count=1");
  if (line.words != "stays" || line.fields.size() != 2) std::abort();
  if (line.fields[0].second != text || line.fields[1].second != "1") std::abort();
  // Behind a colon nothing is a field, whatever it says.
  if (!take_apart("refused: " + text).fields.empty()) std::abort();
  Line raw = take_apart(text);
  raw.fields.emplace_back("msg", raw.words);
  if (!is_one_line(as_logfmt(raw.fields)) || !is_one_line(as_json(raw.fields))) std::abort();
  return 0;
}
