#include "runner/log/secret_forms.h"

#include <algorithm>
#include <cctype>
#include <set>

#include "base/hex.h"
#include "base/strings.h"
#include "runner/log/redactor.h"

namespace kiln::runner {
namespace {

constexpr std::size_t kShortestEncoded = 6;
constexpr std::size_t kShortestLine = 8;  // of a multi-line value
constexpr std::size_t kBase64Line = 76;   // where base64(1) breaks its output

std::string url_safe(std::string text) {
  std::replace(text.begin(), text.end(), '+', '-');
  std::replace(text.begin(), text.end(), '/', '_');
  return text;
}

std::string wrapped(const std::string& text) {
  std::string out;
  for (std::size_t at = 0; at < text.size(); at += kBase64Line) {
    if (at > 0) out.push_back('\n');
    out.append(text, at, kBase64Line);
  }
  return out;
}

// The characters of base64(x ‖ value ‖ y) that depend on the value alone, when x has `before` bytes modulo 3.
std::string base64_core(std::string_view value, std::size_t before) {
  std::string padded(before, '\0');
  padded += value;
  const std::size_t from = before == 0 ? 0 : before + 1;  // 8 bits before: 2 characters are mixed; 16 bits: 3
  const std::size_t whole_bits = padded.size() * 8;
  const std::size_t to = whole_bits / 6;
  const std::string text = to_base64(padded);
  return to > from ? text.substr(from, to - from) : std::string();
}

// With RFC 3986's unreserved characters kept, or encodeURIComponent's.
std::string percent_encoded(std::string_view value, std::string_view kept, bool upper) {
  const std::string digits = upper ? "0123456789ABCDEF" : "0123456789abcdef";
  std::string out;
  for (const char character : value) {
    const auto byte = static_cast<unsigned char>(character);
    if (std::isalnum(byte) != 0 || kept.find(character) != kept.npos) {
      out.push_back(character);
    } else {
      out.push_back('%');
      out.push_back(digits[byte >> 4U]);
      out.push_back(digits[byte & 15U]);
    }
  }
  return out;
}

std::string json_escaped(std::string_view value) {
  std::string out;
  for (const char character : value) {
    switch (character) {
      case '"':
        out += "\\\"";
        break;
      case '\\':
        out += "\\\\";
        break;
      case '\n':
        out += "\\n";
        break;
      case '\r':
        out += "\\r";
        break;
      case '\t':
        out += "\\t";
        break;
      default:
        out.push_back(character);
    }
  }
  return out;
}

void add_lines(std::string_view value, std::vector<std::string>& forms) {
  if (value.find('\n') == value.npos) return;
  for (const std::string& line : split(value, '\n')) {
    const std::string_view text = trim(line);
    if (text.size() >= kShortestLine) forms.emplace_back(text);
  }
}

}  // namespace

std::vector<std::string> secret_forms(std::string_view value) {
  std::vector<std::string> forms{std::string(value)};
  // Tools print a value without the line break that a file ended with.
  const std::string_view bare = trim(value);
  if (bare.size() >= kShortestSecret) forms.emplace_back(bare);
  add_lines(value, forms);
  std::vector<std::string> encoded;
  const std::string plain = to_base64(value);
  encoded.push_back(plain);
  encoded.push_back(wrapped(plain));
  for (std::size_t before = 0; before < 3; ++before) encoded.push_back(base64_core(value, before));
  for (std::size_t i = encoded.size(); i-- > 0;) encoded.push_back(url_safe(encoded[i]));
  for (const bool upper : {true, false}) {
    encoded.push_back(percent_encoded(value, "-._~", upper));
    encoded.push_back(percent_encoded(value, "-._~!*'()", upper));
  }
  encoded.push_back(json_escaped(value));
  for (std::string& form : encoded) {
    if (form.size() >= kShortestEncoded) forms.push_back(std::move(form));
  }
  std::set<std::string> seen;
  std::erase_if(forms, [&seen](const std::string& form) { return !seen.insert(form).second; });
  return forms;
}

}  // namespace kiln::runner
