// The input is a stream, cut by the low bits of its own bytes. Cut and uncut must come out alike, and what
// comes out holds no unseen character and no harmful one but line feeds, carriage returns and tabs, no escape
// sequence but whole SGR ones, and passes a second time unchanged.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "base/printable.h"
#include "base/strings.h"
#include "base/terminal_filter.h"

namespace {

void look_at(std::string_view out) {
  while (!out.empty()) {
    std::size_t step = 1;
    if (const std::size_t sgr = kiln::sgr_length(out); sgr > 0) {
      if (sgr > kiln::kLongestSgr + 1 || out.size() < 3 || out[1] != '[' || out[sgr - 1] != 'm' ||
          out.substr(2, sgr - 3).find_first_not_of("0123456789;:") != out.npos)
        std::abort();
      step = sgr;
    } else if (kiln::unseen_length(out) > 0) {
      std::abort();
    } else if (kiln::harmful_length(out) > 0 && out[0] != '\n' && out[0] != '\r' && out[0] != '\t') {
      std::abort();
    }
    out.remove_prefix(step);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view rest(reinterpret_cast<const char*>(data), size);
  const std::string whole = kiln::filtered(rest, true);
  kiln::TerminalFilter filter;
  std::string pieces;
  while (!rest.empty()) {
    const std::size_t count =
        std::min<std::size_t>(rest.size(), 1 + (static_cast<unsigned char>(rest[0]) & 3));
    filter.write(rest.substr(0, count), pieces);
    rest.remove_prefix(count);
  }
  filter.finish(pieces);
  if (pieces != whole) std::abort();
  look_at(whole);
  look_at(kiln::to_valid_utf8(whole));
  if (kiln::filtered(whole, true) != whole) std::abort();
  if (kiln::filtered(whole, false).find('\x1b') != std::string::npos) std::abort();
  return 0;
}
