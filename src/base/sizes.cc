#include "base/sizes.h"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <limits>

#include "base/strings.h"

namespace kiln {
namespace {

struct Unit {
  std::string_view name;
  std::uint64_t bytes;
};

constexpr std::array<Unit, 10> kUnits{{{"", 1},
                                       {"b", 1},
                                       {"kib", 1ULL << 10U},
                                       {"mib", 1ULL << 20U},
                                       {"gib", 1ULL << 30U},
                                       {"tib", 1ULL << 40U},
                                       {"kb", 1'000},
                                       {"mb", 1'000'000},
                                       {"gb", 1'000'000'000},
                                       {"tb", 1'000'000'000'000}}};

}  // namespace

Result<std::uint64_t> parse_size(std::string_view text) {
  const std::string_view whole = trim(text);
  std::uint64_t number = 0;
  const auto parsed = std::from_chars(whole.data(), whole.data() + whole.size(), number);
  const std::string unit = to_lower(trim(whole.substr(static_cast<std::size_t>(parsed.ptr - whole.data()))));
  if (parsed.ec == std::errc()) {
    for (const Unit& known : kUnits) {
      if (unit != known.name) continue;
      if (number > std::numeric_limits<std::int64_t>::max() / known.bytes) break;
      return number * known.bytes;
    }
  }
  return fail(Errc::invalid, "a size such as \"512MiB\", \"8GiB\" or \"20GB\"");
}

std::string size_words(std::uint64_t bytes) {
  constexpr std::array<Unit, 4> kBinary{
      {{"TiB", 1ULL << 40U}, {"GiB", 1ULL << 30U}, {"MiB", 1ULL << 20U}, {"KiB", 1ULL << 10U}}};
  for (const Unit& unit : kBinary) {
    if (bytes < unit.bytes) continue;
    const std::uint64_t tenths = bytes / unit.bytes * 10 + bytes % unit.bytes * 10 / unit.bytes;
    if (tenths % 10 == 0 || tenths >= 1'000) return fmt::format("{} {}", tenths / 10, unit.name);
    return fmt::format("{}.{} {}", tenths / 10, tenths % 10, unit.name);
  }
  return fmt::format("{} B", bytes);
}

}  // namespace kiln
