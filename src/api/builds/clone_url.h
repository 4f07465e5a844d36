// Where a repository that a request names is cloned from. Pure; any thread.
#pragma once

#include <string>
#include <string_view>

#include "api/auth.h"
#include "api/builds/routes.h"
#include "model/clone_url.h"
#include "wire/json.h"

namespace kiln::api::builds {

// Refuses `field` when it names none of scm::forges(); an empty one is left to whoever required it.
void check_provider(wire::Fields& fields, std::string_view field, const std::string& provider);

// A host's usual clone URL; empty when nobody can know.
[[nodiscard]] std::string default_clone_url(const std::string& provider, const std::string& owner,
                                            const std::string& name);

// Refuses the field clone_url when git must not be pointed there, or not by this caller.
void check_clone_url(wire::Fields& fields, const Call& call, const std::string& url);

// The URL without its credentials, and those. Asks for the host's address. Errors: Errc::invalid, field
// `field`: credentials that cannot be read, a place that git does not go to (git.allow). A name without an
// address now passes: it is judged again at each fetch.
[[nodiscard]] Result<model::CleanUrl> reachable_url(const BuildsDeps& deps, const std::string& url,
                                                    const std::string& field);

}  // namespace kiln::api::builds
