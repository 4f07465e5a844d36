// The git command line, for the server (what changed, which commit is a branch's head, a branch made from a
// template) and for the runner (its warm mirrors). Never runs repository-supplied code: no hooks, no filters,
// no user or system configuration, transports limited, prompts off. Goes only where Reach lets it, redirects
// included. Credentials travel by environment (http.extraHeader), never in argv or a file; SSH keys as
// ssh_files.h says.
//
// A Git and its mirrors folder belong to one process; methods are safe from any thread and serialise per
// mirror.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/process.h"
#include "base/result.h"
#include "model/pattern.h"
#include "model/ssh_access.h"
#include "scm/git/reach.h"

namespace kiln {
struct HttpRequest;
struct HttpResponse;
}  // namespace kiln

namespace kiln::scm {

struct LfsPlace;
struct LfsServer;
struct TreeEntry;
struct Seed;

struct Remote {
  std::string url;            // https://, http://, ssh://, [user@]host:path, or an absolute local path
  std::string authorization;  // Authorization header for HTTP(S), or empty
  std::string apart = {};     // whose mirror: with another word than the same URL's others, one of its own
  model::SshAccess ssh = {};  // of an SSH remote
};

// What fetch_with_refs() brought.
struct FetchedRefs {
  std::string commit;
  std::string behind;  // why the mirror's branches and tags are not the remote's of now; empty: they are
};

struct Commit {
  std::string hash;
  std::string author;
  std::string message;  // whole, at most 64 KiB
};

// A folder of a commit whose contents are a commit of another repository.
struct Submodule {
  std::string path;  // from the top of the checkout
  std::string url;   // empty when refused
  std::string commit;
  std::string refused;     // why it may not be fetched; empty: it may
  bool in_mirror = false;  // its objects are; else: to be fetched by whoever may reach there, without
                           // credentials
};

// A file's contents that Git LFS keeps outside git.
struct LfsObject {
  std::string oid;  // 64 lower-case hex digits: the SHA-256 of the contents
  std::uint64_t size = 0;
};

struct LfsFetched {
  std::size_t there = 0;  // of the different ones
  std::size_t missing = 0;
  std::string why;  // of the first that is
};

// Which submodules a host may fetch for whoever wrote a .gitmodules.
struct SubmoduleReach {
  bool own_host = true;              // what the remote's credentials open at its own scheme, host and port
  std::vector<std::string> folders;  // of a repository of this machine: what it may have of this machine,
                                     // besides what Reach opens
};

// Errors: Errc::invalid, field "url": option-like ("-…"), unknown transport (ext::, file:// outside what is
// allowed), control characters, relative paths.
[[nodiscard]] Status check_remote_url(const std::string& url);

// Whether fetch_with_refs() has ever brought something into this mirror.
[[nodiscard]] bool is_mirror_in_use(const std::filesystem::path& mirror);

// What one call to a host may take; settings of [git].
struct GitLimits {
  int timeout_ms = 10 * 60'000;
  std::uint64_t max_bytes = std::uint64_t{8} << 30U;  // of one pack that is fetched
};

class Git {
 public:
  Git(Processes& processes, std::filesystem::path mirrors, Reach reach, GitLimits limits = {})
      : processes_(processes), mirrors_(std::move(mirrors)), reach_(std::move(reach)), limits_(limits) {}

  // Whether git may go there at all, now. Errors: those of check_remote_url() and of Reach::judge().
  [[nodiscard]] Status may_reach(const std::string& url);

  // The bare mirror of this remote, made when absent; its folder's name is derived from the URL. Modes let a
  // build's uid read it once it is bind-mounted, while the folder above keeps others out.
  [[nodiscard]] Result<std::filesystem::path> mirror(const Remote& remote);

  // Brings `commit` (full hash), or without one the head of `branch`, into the mirror. Nothing is fetched
  // when the commit is there already. Errors: Errc::unavailable (host), Errc::not_found (no such branch or
  // commit), Errc::forbidden (credentials), each with git's own last line.
  [[nodiscard]] Result<std::string> fetch(const Remote& remote, const std::string& branch,
                                          const std::string& commit);

