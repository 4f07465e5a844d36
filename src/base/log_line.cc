#include "base/log_line.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <optional>

#include "base/hex.h"
#include "base/strings.h"

namespace kiln::log {
namespace {

bool is_control(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte < 0x20 || byte == 0x7f;
}

bool is_key_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
}

struct Field {
  std::string key;
  std::string value;
  std::size_t end = 0;  // behind it, and behind the space that follows
};

// What an escape of quoted() stands for; `at` is its letter, and is left at its last byte.
char unescaped(std::string_view text, std::size_t& at) {
  const char letter = text[at];
  if (letter == 'n') return '\n';
  if (letter == 'r') return '\r';
  if (letter == 't') return '\t';
  if (letter != 'u' || at + 4 >= text.size()) return letter;
  at += 4;
  return static_cast<char>(hex_value(text[at - 1]) * 16 + hex_value(text[at]));
}

// The value between the quote at `at` and the next, and where it ends; nothing without one, or where
// something else follows it.
std::optional<std::pair<std::string, std::size_t>> quoted_at(std::string_view text, std::size_t at) {
  std::string value;
  for (std::size_t i = at + 1; i < text.size(); ++i) {
    if (text[i] == '"') {
      if (i + 1 < text.size() && text[i + 1] != ' ') return std::nullopt;
      return std::pair(std::move(value), i + 1);
    }
    if (text[i] == '\\' && i + 1 < text.size()) {
      value += unescaped(text, ++i);
    } else {
      value += text[i];
    }
  }
  return std::nullopt;
}

std::optional<Field> field_at(std::string_view text, std::size_t at) {
  std::size_t equals = at;
  while (equals < text.size() && is_key_letter(text[equals])) ++equals;
  if (equals == at || equals == text.size() || text[equals] != '=') return std::nullopt;
  Field field{std::string(text.substr(at, equals - at)), {}, text.size()};
  std::size_t end = std::min(text.find(' ', equals + 1), text.size());
  if (equals + 1 < text.size() && text[equals + 1] == '"') {
    auto quoted = quoted_at(text, equals + 1);
    if (!quoted) return std::nullopt;
    field.value = std::move(quoted->first);
    end = quoted->second;
  } else {
    field.value = text.substr(equals + 1, end - equals - 1);
  }
  field.end = std::min(end + 1, text.size());
  return field;
}

// Fields from `at` on, and where they end: at the text's end, or at something else.
std::pair<std::vector<Field>, std::size_t> fields_from(std::string_view text, std::size_t at) {
  std::vector<Field> fields;
  while (at < text.size()) {
    std::optional<Field> field = field_at(text, at);
    if (!field) break;
    at = field->end;
    fields.push_back(std::move(*field));
  }
  return {std::move(fields), at};
}

}  // namespace

Line take_apart(std::string_view written) {
  Line line;
  const auto add = [&line](std::vector<Field> fields) {
    for (Field& field : fields) line.fields.emplace_back(std::move(field.key), std::move(field.value));
  };
  auto [leading, begin] = fields_from(written, 0);
  add(std::move(leading));
  std::size_t words_end = written.size();
  const std::size_t colon = std::min(written.find(':', begin), written.size());
  std::size_t space = written.find(' ', begin);
  while (space < colon) {
    auto [trailing, end] = fields_from(written, space + 1);
    if (end == written.size() && !trailing.empty()) {
      words_end = space;
      add(std::move(trailing));
      break;
    }
    // Whatever begins before what is no field ends there too.
    space = written.find(' ', std::max(end, space + 1));
  }
  line.words = written.substr(begin, words_end - begin);
  return line;
}

std::string as_logfmt(const std::vector<std::pair<std::string, std::string>>& fields) {
  std::string out;
  for (const auto& [key, value] : fields) {
    if (!out.empty()) out += ' ';
    const bool bare = !value.empty() && std::none_of(value.begin(), value.end(), [](char c) {
      return c == ' ' || c == '"' || c == '=' || c == '\\' || is_control(c);
    });
    out.append(key).append("=").append(bare ? value : '"' + escaped(value, true) + '"');
  }
  return out;
}

std::string as_json(const std::vector<std::pair<std::string, std::string>>& fields) {
  std::string out = "{";
  for (const auto& [key, value] : fields) {
    if (out.size() > 1) out += ',';
    out.append("\"").append(key).append("\":\"").append(escaped(to_valid_utf8(value), true)).append("\"");
  }
  return out + "}";
}

std::string escaped(std::string_view text, bool quotes) {
  std::string out;
  for (const char c : text) {
    if (c == '\n') {
      out += "\\n";
    } else if (c == '\r') {
      out += "\\r";
    } else if (c == '\t') {
      out += "\\t";
    } else if (is_control(c)) {
      fmt::format_to(std::back_inserter(out), "\\u{:04x}", static_cast<unsigned char>(c));
    } else {
      if (quotes && (c == '"' || c == '\\')) out += '\\';
      out += c;
    }
  }
  return out;
}

}  // namespace kiln::log
