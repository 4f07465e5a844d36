// Ids as values. A Uuid is 16 bytes, written lower case with hyphens; accounts and Worker tags are 32 hex
// digits. Any thread.
#pragma once

#include <array>
#include <bit>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace kiln {

struct Uuid {
  std::array<std::uint8_t, 16> bytes{};

  // Accepts 8-4-4-4-12 hex digits in either case, nothing else.
  [[nodiscard]] static std::optional<Uuid> parse(std::string_view text);
  // From exactly 16 raw bytes (a database key).
  [[nodiscard]] static std::optional<Uuid> from_raw(std::string_view raw);

  [[nodiscard]] std::string str() const;
  [[nodiscard]] std::string_view raw() const {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
  }
  [[nodiscard]] bool is_nil() const { return *this == Uuid{}; }

  auto operator<=>(const Uuid&) const = default;
  bool operator==(const Uuid& other) const { return halves() == other.halves(); }

 private:
  [[nodiscard]] std::array<std::uint64_t, 2> halves() const {
    return std::bit_cast<std::array<std::uint64_t, 2>>(bytes);
  }
};

// Of ids that Kiln made: they are random already, so eight of their bytes are as good as any hash. Not for
// ids that a client chooses.
struct OwnUuidHash {
  std::size_t operator()(const Uuid& id) const noexcept {
    // The first bits of these bytes say what kind of id it is, and are the same in all.
    return static_cast<std::size_t>(std::bit_cast<std::array<std::uint64_t, 2>>(id.bytes)[1] >> 16U);
  }
};

// True for exactly 32 lower-case hex digits.
[[nodiscard]] bool is_hex32(std::string_view text);

}  // namespace kiln

template <>
struct std::hash<kiln::Uuid> {
  std::size_t operator()(const kiln::Uuid& id) const noexcept {
    return std::hash<std::string_view>{}(id.raw());
  }
};
