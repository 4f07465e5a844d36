// How one kind of source host is asked and told over its API. Every call can be repeated: what stands at the
// host afterwards is what the last one said. Stateless; any thread that owns its own HttpClient.
//
// Errors that every call has, and what their caller does: Errc::unavailable, Errc::timeout (the host does not
// answer or answers 5xx: later), Errc::rate_limited (later, not before the seconds in `field`, if any),
// Errc::unauthenticated (the credentials are no longer good: renew them and ask once more), Errc::forbidden,
// Errc::not_found and Errc::invalid (this very thing is refused: not again unless something changes).
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "base/http_client.h"
#include "base/result.h"
#include "model/build_report.h"

namespace kiln::scm {

// As whom, and where, the API is asked about one repository.
struct ForgeAccess {
  HttpClient& http;
  std::string api_url;  // without a slash at its end: "https://git.acme.test/api/v4"
  std::string token;    // never logged
  bool is_app = false;  // the token is that of an App's installation, which may write check runs
  std::string app_id;
  std::string repo_id;
  std::string repo_full_name;  // "acme/shop"; with subgroups more
};

// What is known of a thing of ours at the host before it is told.
struct Known {
  std::string id;          // what the host calls it; empty: not known
  bool may_exist = false;  // it may have been made by a call whose answer was lost: look before making one
};

struct HookWish {
  std::string url;  // where deliveries are to go; the hook of that URL is brought up to date when it is there
  std::string secret;         // that they are signed with
  bool pull_requests = true;  // told of besides pushes
};

class ForgeApi {
 public:
  virtual ~ForgeApi() = default;

  // Where the API of a host stands that is reached at this URL ("https://git.acme.test").
  [[nodiscard]] virtual std::string api_url_of(const std::string& web_url) const = 0;
  // Authorization header with which git clones by this token.
  [[nodiscard]] virtual std::string clone_authorization(const std::string& token) const = 0;

  // Whether the host takes the token, and what of ours it is not good for, a clause each ("may not make
  // hooks: …"), as far as the host tells. Errors: Errc::unauthenticated when it does not take it.
  struct TokenAccess {
    HttpClient& http;
    std::string api_url;
    std::string token;
  };
  [[nodiscard]] virtual Result<std::vector<std::string>> check_token(const TokenAccess& access) const = 0;

  // Shows the build beside its commit. Returns the host's id of what it shows; empty: it needs none.
  [[nodiscard]] virtual Result<std::string> tell_build(const ForgeAccess& access,
                                                       const model::BuildReport& report,
                                                       const Known& known) const = 0;
  // Makes, or edits in place, the one comment of ours at the pull request, which alone of all ends with
  // `marker` (report_words.h). Returns its id.
  [[nodiscard]] virtual Result<std::string> tell_pull_request(const ForgeAccess& access, std::int64_t number,
                                                              const std::string& marker,
                                                              const std::string& comment,
                                                              const Known& known) const = 0;
  // Makes the repository's hook that reports to us, or brings it up to date.
  [[nodiscard]] virtual Status keep_hook(const ForgeAccess& access, const HookWish& wish) const = 0;
  // Deletes the repository's hook whose URL ends so; whether there was one.
  [[nodiscard]] virtual Result<bool> drop_hook(const ForgeAccess& access,
                                               const std::string& url_end) const = 0;
};

}  // namespace kiln::scm
