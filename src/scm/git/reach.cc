#include "scm/git/reach.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "base/special_addresses.h"
#include "base/strings.h"

namespace kiln::scm {
namespace {

// IPv6 addresses with an IPv4 address inside, and where in the sixteen bytes it stands.
struct Carrier {
  std::string_view range;
  std::size_t offset;
};
constexpr std::array kCarriers = {Carrier{"64:ff9b::/96", 12}, Carrier{"::ffff:0:0:0/96", 12},
                                  Carrier{"2002::/16", 2}, Carrier{"::/96", 12}};

IpRanges range_of(std::string_view text) {
  return *IpRanges::parse({std::string(text)});
}

// The tables, read once.
struct Tables {
  std::vector<std::pair<IpRanges, std::string_view>> closed;
  std::vector<std::pair<IpRanges, std::size_t>> carriers;
};

const Tables& tables() {
  static const Tables read = [] {
    Tables out;
    for (const SpecialRange& one : special_ranges()) out.closed.emplace_back(range_of(one.str()), one.what);
    for (const Carrier& one : kCarriers) out.carriers.emplace_back(range_of(one.range), one.offset);
    return out;
  }();
  return read;
}

const IpRanges& private_ranges() {
  // RFC 1918, 6598 and 4193.
  static const IpRanges read =
      *IpRanges::parse({"10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "fc00::/7"});
  return read;
}

// What `address` is when it is closed by default, else nothing.
std::string_view closed_as(const IpAddress& address, Reach::Who who) {
  for (const auto& [range, what] : tables().closed) {
    if (range.contain(address)) return what;
  }
  if (who == Reach::Who::events && private_ranges().contain(address)) return "in a private network";
  if (address.is_v4()) return {};
  for (const auto& [range, offset] : tables().carriers) {
    if (!range.contain(address)) continue;
    const std::optional<IpAddress> inside = IpAddress::of_bytes(address.bytes().substr(offset, 4));
    if (inside) return closed_as(*inside, who);
  }
  return {};
}

std::string in_brackets(const IpAddress& address) {
  return fmt::format(fmt::runtime(address.is_v4() ? "{}" : "[{}]"), address.str());
}

Pins pins_for(const RemotePlace& place, const std::vector<IpAddress>& addresses) {
  Pins pins;
  if (place.transport == Transport::ssh) {
    // The name stays what the host's key is known by; with a port as known_hosts writes it.
    const bool usual = place.port.empty() || place.port == "22";
    pins.ssh = {"-oHostName=" + addresses.front().str(),
                "-oHostKeyAlias=" + (usual ? place.host : fmt::format("[{}]:{}", place.host, place.port))};
    return pins;
  }
  std::vector<std::string> texts(addresses.size());
  std::transform(addresses.begin(), addresses.end(), texts.begin(), in_brackets);
  pins.curl = fmt::format("{}:{}:{}", place.host, place.port, fmt::join(texts, ","));
  return pins;
}

std::string closed_words(Reach::Who who, const RemotePlace& place, const IpAddress& address,
                         std::string_view what) {
  if (who == Reach::Who::events)
    return fmt::format(
        "no events are sent to {}: {} is {}. If that is meant, open it: allow = [\"{}\"] below "
        "[events] in the server's settings",
        place.host, address.str(), what, address.str());
  return fmt::format(
      "git does not go to {}: {} is {}. If a repository is there, open it to git: allow = "
      "[\"{}\"] below [git] in the server's settings",
      place.host, address.str(), what, address.str());
}

}  // namespace

Result<Reach> Reach::make(const std::vector<std::string>& allow, Resolver& resolver, Who who) {
  Reach made(resolver, who);
  std::vector<std::string> ranges;
  for (const std::string& entry : allow) {
    if (entry.starts_with('/')) {
      made.folders_.push_back(entry);
    } else if (IpRanges::parse({entry})) {
      ranges.push_back(entry);
    } else if (const std::string name = to_lower(entry); is_domain_name(name)) {
      made.opened_names_.push_back(name);
    } else {
      return fail(
          Errc::invalid,
          fmt::format("\"{}\" is neither an address, nor a range, nor a host name, nor a folder", entry),
          who == Who::events ? "events.allow" : "git.allow");
    }
  }
  made.opened_ = *IpRanges::parse(ranges);
  return made;
}

Result<Pins> Reach::judge(const RemotePlace& place) const {
  if (place.transport == Transport::local) return Pins{};
  const Result<std::vector<IpAddress>> addresses = resolver_->resolve(place.host);
  if (!addresses) return tl::unexpected<Error>(addresses.error());
  const bool opened =
      std::find(opened_names_.begin(), opened_names_.end(), place.host) != opened_names_.end();
  for (const IpAddress& address : *addresses) {
    const std::string_view what = closed_as(address, who_);
    if (what.empty() || opened || opened_.contain(address)) continue;
    return fail(Errc::forbidden, closed_words(who_, place, address, what), "url");
  }
  if (place.transport != Transport::ssh && IpAddress::parse(place.host))
    return Pins{};  // nothing to resolve again
  return pins_for(place, *addresses);
}

}  // namespace kiln::scm
