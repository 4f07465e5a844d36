#include "app/commits.h"

#include <fmt/format.h>

#include <utility>

namespace kiln::app {
namespace {

// That a host, or the policy for hosts, refuses git is not the caller's lack of rights.
tl::unexpected<Error> git_error(Error error) {
  if (error.code == Errc::forbidden) error = Error{Errc::unavailable, std::move(error.message), {}};
  return tl::unexpected<Error>(std::move(error));
}

}  // namespace

Result<scm::Remote> remote_of(const RepoKeys& keys, const model::RepoConnection& connection) {
  if (connection.clone_url.empty()) {
    return fail(Errc::invalid,
                "Invalid request: the repository connection has no clone_url; upsert it with one",
                "clone_url");
  }
  Result<std::string> authorization = keys.directory.clone_authorization(connection);
  if (!authorization) return tl::unexpected<Error>(authorization.error());
  Result<model::SshAccess> ssh = keys.connections.ssh_access(connection.uuid);
  if (!ssh) return tl::unexpected<Error>(ssh.error());
  // A mirror of the account's own: who knows an address and a commit's hash reads nothing that another
  // fetched.
  return scm::Remote{connection.clone_url, std::move(*authorization), connection.account_id, std::move(*ssh)};
}

Result<std::string> default_branch(scm::Git& git, const RepoKeys& keys,
                                   const model::RepoConnection& connection) {
  const Result<scm::Remote> remote = remote_of(keys, connection);
  if (!remote) return tl::unexpected<Error>(remote.error());
  Result<std::string> found = git.default_branch(*remote);
  if (!found) return git_error(found.error());
  return found;
}

Status can_open(scm::Git& git, const std::string& account_id, const std::string& url,
                const std::string& authorization) {
  const Result<std::string> head = git.default_branch({url, authorization, account_id});
  const bool is_read = head || head.error().field == "branch";
  return is_read ? Status() : tl::unexpected<Error>(head.error());
}

Result<std::string> host_key(scm::Git& git, const RepoKeys& keys, const model::RepoConnection& connection) {
  const Result<scm::Remote> remote = remote_of(keys, connection);
  if (!remote) return tl::unexpected<Error>(remote.error());
  Result<std::string> found = git.host_key(*remote);
  if (!found) return git_error(found.error());
  return found;
}

Result<api::CommitInfo> find_commit(scm::Git& git, const RepoKeys& keys,
                                    const model::RepoConnection& connection, const std::string& branch,
                                    const std::string& commit) {
  const Result<scm::Remote> remote = remote_of(keys, connection);
  if (!remote) return tl::unexpected<Error>(remote.error());
  const Result<scm::Commit> found =
      commit.empty() ? git.branch_head(*remote, branch) : git.commit(*remote, commit);
  if (!found) return git_error(found.error());
  return api::CommitInfo{found->hash, found->message, found->author};
}

Result<project::Autofill> find_config(scm::Git& git, const RepoKeys& keys,
                                      const model::RepoConnection& connection, const std::string& branch,
                                      const std::string& root_directory) {
  const Result<scm::Remote> remote = remote_of(keys, connection);
  if (!remote) return tl::unexpected<Error>(remote.error());
  const Result<std::string> head = git.fetch(*remote, branch, {});
  if (!head) return git_error(head.error());
  const std::string root = root_directory == "/" ? std::string() : root_directory;
  const Result<bool> there = git.is_folder(*remote, *head, root);
  if (!there) return tl::unexpected<Error>(there.error());
  if (!*there) {
    return fail(Errc::invalid,
                fmt::format("root_directory {} is not a folder on branch {} at {}", root, branch, *head),
                "root_directory");
  }
  const auto sizes = git.file_sizes(*remote, *head, project::autofill_files(root));
  if (!sizes) return tl::unexpected<Error>(sizes.error());
  const std::vector<std::string> wanted = project::files_to_read(root, *sizes);
  const auto contents = git.read_files(*remote, *head, wanted, project::kLargestConfigFile);
  if (!contents) return tl::unexpected<Error>(contents.error());
  return project::autofill(root, *sizes, *contents);
}

Result<api::CommitInfo> seed_branch(scm::Git& git, const RepoKeys& keys,
                                    const model::RepoConnection& connection, const std::string& branch,
                                    const scm::Seed& seed) {
  const Result<scm::Remote> remote = remote_of(keys, connection);
  if (!remote) return tl::unexpected<Error>(remote.error());
  const Result<scm::Commit> made = git.seed_branch(*remote, branch, seed);
  if (!made) return git_error(made.error());
  return api::CommitInfo{made->hash, made->message, made->author};
}

}  // namespace kiln::app
