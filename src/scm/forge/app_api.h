// A forge that lets programs be set up as Apps, whose credentials are short-lived and of one repository: how
// such an App is made, what it may see, and how it gets a token. Stateless; any thread that owns its own
// HttpClient. Errors are those of forge_api.h.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/http_client.h"
#include "base/result.h"

namespace kiln::scm {

// As whom an App asks.
struct AppAccess {
  HttpClient& http;
  std::string api_url;
  std::string app_id;
  std::string private_key;  // never logged
  std::int64_t now_seconds = 0;
};

struct AppToken {
  std::string token;  // never logged; of any length
  TimeMs expires_on = 0;
};

struct Installation {
  std::string id;
  std::string account_name;
  bool suspended = false;
  bool all_repositories = false;
};

struct AppRepository {
  std::string id;
  std::string full_name;
  std::string clone_url;
  bool is_private = false;
};

// What the host tells of an App that was made by a manifest.
struct MadeApp {
  std::string app_id;
  std::string slug;
  std::string client_id;
  std::string web_url;  // of the App's page
  std::string private_key;
  std::string webhook_secret;
};

// A delivery that the host has kept; `id` is what it is sent again by.
struct KeptDelivery {
  std::string id;
  std::string guid;  // the same when it is sent again
  std::string event;
  TimeMs delivered_on = 0;
  bool arrived = false;
};

class AppApi {
 public:
  virtual ~AppApi() = default;

  // The manifest with which the host makes the App, as JSON, and the page that takes it by POST as the form
  // field "manifest".
  struct Manifest {
    std::string name;
    std::string home_url;
    std::string hook_url;      // empty: deliveries cannot reach us
    std::string redirect_url;  // where the host sends the person with ?code=
  };
  [[nodiscard]] virtual std::string manifest_json(const Manifest& manifest) const = 0;
  // `organization`: who is to own it; empty: the person who clicks.
  [[nodiscard]] virtual std::string manifest_page(const std::string& web_url,
                                                  const std::string& organization) const = 0;
  // Errors: Errc::not_found for a code that is used up or an hour old.
  [[nodiscard]] virtual Result<MadeApp> convert_manifest(HttpClient& http, const std::string& api_url,
                                                         const std::string& code) const = 0;
  // Where a person lets an App see repositories.
  [[nodiscard]] virtual std::string installation_page(const std::string& web_url,
                                                      const std::string& slug) const = 0;

  // The App's own name, which proves that id and key belong together.
  [[nodiscard]] virtual Result<MadeApp> itself(const AppAccess& access) const = 0;
  [[nodiscard]] virtual Result<std::vector<Installation>> installations(const AppAccess& access) const = 0;
  // Of that installation: at most a thousand.
  [[nodiscard]] virtual Result<std::vector<AppRepository>> repositories(
      const AppAccess& access, const std::string& installation) const = 0;
  // Which installation sees the repository. Errors: Errc::not_found when none does.
  [[nodiscard]] virtual Result<std::string> installation_of(const AppAccess& access,
                                                            const std::string& full_name) const = 0;
  // A token for that repository alone; `repo_id` where it is known, else by its name.
  [[nodiscard]] virtual Result<AppToken> token(const AppAccess& access, const std::string& installation,
                                               const std::string& repo_id,
                                               const std::string& full_name) const = 0;
  [[nodiscard]] virtual Result<AppRepository> repository(HttpClient& http, const std::string& api_url,
                                                         const std::string& token,
                                                         const std::string& full_name) const = 0;

  // Deliveries of the App's hook since then, the newest first, at most ten thousand.
  [[nodiscard]] virtual Result<std::vector<KeptDelivery>> deliveries(const AppAccess& access,
                                                                     TimeMs since) const = 0;
  [[nodiscard]] virtual Status deliver_again(const AppAccess& access, const std::string& delivery) const = 0;
};

}  // namespace kiln::scm
