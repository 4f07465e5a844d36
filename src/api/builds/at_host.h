// For handlers that run git: a place at the host of the repository, which has only so many. Pure but for the
// slots; any thread.
#pragma once

#include <string>
#include <utility>

#include "base/result.h"
#include "http/message.h"
#include "scm/git/host_slots.h"

namespace kiln::api {

// The answer to a request that found no place at the URL's host: it waits for one, holding no thread, and at
// last is refused.
[[nodiscard]] inline Result<http::Reply> wait_for_host(const scm::HostSlots& hosts,
                                                       const http::Request& request, const std::string& url) {
  constexpr int kWaitMs = 20'000;
  if (request.last_try) return tl::unexpected<Error>(hosts.refusal(url));
  return http::Wait{scm::HostSlots::topic(url), kWaitMs};
}

// What `work` answers, called in a place at the URL's host.
template <typename Work>
[[nodiscard]] Result<http::Reply> at_host(scm::HostSlots& hosts, const http::Request& request,
                                          const std::string& url, Work&& work) {
  const std::optional<scm::HostSlots::Slot> slot = hosts.take(url);
  if (!slot) return wait_for_host(hosts, request, url);
  return std::forward<Work>(work)();
}

}  // namespace kiln::api
