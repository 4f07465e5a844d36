// IP addresses and ranges of them, as values. Pure functions: any thread.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace kiln {

// An IPv4 address is held as its IPv6 form (::ffff:a.b.c.d), so that both ways to write it are one.
class IpAddress {
 public:
  // "192.0.2.1", "2001:db8::1", "[2001:db8::1]"; nothing for all else, names and ports included.
  [[nodiscard]] static std::optional<IpAddress> parse(std::string_view text);
  // 4 or 16 bytes in network order; nothing for another size.
  [[nodiscard]] static std::optional<IpAddress> of_bytes(std::string_view bytes);

  [[nodiscard]] bool is_v4() const;
  [[nodiscard]] std::string str() const;
  [[nodiscard]] std::string_view bytes() const;  // 16, network order; good as long as this is
  // Whose it is, for shares and counts: an IPv4 address is one somebody, and so is the /64 of an IPv6 one.
  [[nodiscard]] std::string group() const;
  [[nodiscard]] bool shares_prefix(const IpAddress& other, std::size_t bits) const;  // of the 128
  bool operator==(const IpAddress&) const = default;

 private:
  std::array<unsigned char, 16> bytes_{};
};

// The group of an address in text; what is no address ("unix") is its own.
[[nodiscard]] std::string group_of(std::string_view address);

class IpRanges {
 public:
  IpRanges() = default;
  // "10.0.0.0/8", "fd00::/8", or one address. Errors: Errc::invalid naming the one that is none.
  [[nodiscard]] static Result<IpRanges> parse(const std::vector<std::string>& ranges);

  [[nodiscard]] bool empty() const { return ranges_.empty(); }
  [[nodiscard]] bool contain(const IpAddress& address) const;
  [[nodiscard]] bool contain(std::string_view address) const;  // what is no address is in none

 private:
  struct Range {
    IpAddress first;
    std::size_t bits = 0;
  };
  std::vector<Range> ranges_;
};

}  // namespace kiln
