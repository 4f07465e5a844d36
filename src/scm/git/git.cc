#include "scm/git/git.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <system_error>

#include "base/fs.h"
#include "base/hash.h"
#include "base/strings.h"
#include "model/branch_name.h"
#include "scm/git/git_command.h"
#include "scm/git/mirror_files.h"

namespace kiln::scm {
namespace {

constexpr int kLocalTimeoutMs = 60'000;
constexpr std::size_t kMostPacks = 50;

}  // namespace

std::filesystem::path Git::folder_of(const Remote& remote) const {
  const std::string name = remote.apart.empty() ? remote.url : remote.url + "\n" + remote.apart;
  return mirrors_ / (sha256_hex(name).substr(0, 32) + ".git");
}

std::mutex& Git::lock_of(const std::filesystem::path& mirror) {
  const std::lock_guard guard(mutex_);
  std::unique_ptr<std::mutex>& lock = locks_[mirror.filename().string()];
  if (!lock) lock = std::make_unique<std::mutex>();
  return *lock;
}

Result<ProcessEnd> Git::run(const std::filesystem::path& mirror, std::vector<std::string> arguments,
                            std::string input) {
  ProcessSpec spec = git_spec(mirror, std::move(arguments));
  spec.input = std::move(input);
  spec.timeout_ms = kLocalTimeoutMs;
  return processes_.run(spec);
}

Status Git::ensure_mirror(const std::filesystem::path& mirror) {
  std::error_code ignored;
  if (std::filesystem::exists(mirror / "HEAD", ignored)) return {};
  if (Status made = make_directory(mirrors_, 0700); !made) return made;
  // Made aside and renamed, so that a mirror is either absent or whole.
  const std::filesystem::path fresh = mirror.string() + ".new";
  for (const std::filesystem::path& old : {fresh, mirror}) {
    if (Status gone = remove_tree(old); !gone) return gone;
  }
  // shared=0644: readable by a build's uid whatever this process's umask is.
  const Result<ProcessEnd> made =
      run({}, {"init", "--quiet", "--bare", "--template=", "--shared=0644", "--", fresh.string()});
  if (!made) return tl::unexpected<Error>(made.error());
  if (!made->ok())
    return fail(Errc::io, fmt::format("making the mirror {}: {}", mirror.string(), complaint(*made)));
  std::error_code error;
  std::filesystem::permissions(fresh, static_cast<std::filesystem::perms>(0755), error);
  if (!error) std::filesystem::rename(fresh, mirror, error);
  if (error)
    return fail(errc_of(error.value()),
                fmt::format("making the mirror {}: {}", mirror.string(), error.message()));
  return {};
}

Result<std::filesystem::path> Git::mirror(const Remote& remote) {
  if (Status sane = check_remote_url(remote.url); !sane) return tl::unexpected<Error>(sane.error());
  std::filesystem::path mirror = folder_of(remote);
  const std::lock_guard guard(lock_of(mirror));
  if (Status made = ensure_mirror(mirror); !made) return tl::unexpected<Error>(made.error());
  return mirror;
}

bool Git::has_commit(const std::filesystem::path& mirror, const std::string& hash) {
  const Result<ProcessEnd> end = run(mirror, {"cat-file", "-e", hash + "^{commit}"});
  return end && end->ok();
}

Result<ProcessEnd> Git::fetch_once(const std::filesystem::path& mirror, const Remote& remote,
                                   const std::string& refspec) {
  return fetch_once(mirror, remote, {}, {refspec}, limits_.timeout_ms);
}

Result<ProcessEnd> Git::fetch_once(const std::filesystem::path& mirror, const Remote& remote,
                                   std::vector<std::string> options, const std::vector<std::string>& refspecs,
                                   int timeout_ms) {
  std::vector<std::string> arguments = {"fetch",
                                        "--quiet",
                                        "--no-tags",
                                        "--no-write-fetch-head",
                                        "--no-auto-gc",
                                        "--force",
                                        "--no-recurse-submodules"};
  for (std::string& option : options) arguments.push_back(std::move(option));
  if (std::string serving = upload_pack_option(remote); !serving.empty())
    arguments.push_back(std::move(serving));
  arguments.insert(arguments.end(), {"--", remote.url});
  arguments.insert(arguments.end(), refspecs.begin(), refspecs.end());
  return run_at(mirror, remote, arguments, timeout_ms);
}

// Fetches `from` (a full ref or a commit) and keeps it under a ref of its own. Kept names are hashes, so that
// a branch "a" and a later branch "a/b" never stand in each other's way.
Status Git::fetch_ref(const std::filesystem::path& mirror, const Remote& remote, const std::string& from,
                      const std::string& what) {
  const std::string refspec = fmt::format("+{}:{}", from, kept_ref(from));
  Result<ProcessEnd> end = fetch_once(mirror, remote, refspec);
  if (end && !end->ok() && !end->timed_out && remove_stale_locks(mirror) > 0) {
    end = fetch_once(mirror, remote, refspec);
  }
  if (!end) return tl::unexpected<Error>(end.error());
  if (end->ok()) return {};
  const std::string said = complaint_at(remote, *end);
  if (const Errc code = host_refusal(*end); code == Errc::timeout || code == Errc::too_large) {
    remove_stale_locks(mirror);
    return fail(code, fmt::format("fetching {}: {}", what, said));
  }

  // Was it the host, the ref, or our mirror? Ask the host alone.
  std::vector<std::string> question = {"ls-remote", "--quiet", "--exit-code"};
  if (std::string serving = upload_pack_option(remote); !serving.empty())
    question.push_back(std::move(serving));
  question.insert(question.end(), {"--", remote.url});
  if (from.starts_with("refs/")) question.push_back(from);
  const Result<ProcessEnd> answer = run_at({}, remote, question);
  if (!answer) return tl::unexpected<Error>(answer.error());
  constexpr int kNoSuchRef = 2;
  if (answer->exit_code == kNoSuchRef || (answer->ok() && !from.starts_with("refs/"))) {
    return fail(Errc::not_found, fmt::format("the repository has no {} any more: {}", what, said));
  }
  if (!answer->ok())
    return fail(host_refusal(*answer), fmt::format("fetching {}: {}", what, complaint_at(remote, *answer)));

  // The host has it and we could not take it: the mirror is damaged. It is a cache; make it anew.
  if (Status gone = remove_tree(mirror); !gone) return gone;
  if (Status made = ensure_mirror(mirror); !made) return made;
  end = fetch_once(mirror, remote, refspec);
  if (!end) return tl::unexpected<Error>(end.error());
  if (!end->ok()) return fail(Errc::unavailable, fmt::format("fetching {}: {}", what, complaint(*end)));
  return {};
}

// Every fetch adds a pack; many of them slow every later look-up. Nothing is ever dropped.
void Git::keep_few_packs(const std::filesystem::path& mirror) {
  if (count_packs(mirror) > kMostPacks) {
    (void)run(mirror, {"repack", "--quiet", "--geometric=2", "-d"});
  }
}

Status Git::check_fetch(const Remote& remote, const std::string& branch, const std::string& commit) {
  if (Status sane = check_remote_url(remote.url); !sane) return sane;
  if (commit.empty()) return model::check_branch_name(branch);
  if (is_commit_hash(commit)) return {};
  return fail(Errc::invalid, "a commit is named by its full hash of 40 or 64 hex digits", "commit_hash");
}

Result<std::string> Git::fetch(const Remote& remote, const std::string& branch, const std::string& commit) {
  if (Status sane = check_fetch(remote, branch, commit); !sane) return tl::unexpected<Error>(sane.error());
  const std::filesystem::path mirror = folder_of(remote);
  const std::lock_guard guard(lock_of(mirror));
  if (Status made = ensure_mirror(mirror); !made) return tl::unexpected<Error>(made.error());
  if (!commit.empty() && has_commit(mirror, commit)) return commit;
  return fetch_locked(mirror, remote, branch, commit);
}

Result<std::string> Git::fetch_locked(const std::filesystem::path& mirror, const Remote& remote,
                                      const std::string& branch, const std::string& commit) {
  if (model::check_branch_name(branch)) {
    const std::string ref = "refs/heads/" + branch;
    const Status fetched = fetch_ref(mirror, remote, ref, fmt::format("branch \"{}\"", branch));
    if (fetched) keep_few_packs(mirror);
    if (commit.empty()) {
      if (!fetched) return tl::unexpected<Error>(fetched.error());
      return read_kept_ref(mirror, ref);
    }
    // Mostly the commit is the branch's head, and its kept ref says so without a process.
    if (fetched && (read_kept_ref(mirror, ref) == commit || has_commit(mirror, commit))) return commit;
    if (!fetched && fetched.error().code != Errc::not_found) return tl::unexpected<Error>(fetched.error());
  }
  // No longer on its branch (a force push, a deleted branch): many hosts still give a commit by its hash.
  if (Status fetched = fetch_ref(mirror, remote, commit, "commit " + commit); !fetched) {
    return tl::unexpected<Error>(fetched.error());
  }
  keep_few_packs(mirror);
  if (!has_commit(mirror, commit))
    return fail(Errc::not_found, fmt::format("{} is not a commit", commit), "commit_hash");
  return commit;
}

}  // namespace kiln::scm
