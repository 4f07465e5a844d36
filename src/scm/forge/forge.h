// One kind of source host as one value: what its deliveries look like, how its API is asked, and how it is
// told what became of a build. Nothing outside scm knows a provider by name: it asks by provider_type.
// Immutable; any thread.
#pragma once

#include <string_view>
#include <vector>

#include "scm/forge/app_api.h"
#include "scm/forge/forge_api.h"
#include "scm/forge/hook_reader.h"

namespace kiln::scm {

struct Forge {
  std::string_view provider;        // model::RepoConnection::provider_type
  std::string_view title;           // "GitHub", for people
  std::string_view usual_url = {};  // "https://github.com"; empty: every one is somebody's own
  // Behind a repository's page: what lies between two commits, the older and the newer; empty: no such page.
  std::string_view compare_path = {};
  const HookReader* hooks = nullptr;  // null: it reports by Kiln's own post-receive hook alone
  const ForgeApi* api = nullptr;      // null: there is nothing to ask or to tell
  const AppApi* apps = nullptr;       // null: it is asked with a token alone
};

// All of them, in the order in which they are asked whether a delivery is theirs.
[[nodiscard]] const std::vector<Forge>& forges();

// The one of a connection's provider_type; null for a word that is none.
[[nodiscard]] const Forge* forge_of(std::string_view provider);

// Those whose deliveries look the same, itself among them, in the order of forges().
[[nodiscard]] std::vector<const Forge*> forges_like(const Forge& forge);

}  // namespace kiln::scm
