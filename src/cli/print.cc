#include "cli/print.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/serialize.hpp>

#include "base/printable.h"
#include "base/strings.h"
#include "base/terminal_filter.h"
#include "base/time_format.h"

namespace kiln::cli {
namespace {

namespace json = boost::json;

std::string_view code_of(Colour colour) {
  switch (colour) {
    case Colour::none:
      return "";
    case Colour::dim:
      return "2";
    case Colour::red:
      return "31";
    case Colour::green:
      return "32";
    case Colour::yellow:
      return "33";
    case Colour::cyan:
      return "36";
  }
  return "";
}

bool begins_character(char byte) {
  return (static_cast<unsigned char>(byte) & 0xC0U) != 0x80U;
}

std::size_t width_of(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), begins_character));
}

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

std::string paint(Style style, Colour colour, std::string_view text) {
  if (!style.colours || colour == Colour::none || text.empty()) return std::string(text);
  return fmt::format("\x1b[{}m{}\x1b[0m", code_of(colour), text);
}

std::string table(Style style, const std::vector<std::vector<Cell>>& rows) {
  std::vector<std::size_t> widths;
  for (const auto& row : rows) {
    widths.resize(std::max(widths.size(), row.size()));
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], width_of(row[i].text));
  }
  std::string out;
  for (const auto& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i) {
      out += paint(style, row[i].colour, row[i].text);
      if (i + 1 < row.size()) out.append(widths[i] - width_of(row[i].text) + 2, ' ');
    }
    out += '\n';
  }
  return out;
}

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
  std::string line = safe_line(trim(message).substr(0, trim(message).find('\n')), false);
  if (width_of(line) <= width) return line;
  std::size_t end = 0;
  for (std::size_t characters = 0; end < line.size(); ++end) {
    if (begins_character(line[end]) && characters++ == width - 1) break;
  }
  return line.substr(0, end) + "…";
}

const boost::json::array& list_at(const boost::json::value& value, std::string_view key) {
  static const boost::json::array none;
  const boost::json::object* object = value.if_object();
  const boost::json::value* found = object != nullptr ? object->if_contains(key) : nullptr;
  return found != nullptr && found->is_array() ? found->get_array() : none;
}

std::string text_at(const json::value& value, std::string_view path) {
  const json::value* at = &value;
  for (const std::string& key : split(path, '/')) {
    const json::object* object = at->if_object();
    at = object != nullptr ? object->if_contains(key) : nullptr;
    if (at == nullptr) return {};
  }
  if (const json::string* text = at->if_string()) return std::string(*text);
  return {};
}

Cell state_of(const json::value& build) {
  const std::string outcome = text_at(build, "build_outcome");
  if (outcome == "success") return {outcome, Colour::green};
  if (outcome == "fail" || outcome == "terminated") return {outcome, Colour::red};
  if (!outcome.empty()) return {safe_line(outcome, false), Colour::dim};
  return {safe_line(text_at(build, "status"), false), Colour::yellow};
}

std::vector<Cell> builds_heading() {
  std::vector<Cell> row;
  for (const char* name : {"BUILD", "WORKER", "STATE", "BRANCH", "COMMIT", "WHEN", "AUTHOR", "MESSAGE"}) {
    row.push_back({name, Colour::dim});
  }
  return row;
}

std::vector<Cell> builds_row(const json::value& build, TimeMs now) {
  const auto meta = [&build](std::string_view key, std::size_t width) {
    return headline(text_at(build, fmt::format("build_trigger_metadata/{}", key)), width);
  };
  return {{headline(text_at(build, "build_uuid"), 36), Colour::cyan},
          {headline(text_at(build, "worker_name"), 30)},
          state_of(build),
          {meta("branch", 30)},
          {meta("commit_hash", 100).substr(0, 8)},
          {relative_time(text_at(build, "created_on"), now), Colour::dim},
          {meta("author", 20)},
          {meta("commit_message", 50)}};
}

std::string pretty(const json::value& value) {
  std::string out;
  write_pretty(value, 0, out);
  return printable_json(out) + "\n";
}

}  // namespace kiln::cli
