#include "model/r2_rules.h"

#include <algorithm>

#include "base/strings.h"

namespace kiln::model {
namespace {

enum class Comparison : unsigned char { strong, weak };

bool r2_names(const std::vector<R2Etag>& etags, const std::string& etag, Comparison comparison) {
  return std::any_of(etags.begin(), etags.end(), [&](const R2Etag& one) {
    if (one.kind == R2Etag::Kind::wildcard) return true;
    return one.value == etag && (one.kind == R2Etag::Kind::strong || comparison == Comparison::weak);
  });
}

tl::unexpected<Error> no_such_range() {
  return fail(Errc::invalid, "The requested range is not satisfiable", kR2Range);
}

}  // namespace

// An etag outranks the time beside it.
bool r2_holds(const R2Conditions& conditions, const R2Object* object) {
  if (object == nullptr) return !conditions.etag_matches && !conditions.uploaded_after;
  const auto time = [&conditions](TimeMs at) { return conditions.whole_seconds ? at / 1000 * 1000 : at; };
  const bool matches =
      !conditions.etag_matches || r2_names(*conditions.etag_matches, object->etag, Comparison::strong);
  const bool differs = !conditions.etag_does_not_match ||
                       !r2_names(*conditions.etag_does_not_match, object->etag, Comparison::weak);
  const TimeMs uploaded = time(object->uploaded);
  const bool after = !conditions.uploaded_after || time(*conditions.uploaded_after) < uploaded ||
                     (conditions.etag_does_not_match && differs);
  const bool before = !conditions.uploaded_before || uploaded < time(*conditions.uploaded_before) ||
                      (conditions.etag_matches && matches);
  return matches && differs && after && before;
}

Result<R2Span> r2_span(const R2Range& range, std::uint64_t size) {
  if (range.suffix) {
    if (*range.suffix == 0 || range.offset || range.length) return no_such_range();
    const std::uint64_t length = std::min(*range.suffix, size);
    return R2Span{size - length, length};
  }
  const std::uint64_t offset = range.offset.value_or(0);
  if (offset > size || (offset == size && size > 0)) return no_such_range();
  const std::uint64_t length = std::min(range.length.value_or(size - offset), size - offset);
  if (length == 0 && (size > 0 || range.length)) return no_such_range();
  return R2Span{offset, length};
}

std::optional<R2Range> read_r2_range(std::string_view header) {
  constexpr std::string_view unit = "bytes=";
  if (!to_lower(header.substr(0, unit.size())).starts_with(unit)) return std::nullopt;
  header = trim(header.substr(unit.size()));
  const std::size_t dash = header.find('-');
  if (dash == std::string_view::npos) return std::nullopt;
  const std::string_view first = trim(header.substr(0, dash));
  const std::string_view last = trim(header.substr(dash + 1));
  const std::optional<std::uint64_t> begin = parse_whole(first);
  const std::optional<std::uint64_t> end = parse_whole(last);
  if (first.empty() && end) return R2Range{{}, {}, end};
  if (!begin) return std::nullopt;
  if (last.empty()) return R2Range{begin, {}, {}};
  if (!end || *end < *begin || *end - *begin == UINT64_MAX) return std::nullopt;
  return R2Range{begin, *end - *begin + 1, {}};
}

Status check_r2_key(std::string_view key) {
  if (!key.empty() && key.size() <= kLongestR2Key && to_valid_utf8(key) == key) return {};
  return fail(Errc::invalid, "The specified object name is not valid.", kR2Key);
}

Status check_r2_about(const R2About& about) {
  std::size_t size = 0;
  for (const auto& [name, value] : about.custom) size += name.size() + value.size();
  const R2HttpFields& http = about.http;
  for (const auto& [name, field] : kR2HttpTexts) {
    if ((http.*field).size() > kLargestR2Metadata) size = kLargestR2Metadata + 1;
  }
  if (size <= kLargestR2Metadata) return {};
  return fail(Errc::too_large, "Your metadata headers exceed the maximum allowed metadata size.",
              kR2Metadata);
}

}  // namespace kiln::model
