// What a Worker is called that nobody named.
#include <fmt/format.h>

#include <algorithm>

#include "api/control/handlers.h"
#include "base/strings.h"
#include "workers/names.h"

namespace kiln::api::control {
namespace {

// The repository's name as a Worker could have it.
std::string worker_like(const std::string& repository) {
  std::string name = to_lower(repository);
  std::replace_if(
      name.begin(), name.end(),
      [](char c) { return !((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_'); },
      '-');
  name.resize(std::min(name.size(), workers::kHostLabel));
  while (name.ends_with('-')) name.pop_back();
  return name.substr(std::min(name.find_first_not_of('-'), name.size()));
}

}  // namespace

Result<connect::NamedWorker> name_of_worker(const BuildsDeps& deps, const model::RepoConnection& connection,
                                            const std::string& branch, const std::string& root_directory) {
  if (!branch.empty() && deps.read_config) {
    const Result<project::Autofill> found = deps.read_config(connection, branch, root_directory);
    const std::string name = found ? found->default_worker_name.value_or("") : std::string();
    if (!name.empty() && workers::check_worker_name(name))
      return connect::NamedWorker{
          name, fmt::format("The Worker is called \"{}\", as {} on branch {} says.", name,
                            found->config_file.value_or("its wrangler configuration"), branch)};
  }
  const std::string name = worker_like(connection.repo_name);
  if (workers::check_worker_name(name))
    return connect::NamedWorker{
        name, fmt::format("The Worker is called \"{}\", as the repository is: no wrangler configuration that "
                          "names it could be read. Name another with --worker.",
                          name)};
  return fail(Errc::invalid,
              fmt::format("neither a wrangler configuration nor the name of the repository, {}, names the "
                          "Worker: name it with --worker",
                          connection.repo_name),
              "worker");
}

}  // namespace kiln::api::control
