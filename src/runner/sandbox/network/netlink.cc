#include "runner/sandbox/network/netlink.h"

#include <linux/fib_rules.h>
#include <linux/if_addr.h>
#include <linux/rtnetlink.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <string_view>

namespace kiln::runner {
namespace {

constexpr std::uint32_t kOurTable = 1000;
constexpr std::uint32_t kNameServerPriority = 100;
constexpr std::uint32_t kOurTablePriority = 200;
constexpr std::uint16_t kDnsPort = 53;
constexpr int kLoopbackIndex = 1;  // of lo in every namespace

template <typename T>
std::string_view bytes_of(const T& value) {
  return {reinterpret_cast<const char*>(&value), sizeof value};
}

std::string_view bytes_of(const Address& address) {
  return {reinterpret_cast<const char*>(address.bytes.data()), address.bytes.size()};
}

class Message {
 public:
  template <typename Head>
  Message(std::uint16_t type, const Head& head) {
    nlmsghdr header{};
    header.nlmsg_type = type;
    header.nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL;
    bytes_.append(bytes_of(header)).append(bytes_of(head));
    align();
  }

  void add(std::uint16_t type, std::string_view value) {
    const rtattr attribute{static_cast<std::uint16_t>(RTA_LENGTH(value.size())), type};
    bytes_.append(bytes_of(attribute)).append(value);
    align();
  }

  std::string take() {
    const auto size = static_cast<std::uint32_t>(bytes_.size());
    bytes_.replace(0, sizeof size, bytes_of(size));  // nlmsg_len is the header's first field
    return std::move(bytes_);
  }

 private:
  void align() { bytes_.resize(NLMSG_ALIGN(bytes_.size()), '\0'); }

  std::string bytes_;
};

std::uint8_t family_of(const Address& address) {
  return address.v6 ? AF_INET6 : AF_INET;
}

std::string address_message(const Address& address) {
  ifaddrmsg head{};
  head.ifa_family = family_of(address);
  head.ifa_prefixlen = static_cast<std::uint8_t>(address.bytes.size() * 8);
  head.ifa_flags = address.v6 ? IFA_F_NODAD : 0;
  head.ifa_scope = RT_SCOPE_HOST;
  head.ifa_index = kLoopbackIndex;
  Message message(RTM_NEWADDR, head);
  message.add(IFA_LOCAL, bytes_of(address));
  message.add(IFA_ADDRESS, bytes_of(address));
  return message.take();
}

std::string route_message(const Route& route) {
  rtmsg head{};
  head.rtm_family = family_of(route.to);
  head.rtm_dst_len = static_cast<std::uint8_t>(route.length);
  head.rtm_table = RT_TABLE_UNSPEC;
  head.rtm_protocol = RTPROT_STATIC;
  head.rtm_scope = RT_SCOPE_UNIVERSE;
  head.rtm_type = route.refused ? RTN_PROHIBIT : RTN_THROW;
  Message message(RTM_NEWROUTE, head);
  message.add(RTA_DST, bytes_of(route.to));
  message.add(RTA_TABLE, bytes_of(kOurTable));
  return message.take();
}

fib_rule_hdr rule_head() {
  fib_rule_hdr head{};
  head.family = AF_INET;
  head.action = FR_ACT_TO_TBL;
  return head;
}

std::string name_server_rule(std::uint8_t protocol, std::uint32_t priority) {
  fib_rule_hdr head = rule_head();
  head.dst_len = 32;
  head.table = RT_TABLE_MAIN;
  Message message(RTM_NEWRULE, head);
  message.add(FRA_DST, bytes_of(*Address::parse(kNameServer)));
  message.add(FRA_PRIORITY, bytes_of(priority));
  message.add(FRA_IP_PROTO, bytes_of(protocol));
  message.add(FRA_DPORT_RANGE, bytes_of(fib_rule_port_range{kDnsPort, kDnsPort}));
  return message.take();
}

std::string our_table_rule() {
  Message message(RTM_NEWRULE, rule_head());
  message.add(FRA_PRIORITY, bytes_of(kOurTablePriority));
  message.add(FRA_TABLE, bytes_of(kOurTable));
  return message.take();
}

}  // namespace

std::vector<std::string> routing_messages(const NetworkPolicy& policy) {
  std::vector<std::string> messages;
  for (const Address& held : policy.held_addresses) messages.push_back(address_message(held));
  if (policy.routes.empty()) return messages;
  for (const Route& route : policy.routes) messages.push_back(route_message(route));
  messages.push_back(name_server_rule(IPPROTO_UDP, kNameServerPriority));
  messages.push_back(name_server_rule(IPPROTO_TCP, kNameServerPriority + 1));
  messages.push_back(our_table_rule());
  return messages;
}

}  // namespace kiln::runner
