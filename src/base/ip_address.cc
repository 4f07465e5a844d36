#include "base/ip_address.h"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>
#include <cstring>

namespace kiln {
namespace {

constexpr std::array<unsigned char, 12> kMapped = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
constexpr std::size_t kV4Bits = 96;  // in front of a mapped address
constexpr std::size_t kNetworkBytes = 8;

}  // namespace

std::optional<IpAddress> IpAddress::of_bytes(std::string_view bytes) {
  IpAddress made;
  if (bytes.size() == 4) {
    std::copy(kMapped.begin(), kMapped.end(), made.bytes_.begin());
    std::memcpy(made.bytes_.data() + kMapped.size(), bytes.data(), bytes.size());
    return made;
  }
  if (bytes.size() != made.bytes_.size()) return std::nullopt;
  std::memcpy(made.bytes_.data(), bytes.data(), bytes.size());
  return made;
}

std::optional<IpAddress> IpAddress::parse(std::string_view text) {
  if (text.size() > 2 && text.front() == '[' && text.back() == ']') text = text.substr(1, text.size() - 2);
  const std::string terminated(text);
  std::array<char, 16> bytes{};
  if (inet_pton(AF_INET, terminated.c_str(), bytes.data()) == 1) return of_bytes({bytes.data(), 4});
  if (inet_pton(AF_INET6, terminated.c_str(), bytes.data()) != 1) return std::nullopt;
  return of_bytes({bytes.data(), bytes.size()});
}

std::string_view IpAddress::bytes() const {
  return {reinterpret_cast<const char*>(bytes_.data()), bytes_.size()};
}

bool IpAddress::is_v4() const {
  return std::equal(kMapped.begin(), kMapped.end(), bytes_.begin());
}

std::string IpAddress::str() const {
  std::array<char, INET6_ADDRSTRLEN> text{};
  const bool v4 = is_v4();
  inet_ntop(v4 ? AF_INET : AF_INET6, bytes_.data() + (v4 ? kMapped.size() : 0), text.data(), text.size());
  return text.data();
}

std::string IpAddress::group() const {
  return {reinterpret_cast<const char*>(bytes_.data()), is_v4() ? bytes_.size() : kNetworkBytes};
}

bool IpAddress::shares_prefix(const IpAddress& other, std::size_t bits) const {
  const std::size_t whole = bits / 8;
  if (std::memcmp(bytes_.data(), other.bytes_.data(), whole) != 0) return false;
  if (bits % 8 == 0) return true;
  const unsigned mask = 0xffU << (8 - bits % 8) & 0xffU;
  return (bytes_[whole] & mask) == (other.bytes_[whole] & mask);
}

std::string group_of(std::string_view address) {
  const std::optional<IpAddress> ip = IpAddress::parse(address);
  return ip ? ip->group() : std::string(address);
}

Result<IpRanges> IpRanges::parse(const std::vector<std::string>& ranges) {
  IpRanges all;
  for (const std::string& text : ranges) {
    const std::size_t slash = std::min(text.find('/'), text.size());
    const std::optional<IpAddress> first = IpAddress::parse(std::string_view(text).substr(0, slash));
    std::size_t bits = first && first->is_v4() ? 32 : 128;
    const std::size_t most = bits;
    bool good = first.has_value();
    if (slash < text.size()) {
      const char* const end = text.data() + text.size();
      const auto [at, error] = std::from_chars(text.data() + slash + 1, end, bits);
      good = good && error == std::errc() && at == end && bits <= most;
    }
    if (!good) {
      return fail(Errc::invalid, "\"" + text + "\" is no address and no range such as \"10.0.0.0/8\"", text);
    }
    all.ranges_.push_back({*first, first->is_v4() ? bits + kV4Bits : bits});
  }
  return all;
}

bool IpRanges::contain(const IpAddress& address) const {
  return std::any_of(ranges_.begin(), ranges_.end(),
                     [&](const Range& range) { return address.shares_prefix(range.first, range.bits); });
}

bool IpRanges::contain(std::string_view address) const {
  if (ranges_.empty()) return false;
  const std::optional<IpAddress> ip = IpAddress::parse(address);
  return ip && contain(*ip);
}

}  // namespace kiln
