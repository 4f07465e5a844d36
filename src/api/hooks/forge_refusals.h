// Whom a delivery is addressed to, and how one that is not let in is answered: a stranger learns which kinds
// of hosts are set up here, and of repositories and secrets nothing. Only for api/hooks. Any thread.
#pragma once

#include <string>
#include <vector>

#include "api/hooks/routes.h"
#include "base/result.h"
#include "http/message.h"
#include "scm/forge/forge.h"

namespace kiln::api {

// Views into the request, which outlives it.
[[nodiscard]] scm::HookRequest hook_request(const http::Request& request);

// The forge whose address this is; of several that speak alike the first. Errors: Errc::not_found for an
// address that is none, Errc::invalid for a delivery that is plainly another forge's, each with the address.
[[nodiscard]] Result<const scm::Forge*> forge_of_path(const http::Request& request);

// Errc::unauthenticated in one sentence for every way not to be let in; Errc::not_found, saying what to do,
// while nothing of this kind of host is set up at all.
[[nodiscard]] tl::unexpected<Error> refused_delivery(const HookDeps& deps, const scm::Forge& forge);

// Secrets of connections of this kind of host, the fresh ones' first, for deliveries that name no repository.
[[nodiscard]] Result<std::vector<std::string>> some_secrets(const HookDeps& deps, const scm::Forge& forge);

}  // namespace kiln::api