  // As fetch(); besides, the mirror's refs/heads, refs/tags and HEAD become the remote's, for whoever reads
  // it as a repository. When that was done after `since` and the commit is there, nothing is asked. Branches
  // and tags that cannot be had are no error: they stay as they were.
  [[nodiscard]] Result<FetchedRefs> fetch_with_refs(const Remote& remote, const std::string& branch,
                                                    const std::string& commit, TimeMs since);
  // Whether the mirror's branches and tags were the remote's after `since`. Reads one file.
  [[nodiscard]] bool has_refs_since(const Remote& remote, TimeMs since) const;

  // One commit's author and message, out of the mirror (fetched first).
  [[nodiscard]] Result<Commit> commit(const Remote& remote, const std::string& hash);
  [[nodiscard]] Result<Commit> branch_head(const Remote& remote, const std::string& branch);
  // The branch that the repository's HEAD names. Gives up after a few seconds. Errors: Errc::not_found for a
  // repository whose HEAD names no branch that there is (one without commits; field "branch"), those of
  // fetch().
  [[nodiscard]] Result<std::string> default_branch(const Remote& remote);

  // All branches and their commits, as the host says now. Errors: those of fetch(), Errc::timeout.
  [[nodiscard]] Result<std::map<std::string, std::string>> heads(const Remote& remote);
  // The key that the SSH host shows now, "ssh-ed25519 AAAA…", whatever `remote` expects; nobody is logged in.
  // Errors: Errc::unavailable, Errc::timeout, those of way_to().
  [[nodiscard]] Result<std::string> host_key(const Remote& remote);

  // Files changed and commits added between two commits; `known` false when either cannot be had. An empty
  // `before` (new branch) compares with `base_branch`'s head when it has one.
  [[nodiscard]] model::ChangedFiles changed_files(const Remote& remote, const std::string& before,
                                                  const std::string& after, const std::string& base_branch);

  // Whether the history of `descendant` contains `ancestor`; both are fetched where they are missing. Errors:
  // those of fetch().
  [[nodiscard]] Result<bool> is_ancestor(const Remote& remote, const std::string& ancestor,
                                         const std::string& descendant);

  // Contents of blobs at `commit` in the mirror, by path from the root; absent paths, folders and symlinks
  // are left out, files above `max_bytes` too, and what is more than 64 MiB together. Two processes for all
  // of them. Never touches a work tree.
  [[nodiscard]] Result<std::map<std::string, std::string>> read_files(const Remote& remote,
                                                                      const std::string& commit,
                                                                      const std::vector<std::string>& paths,
                                                                      std::size_t max_bytes);
  // The same choice of paths, those that exist with their size in bytes. One process.
  [[nodiscard]] Result<std::map<std::string, std::size_t>> file_sizes(const Remote& remote,
                                                                      const std::string& commit,
                                                                      const std::vector<std::string>& paths);
  // True when `path` ("" or "apps/web") is a folder at that commit.
  [[nodiscard]] Result<bool> is_folder(const Remote& remote, const std::string& commit,
                                       const std::string& path);

  // What .gitmodules says of a commit in the mirror, and of the submodules there in turn. Those that `reach`
  // lets the remote's credentials open are fetched into the mirror, and nothing else is contacted: a
  // .gitmodules is written by whoever may push. Errors: Errc::invalid (.gitmodules), and those of fetch(),
  // naming the submodule.
  [[nodiscard]] Result<std::vector<Submodule>> submodules(const Remote& remote, const std::string& commit,
                                                          const SubmoduleReach& reach);

  // Brings these into the mirror's lfs/objects, as lfs_path_of() names them, with the remote's credentials
  // and within the limits for one call together. Errors: Errc::too_large, and those of an LFS server that
  // does not answer at all; a single one that cannot be had is counted.
  [[nodiscard]] Result<LfsFetched> fetch_lfs(const Remote& remote, const std::vector<LfsObject>& objects);

  // Makes `branch` in `target` with one commit, the copy that `seed` describes, and returns that commit. The
  // same seed makes the same commit, and a branch that has it at its head already counts as made: asking
  // again after a crash commits nothing twice. Errors: Errc::conflict when the branch is there with anything
  // else or the host refuses it; Errc::invalid, with the field below "seed_repo", for what is wrong with the
  // template or with the right to push; Errc::unavailable, Errc::timeout (either host).
  [[nodiscard]] Result<Commit> seed_branch(const Remote& target, const std::string& branch, const Seed& seed);

