#include "base/special_addresses.h"

#include <array>

namespace kiln {
namespace {

// IANA's special-purpose registries, and what the clouds document as their metadata services.
constexpr std::array kRanges = {
    SpecialRange{"0.0.0.0", 8, Special::this_network, "this network"},
    SpecialRange{"127.0.0.0", 8, Special::loopback, "loopback"},
    SpecialRange{"169.254.0.0", 16, Special::link_local, "link-local, where clouds keep their metadata"},
    SpecialRange{"168.63.129.16", 32, Special::metadata, "Azure's metadata"},
    SpecialRange{"100.100.100.200", 32, Special::metadata, "Alibaba Cloud's metadata"},
    SpecialRange{"192.0.0.0", 24, Special::metadata, "protocol assignments, with Oracle Cloud's metadata"},
    SpecialRange{"224.0.0.0", 4, Special::multicast, "multicast"},
    SpecialRange{"240.0.0.0", 4, Special::reserved, "reserved"},
    SpecialRange{"::", 128, Special::this_network, "the unspecified address"},
    SpecialRange{"::1", 128, Special::loopback, "loopback"},
    SpecialRange{"fe80::", 10, Special::link_local, "link-local"},
    SpecialRange{"ff00::", 8, Special::multicast, "multicast"},
    SpecialRange{"64:ff9b:1::", 48, Special::reserved,
                 "translation to IPv4 addresses, local ones among them"},
    SpecialRange{"2001::", 32, Special::reserved, "Teredo, which leads to IPv4 addresses"},
    SpecialRange{"fd00:ec2::254", 128, Special::metadata, "AWS's metadata"},
    SpecialRange{"fd00:ec2::23", 128, Special::metadata, "AWS's credentials of pods"},
    SpecialRange{"fd20:ce::254", 128, Special::metadata, "Google Cloud's metadata"},
    SpecialRange{"fd00:c1::a9fe:a9fe", 128, Special::metadata, "Oracle Cloud's metadata"},
    SpecialRange{"fd00:42::42", 128, Special::metadata, "Scaleway's metadata"},
};

}  // namespace

std::string SpecialRange::str() const {
  return std::string(address) + "/" + std::to_string(length);
}

std::span<const SpecialRange> special_ranges() {
  return kRanges;
}

}  // namespace kiln
