#include "app/admission.h"

#include <sys/resource.h>

#include <algorithm>

namespace kiln::app {
namespace {

constexpr std::size_t kLeastReserve = 112;
constexpr std::size_t kLeastRest = 32;  // for the API and visitors
constexpr std::size_t kMostUnix = 256;
constexpr std::size_t kMostCalls = 1024;

rlimit first_limit{};  // written before there are threads

std::size_t part(std::size_t whole, std::size_t least, std::size_t most) {
  return std::clamp(whole, least, std::max(least, most));
}

// No address has more than a quarter, so that four are needed to fill it.
http::SeatLimits limits(std::size_t all, int of_address) {
  return {all, part(all / 4, 4, static_cast<std::size_t>(of_address))};
}

}  // namespace

std::size_t raise_descriptor_limit() {
  getrlimit(RLIMIT_NOFILE, &first_limit);
  rlimit raised = first_limit;
  raised.rlim_cur = raised.rlim_max;
  if (setrlimit(RLIMIT_NOFILE, &raised) != 0) raised = first_limit;
  return static_cast<std::size_t>(raised.rlim_cur);
}

void restore_descriptor_limit() {
  if (first_limit.rlim_cur > 0) setrlimit(RLIMIT_NOFILE, &first_limit);
}

ConnectionShares share_connections(std::size_t descriptors, const settings::Config& config) {
  const std::size_t reserve = std::max(kLeastReserve, descriptors / 4);
  const std::size_t left = descriptors > reserve ? descriptors - reserve : 0;
  ConnectionShares shares;
  shares.unix_socket = part(left / 16, 16, kMostUnix);
  shares.calls = part(left / 24, 6, kMostCalls);
  // A call has two connections, a session of the relay one more, and a Worker one to its cache, one to its
  // KV and one to its queues; one to its database is passed on by another, and one to its bucket reads or
  // writes a file.
  const std::size_t taken = 2 * shares.unix_socket + 10 * shares.calls;
  std::size_t rest = left > taken ? left - taken : 0;
  if (!config.tls.listen.empty()) {
    // One has two: to its client, and on to whom it is handed.
    shares.tls = limits(part((rest - std::min(rest, kLeastRest)) / 6, 4,
                             static_cast<std::size_t>(config.max_connections) +
                                 static_cast<std::size_t>(config.worker_connections)),
                        config.connections_per_address);
    rest -= std::min(rest, 2 * shares.tls.all);
  }
  shares.api = limits(part(rest / 2, 8, static_cast<std::size_t>(config.max_connections)),
                      config.connections_per_address);
  shares.visitors = limits(part(rest / 4, 4, static_cast<std::size_t>(config.worker_connections)),
                           config.connections_per_address);
  return shares;
}

http::ServerOptions server_options(std::size_t descriptors, const settings::Config& config) {
  const ConnectionShares shares = share_connections(descriptors, config);
  http::ServerOptions options;
  options.connections = shares.api;
  options.unix_connections = shares.unix_socket;
  options.trusted_proxies = config.trusted_proxies;
  // Two of the largest uploads at a time and some; one caller has two fifths, strangers a twentieth, and a
  // tenth is kept for runners and the administrator, whom two callers together could otherwise shut out.
  const auto all = static_cast<std::size_t>(config.body_memory);
  options.bodies = {all, all / 5 * 2, all / 20, all / 10};
  return options;
}

}  // namespace kiln::app
