// On which conditions an object is read or replaced, and which of its bytes are meant. Pure; any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "model/r2.h"

namespace kiln::model {

struct R2Etag {
  enum class Kind : unsigned char { strong, weak, wildcard };
  Kind kind = Kind::strong;
  std::string value;  // of no wildcard
};

// As HTTP's conditional requests (RFC 9110, 13), in the terms of the bindings.
struct R2Conditions {
  std::optional<std::vector<R2Etag>> etag_matches;
  std::optional<std::vector<R2Etag>> etag_does_not_match;
  std::optional<TimeMs> uploaded_before;
  std::optional<TimeMs> uploaded_after;
  bool whole_seconds = false;  // times are compared by the second
};

// `object`: what is there now; null: nothing.
[[nodiscard]] bool r2_holds(const R2Conditions& conditions, const R2Object* object);

struct R2Range {
  std::optional<std::uint64_t> offset;
  std::optional<std::uint64_t> length;
  std::optional<std::uint64_t> suffix;  // so many last bytes; alone
};

struct R2Span {
  std::uint64_t offset = 0;
  std::uint64_t length = 0;

  bool operator==(const R2Span&) const = default;
};

// The bytes of an object of that size. Errors: Errc::invalid, field kR2Range, when there are none.
[[nodiscard]] Result<R2Span> r2_span(const R2Range& range, std::uint64_t size);
inline constexpr const char* kR2Range = "range";

// "bytes=0-9" of one range; nothing for what is none, or several, which is the whole object.
[[nodiscard]] std::optional<R2Range> read_r2_range(std::string_view header);

// Whether a key, and what is said of its object, fit. Errors: Errc::invalid, field kR2Key; Errc::too_large,
// field kR2Metadata.
[[nodiscard]] Status check_r2_key(std::string_view key);
[[nodiscard]] Status check_r2_about(const R2About& about);
inline constexpr const char* kR2Key = "key";
inline constexpr const char* kR2Metadata = "metadata";

}  // namespace kiln::model
