#include "base/hex.h"

#include <array>
#include <cstdint>

namespace kiln {
namespace {

constexpr std::string_view kHex = "0123456789abcdef";
constexpr std::string_view kBase64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view kBase64Url = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

std::array<std::int8_t, 256> make_base64_values() {
  std::array<std::int8_t, 256> values{};
  values.fill(-1);
  for (std::size_t i = 0; i < kBase64.size(); ++i) {
    values[static_cast<std::uint8_t>(kBase64[i])] = static_cast<std::int8_t>(i);
  }
  return values;
}

std::string encode(std::string_view bytes, std::string_view alphabet, bool pad) {
  std::string out;
  out.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const std::size_t left = bytes.size() - i;
    std::uint32_t group = static_cast<std::uint8_t>(bytes[i]) << 16U;
    if (left > 1) group |= static_cast<std::uint32_t>(static_cast<std::uint8_t>(bytes[i + 1])) << 8U;
    if (left > 2) group |= static_cast<std::uint8_t>(bytes[i + 2]);
    out.push_back(alphabet[group >> 18U & 63U]);
    out.push_back(alphabet[group >> 12U & 63U]);
    if (left > 1) out.push_back(alphabet[group >> 6U & 63U]);
    if (left > 2) out.push_back(alphabet[group & 63U]);
    if (pad && left < 3) out.append(3 - left, '=');
  }
  return out;
}

}  // namespace

std::string to_hex(std::string_view bytes) {
  std::string out;
  out.reserve(bytes.size() * 2);
  for (const char c : bytes) {
    const auto byte = static_cast<std::uint8_t>(c);
    out.push_back(kHex[byte >> 4U]);
    out.push_back(kHex[byte & 15U]);
  }
  return out;
}

std::optional<std::string> from_hex(std::string_view text) {
  if (text.size() % 2 != 0) return std::nullopt;
  std::string out;
  out.reserve(text.size() / 2);
  for (std::size_t i = 0; i < text.size(); i += 2) {
    const int high = hex_value(text[i]);
    const int low = hex_value(text[i + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    out.push_back(static_cast<char>(high * 16 + low));
  }
  return out;
}

std::string to_base64(std::string_view bytes) {
  return encode(bytes, kBase64, true);
}

std::string to_base64url(std::string_view bytes) {
  return encode(bytes, kBase64Url, false);
}

std::optional<std::string> from_base64(std::string_view text) {
  static const std::array<std::int8_t, 256> values = make_base64_values();
  std::string out;
  out.reserve(text.size() / 4 * 3);
  std::uint32_t group = 0;
  std::size_t digits = 0;
  std::size_t padding = 0;
  for (const char c : text) {
    if (c == '\r' || c == '\n') continue;
    if (c == '=') {
      ++padding;
      continue;
    }
    const std::int8_t value = values[static_cast<std::uint8_t>(c)];
    if (value < 0 || padding > 0) return std::nullopt;
    group = (group << 6U) | static_cast<std::uint32_t>(value);
    if (++digits % 4 == 0) {
      out.push_back(static_cast<char>(group >> 16U & 255U));
      out.push_back(static_cast<char>(group >> 8U & 255U));
      out.push_back(static_cast<char>(group & 255U));
      group = 0;
    }
  }
  const std::size_t rest = digits % 4;
  if (rest == 1 || padding > 2 || (padding > 0 && rest + padding != 4)) return std::nullopt;
  if (rest == 2) out.push_back(static_cast<char>(group >> 4U & 255U));
  if (rest == 3) {
    out.push_back(static_cast<char>(group >> 10U & 255U));
    out.push_back(static_cast<char>(group >> 2U & 255U));
  }
  return out;
}

}  // namespace kiln
