#include "workers/names.h"

#include <algorithm>

#include "base/strings.h"
#include "base/time_format.h"

namespace kiln::workers {
namespace {

constexpr std::size_t kMaxModuleName = 1024;
constexpr std::size_t kMaxAssetPath = 2048;
constexpr TimeMs kEarliestZone = TimeMs{14} * 3'600'000;  // how far ahead of UTC days begin

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_lower(char c) {
  return c >= 'a' && c <= 'z';
}

bool has_dots_segment(std::string_view path) {
  const auto parts = split(path, '/');
  return std::find(parts.begin(), parts.end(), "..") != parts.end();
}

bool has_control(std::string_view text) {
  return std::any_of(text.begin(), text.end(), [](char c) { return (c >= 0 && c < 0x20) || c == 0x7f; });
}

bool looks_like_version_label(std::string_view text) {
  return text.size() == 8 &&
         std::all_of(text.begin(), text.end(), [](char c) { return is_digit(c) || (c >= 'a' && c <= 'f'); });
}

}  // namespace

bool is_valid_utf8(std::string_view text) {
  return to_valid_utf8(text) == text;
}

Status check_worker_name(std::string_view name) {
  const bool fits = !name.empty() && name.size() <= kHostLabel && name.front() != '-' && name.back() != '-' &&
                    std::all_of(name.begin(), name.end(),
                                [](char c) { return is_lower(c) || is_digit(c) || c == '-' || c == '_'; });
  if (fits) return {};
  return fail(Errc::invalid,
              "A Worker's name has 1 to 63 lower-case letters, digits, hyphens and underscores, and no "
              "hyphen at an end.",
              "script_name");
}

Status check_alias(std::string_view alias, std::string_view worker_name) {
  const bool label =
      !alias.empty() && alias.front() != '-' && alias.back() != '-' &&
      std::all_of(alias.begin(), alias.end(), [](char c) { return is_lower(c) || is_digit(c) || c == '-'; });
  if (!label) {
    return fail(Errc::invalid,
                "A preview alias has lower-case letters, digits and hyphens only, and no hyphen at an end.",
                "workers/alias");
  }
  if (alias.size() + 1 + worker_name.size() > kHostLabel) {
    return fail(
        Errc::invalid,
        "The preview alias is too long: with a hyphen and the Worker's name it may have 63 characters.",
        "workers/alias");
  }
  if (looks_like_version_label(alias)) {
    return fail(Errc::invalid,
                "A preview alias of 8 hexadecimal digits would look like a version's own address.",
                "workers/alias");
  }
  return {};
}

Status check_module_name(std::string_view name) {
  const bool fits = !name.empty() && name.size() <= kMaxModuleName && name.front() != '/' &&
                    !has_control(name) && !has_dots_segment(name) && is_valid_utf8(name);
  if (fits) return {};
  return fail(
      Errc::script_invalid,
      "A module has a name that is empty, too long, absolute, climbs out with \"..\", or holds control "
      "characters: " +
          to_valid_utf8(name.substr(0, 100)));
}

Status check_compatibility_date(std::string_view date, TimeMs now) {
  if (date.empty()) return {};
  const Result<TimeMs> day = parse_rfc3339(std::string(date) + "T00:00:00Z");
  if (date.size() != 10 || !day || format_rfc3339(*day).substr(0, 10) != date) {
    return fail(Errc::script_invalid, "compatibility_date must be a day like 2026-11-01, not \"" +
                                          to_valid_utf8(date.substr(0, 40)) + "\".");
  }
  if (*day > now + kEarliestZone) {
    return fail(Errc::script_invalid, "compatibility_date " + std::string(date) +
                                          " is in the future: today is " + format_rfc3339(now).substr(0, 10) +
                                          " (UTC). Set it to today or an earlier day in the wrangler "
                                          "configuration.");
  }
  return {};
}

std::string date_note(const std::string& asked, const std::string& run_date) {
  if (run_date.empty() || asked.empty() || run_date == asked) return {};
  return "The Worker's compatibility_date is " + asked + " and this server's workerd knows dates up to " +
         run_date + ", so it runs as of " + run_date + ". `kiln doctor` says how to renew workerd.";
}

Status check_asset_path(std::string_view path) {
  const bool fits = path.size() > 1 && path.size() <= kMaxAssetPath && path.front() == '/' &&
                    path.back() != '/' && path.find("//") == std::string_view::npos &&
                    !has_dots_segment(path) && !has_control(path) &&
                    path.find('\\') == std::string_view::npos && is_valid_utf8(path);
  if (fits) return {};
  return fail(
      Errc::invalid,
      "An asset's path must begin with one / and hold no \"..\", \"//\", backslash or control character: " +
          to_valid_utf8(path.substr(0, 100)),
      "manifest");
}

}  // namespace kiln::workers
