// The front of deployed Workers, set up as the settings say. Functions: the thread that starts the service.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

#include "app/admission.h"
#include "base/entropy.h"
#include "base/result.h"
#include "serving/front/front.h"
#include "settings/config.h"

namespace kiln::app {

struct SiteOptions {
  std::string host;
  std::uint16_t port = 0;       // 0: a free one
  std::filesystem::path calls;  // the socket where Workers call each other
  std::string calls_secret;     // what such a call must show
  workers::Tails* tails = nullptr;
  ConnectionShares shares;
};

struct Site {
  std::unique_ptr<serving::Front> front;  // started
  std::uint16_t port = 0;
};

// What is passed by reference outlives the front. Errors: Errc::io (the port is in use, not ours to bind),
// Errc::invalid (no such address).
[[nodiscard]] Result<Site> start_site(store::RouteStore& routes, const store::Changes& changes,
                                      serving::Runtimes& runtimes, Entropy& entropy,
                                      const settings::Config& config, const SiteOptions& options);

}  // namespace kiln::app
