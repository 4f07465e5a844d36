// A repository as bodies name it, and its connection. Any thread; connect_repo() may ask for a host's
// address.
#pragma once

#include <optional>
#include <string>

#include "api/auth.h"
#include "api/builds/routes.h"
#include "wire/json.h"

namespace kiln::api::builds {

struct WantedRepo {
  model::RepoConnection connection;  // its account and names
  std::optional<std::string> url;    // where it is cloned from, when the body says so
};

// What is wrong is noted in `fields`.
[[nodiscard]] WantedRepo read_repo(wire::Fields& fields, const Call& call);

// Makes the connection, or brings the one that is there up to date. A body without clone_url leaves where a
// self-hosted repository is cloned from as it is. Errors: Errc::invalid, field `url_field`: see
// reachable_url(); those of the store.
[[nodiscard]] Result<model::RepoConnection> connect_repo(const BuildsDeps& deps, WantedRepo wanted,
                                                         const std::string& url_field);

}  // namespace kiln::api::builds
