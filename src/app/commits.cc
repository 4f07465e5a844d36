#include "app/commits.h"

namespace kiln::app {

scm::Remote remote_of(const model::RepoConnection& connection) {
  return {connection.clone_url, {}};
}

Result<api::CommitInfo> find_commit(scm::Git& git, const model::RepoConnection& connection,
                                    const std::string& branch, const std::string& commit) {
  const scm::Remote remote = remote_of(connection);
  if (remote.url.empty()) {
    return fail(Errc::invalid,
                "Invalid request: the repository connection has no clone_url; upsert it with one",
                "clone_url");
  }
  const Result<scm::Commit> found =
      commit.empty() ? git.branch_head(remote, branch) : git.commit(remote, commit);
  if (!found) return tl::unexpected<Error>(found.error());
  return api::CommitInfo{found->hash, found->message, found->author};
}

}  // namespace kiln::app
