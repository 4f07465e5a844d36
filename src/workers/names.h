// What Workers, modules, aliases, dates and asset paths may be called. Pure functions: any thread.
#pragma once

#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"

namespace kiln::workers {

inline constexpr std::size_t kHostLabel = 63;  // of a host name, the longest (RFC 1035, 2.3.4)

// 1 to 63 of a-z 0-9 - _, not starting or ending with -. Errors: Errc::invalid, field script_name.
[[nodiscard]] Status check_worker_name(std::string_view name);

// A DNS label that fits before "-<worker>" in 63 bytes and cannot be mistaken for a version's own label (8
// hex digits). Errors: Errc::invalid, field workers/alias.
[[nodiscard]] Status check_alias(std::string_view alias, std::string_view worker_name);

// A relative path as a bundler names modules. Errors: Errc::script_invalid.
[[nodiscard]] Status check_module_name(std::string_view name);

// Empty or a day of the calendar, YYYY-MM-DD, that has begun somewhere on Earth. Errors:
// Errc::script_invalid.
[[nodiscard]] Status check_compatibility_date(std::string_view date, TimeMs now);

// What people are told of a version that asks for one date and is run with another; empty when it is not.
[[nodiscard]] std::string date_note(const std::string& asked, const std::string& run_date);

// An absolute UTF-8 path without "..", "//", NUL or backslash. Errors: Errc::invalid, field manifest.
[[nodiscard]] Status check_asset_path(std::string_view path);

[[nodiscard]] bool is_valid_utf8(std::string_view text);

}  // namespace kiln::workers
