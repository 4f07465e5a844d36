#include "scm/git/host_slots.h"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <string_view>

#include "base/ip_address.h"
#include "base/strings.h"

namespace kiln::scm {
namespace {

constexpr int kAskAgainSeconds = 30;

std::string topic_of(const std::string& host) {
  return host.empty() ? "git:local" : "git:hosts";
}

// A host's ports are one machine's, and so are the ways to write its address: 127.1, 0x7f000001.
std::string machine_of(const std::string& url) {
  std::string host = host_of(url);
  const std::size_t colon = host.rfind(':');
  if (colon != host.npos && host.find(']', colon) == host.npos) host.resize(colon);
  if (const auto address = IpAddress::parse(host)) return address->str();
  in_addr v4{};
  if (inet_aton(host.c_str(), &v4) == 0) return host;
  return IpAddress::of_bytes({reinterpret_cast<const char*>(&v4), sizeof v4})->str();
}

}  // namespace

std::string host_of(const std::string& url) {
  if (url.starts_with('/')) return {};
  std::string_view authority = url;
  if (const std::size_t scheme = authority.find("://"); scheme != authority.npos) {
    authority.remove_prefix(scheme + 3);
    authority = authority.substr(0, authority.find_first_of("/?#"));
  } else {
    const std::size_t bracket = authority.find(']');  // user@host:path, user@[address]:path
    authority = authority.substr(0, authority.find(':', bracket == authority.npos ? 0 : bracket));
  }
  if (const std::size_t at = authority.rfind('@'); at != authority.npos) authority.remove_prefix(at + 1);
  return to_lower(authority);
}

HostSlots::Moment HostSlots::place_from(const std::string& host, Moment now) const {
  const auto calls = calls_.find(host);
  if (calls != calls_.end() && calls->second.size() >= shares_.per_host) return Moment::max();
  if (host.empty() || remote_calls_.size() < shares_.all_hosts) return now;
  // Of the oldest calls as many as may be slow ones; the one by which there are too many is to become one.
  const std::size_t slow = remote_calls_.size() - shares_.all_hosts + 1;
  if (slow > shares_.slow) return Moment::max();
  return *std::next(remote_calls_.begin(), static_cast<std::ptrdiff_t>(slow) - 1) + shares_.patience;
}

std::optional<HostSlots::Slot> HostSlots::take(const std::string& url, Moment until) {
  const std::string host = machine_of(url);
  std::unique_lock lock(mutex_);
  while (true) {
    const Moment now = std::chrono::steady_clock::now();
    const Moment from = place_from(host, now);
    if (from <= now) {
      calls_[host].push_back(now);
      if (!host.empty()) remote_calls_.insert(now);
      return std::optional<Slot>(std::in_place, this, host, now);
    }
    if (until <= now) return std::nullopt;
    given_back_.wait_until(lock, std::min(from, until));
  }
}

void HostSlots::give_back(const std::string& host, Moment since) {
  {
    const std::lock_guard lock(mutex_);
    const auto calls = calls_.find(host);
    calls->second.erase(std::find(calls->second.begin(), calls->second.end(), since));
    if (calls->second.empty()) calls_.erase(calls);
    if (!host.empty()) remote_calls_.erase(remote_calls_.find(since));
  }
  given_back_.notify_all();
  if (freed_) freed_(topic_of(host));
}

std::string HostSlots::topic(const std::string& url) {
  return topic_of(host_of(url));
}

Error HostSlots::refusal(const std::string& url) const {
  const std::string host = machine_of(url);
  const std::lock_guard lock(mutex_);
  const auto calls = calls_.find(host);
  const bool has_its_share = calls != calls_.end() && calls->second.size() >= shares_.per_host;
  if (!has_its_share && !host.empty() && remote_calls_.size() >= shares_.all_hosts) {
    return {
        Errc::unavailable,
        fmt::format("{} calls of git wait for the answers of their hosts, as many as may at once; ask again "
                    "in {} s",
                    remote_calls_.size(), kAskAgainSeconds),
        std::to_string(kAskAgainSeconds)};
  }
  std::chrono::seconds oldest{0};
  std::size_t count = 0;
  if (calls != calls_.end()) {
    count = calls->second.size();
    const auto first = *std::min_element(calls->second.begin(), calls->second.end());
    oldest = std::chrono::duration_cast<std::chrono::seconds>(std::chrono::steady_clock::now() - first);
  }
  return {Errc::unavailable,
          fmt::format("{} has not answered {} calls of git yet, the first of them for {} s, and gets no more "
                      "until it has; ask again in {} s",
                      host.empty() ? "the folder of the repository" : host, count, oldest.count(),
                      kAskAgainSeconds),
          std::to_string(kAskAgainSeconds)};
}

}  // namespace kiln::scm
