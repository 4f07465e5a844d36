#include "cli/print.h"

#include <fmt/format.h>

#include <boost/json/serialize.hpp>

#include "base/duration_words.h"
#include "base/printable.h"
#include "base/strings.h"
#include "base/terminal_filter.h"
#include "base/time_format.h"

namespace kiln::cli {
namespace {

namespace json = boost::json;

void write_pretty(const json::value& value, int depth, std::string& out) {
  const std::string inner(static_cast<std::size_t>(depth) * 2 + 2, ' ');
  const std::string outer(static_cast<std::size_t>(depth) * 2, ' ');
  if (const auto* object = value.if_object(); object != nullptr && !object->empty()) {
    std::string_view comma = "{\n";
    for (const auto& [key, member] : *object) {
      out += comma;
      out += inner + json::serialize(json::string(key)) + ": ";
      write_pretty(member, depth + 1, out);
      comma = ",\n";
    }
    out += "\n" + outer + "}";
    return;
  }
  if (const auto* array = value.if_array(); array != nullptr && !array->empty()) {
    std::string_view comma = "[\n";
    for (const json::value& member : *array) {
      out += comma;
      out += inner;
      write_pretty(member, depth + 1, out);
      comma = ",\n";
    }
    out += "\n" + outer + "]";
    return;
  }
  out += json::serialize(value);
}

}  // namespace

std::string relative_time(TimeMs time, TimeMs now) {
  const TimeMs seconds = (now - time) / 1000;
  if (seconds < 0) return format_rfc3339(time).substr(0, 19) + "Z";
  if (seconds < 10) return "just now";
  if (seconds < 60) return fmt::format("{} s ago", seconds);
  if (seconds < 3600) return fmt::format("{} min ago", seconds / 60);
  if (seconds < 86400) return fmt::format("{} h ago", seconds / 3600);
  if (seconds < TimeMs{2} * 86400) return "1 day ago";
  if (seconds < TimeMs{14} * 86400) return fmt::format("{} days ago", seconds / 86400);
  return format_rfc3339(time).substr(0, 10);
}

std::string relative_time(std::string_view rfc3339, TimeMs now) {
  const Result<TimeMs> time = parse_rfc3339(rfc3339);
  return time ? relative_time(*time, now) : "-";
}

std::string safe_line(std::string_view text, bool keep_colours) {
  std::string out = filtered(to_valid_utf8(text), keep_colours);
  std::erase_if(out, [](char c) { return c == '\n' || c == '\r'; });
  return out.find('\x1b') == std::string::npos ? out : out + "\x1b[0m";
}

std::string headline(std::string_view message, std::size_t width) {
  return cut_to(safe_line(trim(message).substr(0, trim(message).find('\n')), false), width);
}

const json::value* member(const json::value& value, std::string_view path) {
  const json::value* at = &value;
  for (const std::string& key : split(path, '/')) {
    const json::object* object = at->if_object();
    at = object == nullptr ? nullptr : object->if_contains(key);
    if (at == nullptr) return nullptr;
  }
  return at;
}

std::string text_at(const json::value& value, std::string_view path) {
  const json::value* found = member(value, path);
  const json::string* text = found == nullptr ? nullptr : found->if_string();
  return text == nullptr ? std::string() : std::string(*text);
}

std::optional<std::int64_t> number_at(const json::value& value, std::string_view path) {
  const json::value* found = member(value, path);
  if (found == nullptr || !found->is_number()) return std::nullopt;
  boost::system::error_code error;
  const auto number = found->to_number<std::int64_t>(error);
  return error ? std::nullopt : std::optional(number);
}

bool is_true_at(const json::value& value, std::string_view path) {
  const json::value* found = member(value, path);
  return found != nullptr && found->is_bool() && found->get_bool();
}

const json::array& list_at(const json::value& value, std::string_view path) {
  static const json::array none;
  const json::value* found = member(value, path);
  return found != nullptr && found->is_array() ? found->get_array() : none;
}

std::string joined(const json::array& list) {
  std::string words;
  for (const json::value& one : list) {
    if (one.is_string()) words += (words.empty() ? "" : ", ") + safe_line(one.get_string(), false);
  }
  return words;
}

Cell state_of(const json::value& build) {
  const std::string outcome = text_at(build, "build_outcome");
  if (outcome == "success") return {outcome, Colour::green};
  if (outcome == "fail" || outcome == "terminated") return {outcome, Colour::red};
  if (!outcome.empty()) return {safe_line(outcome, false), Colour::dim};
  return {safe_line(text_at(build, "status"), false), Colour::yellow};
}

std::string pretty(const json::value& value) {
  std::string out;
  write_pretty(value, 0, out);
  return printable_json(out) + "\n";
}

}  // namespace kiln::cli
