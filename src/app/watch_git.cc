#include "app/watch_git.h"

#include "app/commits.h"

namespace kiln::app {

Result<store::Heads> WatchGit::heads(const model::RepoConnection& connection) {
  const Result<scm::Remote> remote = remote_of(keys_, connection);
  if (!remote) return tl::unexpected<Error>(remote.error());
  return git_.heads(*remote);
}

Result<queue::Queue::CommitText> WatchGit::commit(const model::RepoConnection& connection,
                                                  const std::string& branch, const std::string& hash) {
  const Result<scm::Remote> remote = remote_of(keys_, connection);
  if (!remote) return tl::unexpected<Error>(remote.error());
  if (const Result<std::string> there = git_.fetch(*remote, branch, hash); !there)
    return tl::unexpected<Error>(there.error());
  const Result<scm::Commit> found = git_.commit(*remote, hash);
  if (!found) return tl::unexpected<Error>(found.error());
  return queue::Queue::CommitText{found->author, found->message};
}

model::ChangedFiles WatchGit::changed_files(const model::RepoConnection& connection,
                                            const model::PushEvent& push) {
  const Result<scm::Remote> remote = remote_of(keys_, connection);
  if (!remote) return {};
  return git_.changed_files(*remote, push.before, push.after, "");
}

Result<bool> WatchGit::is_ancestor(const model::RepoConnection& connection, const std::string& commit,
                                   const std::string& newer) {
  const Result<scm::Remote> remote = remote_of(keys_, connection);
  if (!remote) return tl::unexpected<Error>(remote.error());
  return git_.is_ancestor(*remote, commit, newer);
}

}  // namespace kiln::app
