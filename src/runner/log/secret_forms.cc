#include "runner/log/secret_forms.h"

#include <algorithm>
#include <cctype>
#include <set>

#include "base/hex.h"
#include "base/strings.h"
#include "runner/log/secrets.h"

namespace kiln::runner {
namespace {

constexpr std::size_t kShortestEncoded = 6;
constexpr std::size_t kShortestLine = 8;  // of a multi-line value
constexpr std::size_t kBase64Line = 76;   // where base64(1) and base32(1) break their output
constexpr std::size_t kPemLine = 64;      // where openssl(1) does
constexpr std::size_t kXxdLine = 60;      // where xxd -p does

std::string url_safe(std::string text) {
  std::replace(text.begin(), text.end(), '+', '-');
  std::replace(text.begin(), text.end(), '/', '_');
  return text;
}

std::string upper(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  return text;
}

std::string wrapped(const std::string& text, std::size_t line) {
  std::string out;
  for (std::size_t at = 0; at < text.size(); at += line) {
    if (at > 0) out.push_back('\n');
    out.append(text, at, line);
  }
  return out;
}

// RFC 4648 6, without padding.
std::string to_base32(std::string_view bytes) {
  constexpr std::string_view digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  std::string out;
  unsigned bits = 0;
  unsigned pending = 0;  // low bits of it, not written yet
  for (const char character : bytes) {
    pending = (pending << 8U | static_cast<unsigned char>(character)) & 0xfffU;
    for (bits += 8; bits >= 5; bits -= 5) out.push_back(digits[pending >> (bits - 5) & 31U]);
  }
  if (bits > 0) out.push_back(digits[pending << (5 - bits) & 31U]);
  return out;
}

// The characters of encode(x ‖ value ‖ y) that depend on the value alone, when x has `before` bytes modulo
// the encoding's group and a character stands for `bits`.
template <typename Encode>
std::string core(std::string_view value, std::size_t before, std::size_t bits, const Encode& encode) {
  std::string padded(before, '\0');
  padded += value;
  const std::size_t from = (before * 8 + bits - 1) / bits;
  const std::size_t to = padded.size() * 8 / bits;
  const std::string text = encode(padded);
  return to > from ? text.substr(from, to - from) : std::string();
}

void add_base64(std::string_view value, std::vector<std::string>& forms) {
  const std::size_t first = forms.size();
  const std::string plain = to_base64(value);
  forms.push_back(plain);
  for (const std::size_t line : {kBase64Line, kPemLine}) forms.push_back(wrapped(plain, line));
  for (std::size_t before = 0; before < 3; ++before) forms.push_back(core(value, before, 6, to_base64));
  for (std::size_t i = forms.size(); i-- > first;) forms.push_back(url_safe(forms[i]));
}

void add_base32(std::string_view value, std::vector<std::string>& forms) {
  const std::size_t first = forms.size();
  forms.push_back(wrapped(to_base32(value), kBase64Line));
  for (std::size_t before = 0; before < 5; ++before) forms.push_back(core(value, before, 5, to_base32));
  for (std::size_t i = forms.size(); i-- > first;) forms.push_back(to_lower(forms[i]));
}

void add_hex(std::string_view value, std::vector<std::string>& forms) {
  const std::size_t first = forms.size();
  const std::string plain = to_hex(value);
  forms.push_back(plain);
  forms.push_back(wrapped(plain, kXxdLine));
  for (const std::string_view separator : {" ", ":", "\\x"}) {
    std::string bytes;
    for (std::size_t at = 0; at < plain.size(); at += 2)
      bytes.append(at == 0 ? std::string_view() : separator).append(plain, at, 2);
    forms.push_back(std::move(bytes));
  }
  // The x of \x stays small.
  for (std::size_t i = forms.size() - 1; i-- > first;) forms.push_back(upper(forms[i]));
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
  add_base64(value, encoded);
  add_base32(value, encoded);
  add_hex(value, encoded);
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
