// What the files of api/forges share. Only for api/forges.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "api/forges/manifests.h"
#include "api/forges/routes.h"

namespace kiln::api::forge_routes {

using Shared = std::shared_ptr<const ForgesDeps>;

// Where deliveries of this kind of host go.
[[nodiscard]] std::string hook_url(const ForgesDeps& ground, const std::string& provider);

// Stores it as a new one; what its host had refused for good is told again.
[[nodiscard]] Result<model::ForgeRecord> keep(const ForgesDeps& ground, model::ForgeRecord forge,
                                              const model::ForgeSecrets& secrets);

// Asks the host whether what it was set up with is good, and stores it; `lacks`: what its token is not good
// for, a sentence each, without a full stop. Errors: Errc::invalid, naming the field, for what the host
// refuses; those of the host.
struct Checked {
  model::ForgeRecord forge;
  std::vector<std::string> lacks;
};
[[nodiscard]] Result<Checked> keep_checked(const ForgesDeps& ground, model::ForgeRecord forge,
                                           const model::ForgeSecrets& secrets);

void add_pages(http::Router& router, const Shared& ground);

}  // namespace kiln::api::forge_routes
