// The addresses that are no ordinary place: what IANA sets apart, and where clouds answer every machine's
// questions about itself (metadata, with credentials in it). One table; who closes which kinds says so where
// it does. Pure: any thread.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace kiln {

enum class Special : std::uint8_t {
  this_network,  // the unspecified address too
  loopback,
  link_local,  // most clouds' metadata is there
  metadata,    // what stands elsewhere
  multicast,
  reserved,
};

struct SpecialRange {
  std::string_view address;
  int length;
  Special kind;
  std::string_view what;  // for people: "loopback"

  [[nodiscard]] constexpr bool is_v6() const { return address.find(':') != std::string_view::npos; }
  [[nodiscard]] std::string str() const;  // "127.0.0.0/8"
};

[[nodiscard]] std::span<const SpecialRange> special_ranges();

}  // namespace kiln
