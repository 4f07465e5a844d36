// One rtnetlink message, put together in memory. A value of whoever builds it; any thread.
#pragma once

#include <linux/netlink.h>
#include <linux/rtnetlink.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "runner/sandbox/network/policy.h"

namespace kiln::runner {

template <typename T>
std::string_view bytes_of(const T& value) {
  return {reinterpret_cast<const char*>(&value), sizeof value};
}

inline std::string_view bytes_of(const Address& address) {
  return {reinterpret_cast<const char*>(address.bytes.data()), address.bytes.size()};
}

// The attributes of a message, or those within one of them.
class NetlinkAttributes {
 public:
  void add(std::uint16_t type, std::string_view value) {
    const rtattr attribute{static_cast<std::uint16_t>(RTA_LENGTH(value.size())), type};
    append(bytes_of(attribute));
    bytes_.append(value);
    align();
  }
  // A text as the kernel wants it, with its NUL.
  void add_text(std::uint16_t type, const std::string& text) { add(type, {text.c_str(), text.size() + 1}); }

  [[nodiscard]] const std::string& bytes() const { return bytes_; }

 protected:
  void append(std::string_view bytes) { bytes_.append(bytes); }
  void align() { bytes_.resize(NLMSG_ALIGN(bytes_.size()), '\0'); }

  std::string bytes_;
};

class NetlinkMessage : public NetlinkAttributes {
 public:
  template <typename Head>
  NetlinkMessage(std::uint16_t type, const Head& head, std::uint16_t flags = NLM_F_CREATE | NLM_F_EXCL) {
    nlmsghdr header{};
    header.nlmsg_type = type;
    header.nlmsg_flags = static_cast<std::uint16_t>(NLM_F_REQUEST | NLM_F_ACK | flags);
    append(bytes_of(header));
    append(bytes_of(head));
    align();
  }

  std::string take() {
    const auto size = static_cast<std::uint32_t>(bytes_.size());
    bytes_.replace(0, sizeof size, bytes_of(size));  // nlmsg_len is the header's first field
    return std::move(bytes_);
  }
};

}  // namespace kiln::runner
