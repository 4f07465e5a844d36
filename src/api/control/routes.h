// What the CLI asks besides the published API: status, who is asking, connecting a repository, shortcuts by
// Worker name; and what only administrators may: accounts, API tokens, backup, check and prune. Registered
// once by app; handlers keep no state.
#pragma once

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "api/auth.h"
#include "api/builds/routes.h"
#include "connect/ports.h"
#include "forges/at_host.h"
#include "http/router.h"
#include "store/account_store.h"
#include "store/route_resolver.h"
#include "store/watch_store.h"

namespace kiln::api {

// A URL taken apart.
struct UrlAsked {
  std::string host;
  std::string target = "/";  // with its query
  bool secure = false;
};

// What long work has to say, taken as it comes. Gone with its last owner, and then the work stops.
class UpkeepAnswer {
 public:
  virtual ~UpkeepAnswer() = default;
  struct Taken {
    std::string bytes;  // empty: nothing yet
    bool end = false;
  };
  [[nodiscard]] virtual Taken take() = 0;
  // Notified when there is something to take.
  [[nodiscard]] virtual std::string topic() const = 0;
};

// What keeps a server for years. Each starts its work on a thread of its own. Errors: Errc::conflict when one
// of the kind is under way.
struct UpkeepDeps {
  std::function<Result<std::shared_ptr<UpkeepAnswer>>(bool with_key)> backup;
  std::function<Result<std::string>()> key;  // that opens what the database holds sealed, 32 bytes
  // JSON lines, the last of them with "done".
  std::function<Result<std::shared_ptr<UpkeepAnswer>>(bool repair)> check;
  std::function<Result<std::shared_ptr<UpkeepAnswer>>(bool dry_run)> prune;
};

struct ControlDeps {
  BuildsDeps builds;
  store::AccountStore& accounts;
  std::string public_url;  // where hosts and hooks reach this server
  std::function<boost::json::object()> status;
  std::function<boost::json::array()> health;  // rows {name, state, found, means, todo}, as doctor shows them
  // What the server's machine can do for builds, {"builds_can_run", "rows"}; nothing: it is being found out,
  // and `doctor_topic` tells when it has been.
  std::function<std::optional<boost::json::object>()> doctor;
  std::string doctor_topic;
  // While it drains, no build is begun. Says how many run.
  std::function<Result<std::int64_t>()> running;
  std::function<bool()> is_draining;
  std::function<void(bool draining)> drain;
  std::function<Result<store::Route>(const UrlAsked& url)> route;  // what answers there
  // The branch that the repository's HEAD names; by git (scm::Git::default_branch).
  std::function<Result<std::string>(const model::RepoConnection&)> default_branch;
  // The key that its SSH host shows now (scm::Git::host_key).
  std::function<Result<std::string>(const model::RepoConnection&)> host_key;
  // Whether git reads the web repository at a URL by that authorization (connect/ports.h).
  std::function<Status(const std::string& account_id, const std::string& url,
                       const std::string& authorization)>
      can_open;
  // The kind of host that stands at a clone URL: of a forge that the account has set up there, else by name.
  std::function<connect::HostKind(const std::string& account_id, const std::string& url)> provider_of;
  // What is done at the repository's host (forges/at_host.h); null: nothing.
  std::function<Result<forges::AtHost>(const model::RepoConnection&, const scm::HookWish&)> set_up_at_host;
  store::WatchStore& watches;
  int catch_up_seconds = 0;  // how often repositories that are not polled are looked at; 0: never
  // Looks at a repository whose credentials or settings have changed.
  std::function<void(const Uuid& connection)> look_now;
  UpkeepDeps upkeep;
};

void add_control_routes(http::Router& router, const Gate& gate, const ControlDeps& deps);
// Lists for the command line of this machine, on the control socket alone.
void add_socket_routes(http::Router& router, const Gate& gate, const ControlDeps& deps);

}  // namespace kiln::api
