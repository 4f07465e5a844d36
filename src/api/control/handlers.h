// What the files of api/control share.
#pragma once

#include <memory>

#include "api/control/routes.h"
#include "connect/connect.h"
#include "wire/json.h"

namespace kiln::api::control {

using Deps = std::shared_ptr<const ControlDeps>;

void add_status(http::Router& router, const Gate& gate, const Deps& deps);
void add_doctor(http::Router& router, const Gate& gate, const Deps& deps);
void add_whoami(http::Router& router, const Gate& gate, const Deps& deps);
void add_accounts(http::Router& router, const Gate& gate, const Deps& deps);
void add_tokens(http::Router& router, const Gate& gate, const Deps& deps);
void add_connect(http::Router& router, const Gate& gate, const Deps& deps);
void add_repositories(http::Router& router, const Gate& gate, const Deps& deps);
void add_route_of(http::Router& router, const Gate& gate, const Deps& deps);
void add_lists_by_name(http::Router& router, const Gate& gate, const Deps& deps);
void add_drain(http::Router& router, const Gate& gate, const Deps& deps);
void add_by_name(http::Router& router, const Gate& gate, const Deps& deps);
void add_upkeep(http::Router& router, const Gate& gate, const Deps& deps);

// How the Worker of a repository is called that nobody named (connect/ports.h): by its wrangler configuration
// in that folder at the head of `branch`, as far as that can be read now; else by the repository's name.
[[nodiscard]] Result<connect::NamedWorker> name_of_worker(const BuildsDeps& deps,
                                                          const model::RepoConnection& connection,
                                                          const std::string& branch,
                                                          const std::string& root_directory);

// --- what connecting and the list of repositories share (repository_json.cc)
[[nodiscard]] connect::Ports connect_ports(const ControlDeps& deps);
// The fields "token" and "known_host", with which both are asked.
void read_credentials(wire::Fields& fields, connect::CredentialWish& wish);
[[nodiscard]] boost::json::object credentials_json(const connect::Credentials& credentials);
[[nodiscard]] boost::json::object watch_json(const ControlDeps& deps, const store::Watched& watched);
// Makes the hook at its host where that can be done, and says so in the answer's "notes" and "hook". Errors:
// Errc::conflict when an App does not see the repository; those of the host.
[[nodiscard]] Status set_up_hook(const ControlDeps& deps, const model::RepoConnection& connection,
                                 const store::ConnectionStore::Hook& hook, boost::json::object& answer);
// Where the host, or the repository's own hook, reports to, and by which secret.
[[nodiscard]] boost::json::object hook_json(const ControlDeps& deps, const model::RepoConnection& connection,
                                            const store::ConnectionStore::Hook& hook);

}  // namespace kiln::api::control
