// A source host that an account has set up: as what Kiln is known there, and where it is asked. Its secrets
// live sealed in the store. Values: any thread.
#pragma once

#include <string>

#include "base/clock.h"
#include "base/ids.h"

namespace kiln::model {

struct ForgeRecord {
  Uuid uuid;
  std::string account_id;
  std::string provider;  // "github", "gitlab", …: scm::Forge::provider
  std::string web_url;   // "https://github.com": repositories whose clone URL has its host belong to it
  std::string api_url;   // "https://api.github.com"
  std::string app_id;    // of an App; empty: a token alone
  std::string app_slug;
  std::string client_id;
  std::string ca;  // PEM, trusted besides the machine's own for this host; empty: none
  TimeMs created_on = 0;

  [[nodiscard]] bool is_app() const { return !app_id.empty(); }
};

struct ForgeSecrets {
  std::string private_key;     // of an App, PEM
  std::string webhook_secret;  // that its deliveries are signed with; empty: each connection has its own
  std::string token;           // where there is no App
};

}  // namespace kiln::model
