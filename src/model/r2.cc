#include "model/r2.h"

#include <algorithm>

#include "base/hash.h"

namespace kiln::model {

std::string r2_bucket_id(std::string_view account_id, std::string_view name) {
  constexpr std::size_t digits = 32;
  return sha256_hex("r2 " + std::string(account_id) + ' ' + std::string(name)).substr(0, digits);
}

bool is_r2_bucket_name(std::string_view name) {
  constexpr std::size_t shortest = 3;
  constexpr std::size_t longest = 63;
  const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
  return name.size() >= shortest && name.size() <= longest && letter(name.front()) && letter(name.back()) &&
         std::all_of(name.begin(), name.end(), [&letter](char c) { return letter(c) || c == '-'; });
}

}  // namespace kiln::model