 private:
  [[nodiscard]] static Status check_fetch(const Remote& remote, const std::string& branch,
                                          const std::string& commit);
  [[nodiscard]] std::filesystem::path folder_of(const Remote& remote) const;
  [[nodiscard]] std::mutex& lock_of(const std::filesystem::path& mirror);
  [[nodiscard]] Result<ProcessEnd> run(const std::filesystem::path& mirror,
                                       std::vector<std::string> arguments, std::string input = {});
  // git at a host: `arguments` name remote.url. Where the host redirects elsewhere, git is run again there.
  [[nodiscard]] Result<ProcessEnd> run_at(const std::filesystem::path& mirror, const Remote& remote,
                                          const std::vector<std::string>& arguments) {
    return run_at(mirror, remote, arguments, limits_.timeout_ms);
  }
  [[nodiscard]] Result<ProcessEnd> run_at(const std::filesystem::path& mirror, const Remote& remote,
                                          const std::vector<std::string>& arguments, int timeout_ms);
  [[nodiscard]] Result<Pins> way_to(const std::string& url);
  [[nodiscard]] std::string complaint_at(const Remote& remote, const ProcessEnd& end) const;
  // Those of `paths` that are regular files of the commit.
  [[nodiscard]] Result<std::vector<TreeEntry>> list(const Remote& remote, const std::string& commit,
                                                    const std::vector<std::string>& paths);
  [[nodiscard]] Result<std::vector<Submodule>> list_submodules(const Remote& remote,
                                                               const std::string& commit,
                                                               const std::string& base_url,
                                                               const std::vector<std::string>& folders);
  [[nodiscard]] Status fetch_submodule(const Remote& remote, const Submodule& wanted);
  [[nodiscard]] Result<HttpResponse> ask_lfs(const Remote& remote, HttpRequest request);
  [[nodiscard]] Result<LfsServer> lfs_server(const Remote& remote);
  [[nodiscard]] Result<std::vector<LfsPlace>> lfs_places(const Remote& remote, const LfsServer& server,
                                                         const std::vector<LfsObject>& batch, int timeout_ms);
  [[nodiscard]] Status download_lfs(const Remote& remote, const LfsPlace& place,
                                    const std::filesystem::path& store, int timeout_ms);
  [[nodiscard]] Status push_new_branch(const std::filesystem::path& mirror, const Remote& target,
                                       const std::string& branch, const std::string& hash);
  // These hold the mirror's lock.
  [[nodiscard]] Result<std::string> fetch_locked(const std::filesystem::path& mirror, const Remote& remote,
                                                 const std::string& branch, const std::string& commit);
  [[nodiscard]] Status fetch_refs(const std::filesystem::path& mirror, const Remote& remote, int timeout_ms,
                                  TimeMs head_since);
  [[nodiscard]] std::string find_fetched(const std::filesystem::path& mirror, const std::string& branch,
                                         const std::string& commit);
  [[nodiscard]] Status ensure_mirror(const std::filesystem::path& mirror);
  [[nodiscard]] bool has_commit(const std::filesystem::path& mirror, const std::string& hash);
  [[nodiscard]] Status fetch_ref(const std::filesystem::path& mirror, const Remote& remote,
                                 const std::string& from, const std::string& what);
  [[nodiscard]] Result<ProcessEnd> fetch_once(const std::filesystem::path& mirror, const Remote& remote,
                                              const std::string& refspec);
  [[nodiscard]] Result<ProcessEnd> fetch_once(const std::filesystem::path& mirror, const Remote& remote,
                                              std::vector<std::string> options,
                                              const std::vector<std::string>& refspecs, int timeout_ms);
  [[nodiscard]] Result<std::string> commit_tree(const std::filesystem::path& mirror, const std::string& tree,
                                                const std::string& dated_like, const Commit& commit);
  void keep_few_packs(const std::filesystem::path& mirror);

  Processes& processes_;
  std::filesystem::path mirrors_;
  const Reach reach_;
  const GitLimits limits_;
  std::mutex mutex_;
  std::map<std::string, std::unique_ptr<std::mutex>> locks_;
};

}  // namespace kiln::scm
