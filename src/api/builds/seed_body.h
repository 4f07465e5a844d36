// seed_repo of createManualBuild: the template that a branch is to begin with. Pure; any thread.
#pragma once

#include <boost/json/object.hpp>
#include <string>
#include <vector>

#include "api/auth.h"
#include "base/result.h"
#include "scm/git/seed.h"

namespace kiln::api::builds {

struct SeedBody {
  scm::Seed seed;
  std::vector<std::string> unknown;  // fields nobody knows, with "seed_repo." before them
};

// {provider, owner, repository, branch, path, files?: [{filename, content, isBase64?, replace?}]}, and ours:
// clone_url, for hosts whose URLs nobody can derive. Errors: Errc::invalid naming the field.
[[nodiscard]] Result<SeedBody> read_seed(const Call& call, const boost::json::object& object);

}  // namespace kiln::api::builds
