// A mirror as a repository of its own: all branches and tags of the remote, and its HEAD, for those who read
// it. The commit that is wanted does not depend on them.
#include <fmt/format.h>

#include <algorithm>

#include "base/strings.h"
#include "model/branch_name.h"
#include "scm/git/git.h"
#include "scm/git/git_command.h"
#include "scm/git/mirror_files.h"

namespace kiln::scm {
namespace {

constexpr int kRefreshMs = 20'000;  // when nothing but the refs is wanted
constexpr int kFirstMs = 120'000;   // everything that the branch of the first build does not reach
constexpr TimeMs kAgainMs = TimeMs{60} * 60'000;  // after a first time that did not work
const std::vector<std::string> kAllRefs = {"+refs/heads/*:refs/heads/*", "+refs/tags/*:refs/tags/*"};

std::string one_line(std::string text) {
  std::replace(text.begin(), text.end(), '\n', ' ');
  return text;
}

}  // namespace

bool is_mirror_in_use(const std::filesystem::path& mirror) {
  return read_refs_mark(mirror).tried_on > 0;
}

bool Git::has_refs_since(const Remote& remote, TimeMs since) const {
  const RefsMark mark = read_refs_mark(folder_of(remote));
  return mark.whole && mark.problem.empty() && mark.tried_on >= since;
}

Status Git::fetch_refs(const std::filesystem::path& mirror, const Remote& remote, int timeout_ms,
                       TimeMs head_since) {
  const RefsMark mark = read_refs_mark(mirror);
  const bool had_them = mark.whole;
  const bool had_head = head_is_there(mirror);
  const int at_most = std::min(timeout_ms, limits_.timeout_ms);
  Result<ProcessEnd> end = fetch_once(mirror, remote, {"--prune"}, kAllRefs, at_most);
  if (end && !end->ok() && !end->timed_out && remove_stale_locks(mirror) > 0)
    end = fetch_once(mirror, remote, {"--prune"}, kAllRefs, at_most);
  Status done;
  if (!end) {
    done = tl::unexpected<Error>(end.error());
  } else if (end->timed_out) {
    remove_stale_locks(mirror);
    done = fail(Errc::timeout,
                fmt::format("{} did not give them within {} s", strip_userinfo(remote.url), at_most / 1000));
  } else if (!end->ok()) {
    done = fail(host_refusal(*end), complaint_at(remote, *end));
  }
  write_refs_mark(mirror, had_them || done, done ? std::string() : one_line(done.error().message));
  if (!done) return done;
  // One file for thousands of refs.
  if (!had_them) (void)run(mirror, {"pack-refs", "--all"});
  // Not every time for a repository whose HEAD names no branch that there is.
  const bool ask_again = had_head || mark.tried_on < head_since;
  if (!had_them || (ask_again && !head_is_there(mirror))) {
    if (const Result<std::string> head = default_branch(remote))
      (void)run(mirror, {"symbolic-ref", "HEAD", "refs/heads/" + *head});
  }
  keep_few_packs(mirror);
  return {};
}

// The commit, or without one the head of the branch, as far as it is in the mirror; else empty.
std::string Git::find_fetched(const std::filesystem::path& mirror, const std::string& branch,
                              const std::string& commit) {
  if (!commit.empty()) return has_commit(mirror, commit) ? commit : std::string();
  const Result<ProcessEnd> end =
      run(mirror, {"rev-parse", "--quiet", "--verify", "--end-of-options", "refs/heads/" + branch});
  std::string hash = end && end->ok() ? std::string(trim(end->out)) : std::string();
  return is_commit_hash(hash) ? hash : std::string();
}

Result<FetchedRefs> Git::fetch_with_refs(const Remote& remote, const std::string& branch,
                                         const std::string& commit, TimeMs since) {
  if (Status sane = check_fetch(remote, branch, commit); !sane) return tl::unexpected<Error>(sane.error());
  const std::filesystem::path mirror = folder_of(remote);
  const std::lock_guard guard(lock_of(mirror));
  if (Status made = ensure_mirror(mirror); !made) return tl::unexpected<Error>(made.error());
  FetchedRefs got;
  if (!commit.empty() && has_commit(mirror, commit)) got.commit = commit;
  const bool is_here = !got.commit.empty();
  const RefsMark mark = read_refs_mark(mirror);
  if (is_here && mark.tried_on > 0 && mark.tried_on >= since) {
    got.behind = mark.problem;
    return got;
  }
  Status refs;
  if (mark.whole) {
    // What is new of all refs comes in one call, the wanted commit mostly with it.
    refs = fetch_refs(mirror, remote, is_here ? kRefreshMs : limits_.timeout_ms, since - kAgainMs);
    const bool refused =
        !refs && (refs.error().code == Errc::timeout || refs.error().code == Errc::forbidden);
    if (refused && !is_here) return context(refs.error(), "fetching from the repository");
    if (refs && !is_here) got.commit = find_fetched(mirror, branch, commit);
  }
  if (got.commit.empty()) {
    Result<std::string> hash = fetch_locked(mirror, remote, branch, commit);
    if (!hash) return tl::unexpected<Error>(std::move(hash.error()));
    got.commit = std::move(*hash);
  }
  if (!mark.whole) {
    // The first time they may be much more than the commit, and are not worth any price.
    if (mark.tried_on == 0 || mark.tried_on < since - kAgainMs) {
      refs = fetch_refs(mirror, remote, kFirstMs, since - kAgainMs);
    } else {
      refs = fail(Errc::unavailable, mark.problem);
    }
  }
  if (!refs) got.behind = refs.error().message;
  return got;
}

}  // namespace kiln::scm
