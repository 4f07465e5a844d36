// First byte: number of secrets, each with its length before it; the rest is a stream cut by the low bits of
// its own bytes. Cut and uncut must come out alike, without a secret in what is read of it.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "base/terminal_filter.h"
#include "base/utf8.h"
#include "runner/log/line_splitter.h"
#include "runner/log/redactor.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace kiln::runner;
  std::string_view rest(reinterpret_cast<const char*>(data), size);
  const auto take = [&rest](std::size_t count) {
    const std::string_view taken = rest.substr(0, count);
    rest.remove_prefix(taken.size());
    return taken;
  };
  if (rest.empty()) return 0;
  std::vector<std::string> values;
  for (int left = take(1)[0] & 7; left > 0 && !rest.empty(); --left) {
    const auto length = static_cast<std::size_t>(static_cast<unsigned char>(take(1)[0]) & 31);
    values.emplace_back(take(length));
  }
  const Secrets secrets(values);
  const std::string whole = secrets.mask(rest);
  Redactor redactor(secrets);
  LineSplitter splitter;
  kiln::model::LogText lines;
  std::string pieces;
  while (!rest.empty()) {
    redactor.write(take(1 + (static_cast<unsigned char>(rest[0]) & 7)), pieces);
  }
  redactor.finish(pieces);
  if (pieces != whole) std::abort();
  const std::string read = kiln::filtered(whole, false);
  for (const std::string& value : values) {
    const std::string shown = kiln::filtered(value, false);
    // "***" itself may complete a value made of stars and its neighbours.
    if (shown.size() < kShortestSecret || value.find('*') != value.npos || !kiln::is_valid_utf8(value))
      continue;
    if (read.find(shown) != read.npos) std::abort();
  }
  splitter.write(whole, 1, lines);
  splitter.flush(true, lines);
  for (const auto& line : lines.unpack()) {
    if (line.text.size() > kLongestLine || line.text.find('\n') != line.text.npos) std::abort();
  }
  return 0;
}
