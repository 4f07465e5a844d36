// What the files of api/control share.
#pragma once

#include <memory>

#include "api/control/routes.h"

namespace kiln::api::control {

using Deps = std::shared_ptr<const ControlDeps>;

void add_accounts(http::Router& router, const Gate& gate, const Deps& deps);
void add_tokens(http::Router& router, const Gate& gate, const Deps& deps);
void add_connect(http::Router& router, const Gate& gate, const Deps& deps);
void add_route_of(http::Router& router, const Gate& gate, const Deps& deps);
void add_by_name(http::Router& router, const Gate& gate, const Deps& deps);

}  // namespace kiln::api::control
