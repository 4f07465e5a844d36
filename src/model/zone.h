// A domain that an operator has given to an account, so that its Workers may be reached there. Values and
// pure functions: any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace kiln::model {

struct Zone {
  std::string name;       // "example.com"
  std::string subdomain;  // of the account that it belongs to; empty: the server's first
  bool operator==(const Zone&) const = default;
};

// "example.com", or "example.com@acme" for the account of the subdomain acme. Nothing for any other text.
[[nodiscard]] std::optional<Zone> parse_zone(std::string_view text);

// What clients call it by: 32 hex digits, the same ones for ever.
[[nodiscard]] std::string zone_id(const Zone& zone);

// The zone that the host lies in, of several the smallest; null: none.
[[nodiscard]] const Zone* zone_of(const std::vector<Zone>& zones, std::string_view host);

}  // namespace kiln::model
