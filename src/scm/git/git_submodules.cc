// A commit's submodules: which there are, where they come from, and the fetching of those on the commit's own
// host. Their objects go into the commit's mirror, so that its checkout finds them there.
#include <fmt/format.h>

#include <map>
#include <string_view>

#include "base/hash.h"
#include "base/strings.h"
#include "scm/git/git.h"
#include "scm/git/git_command.h"
#include "scm/git/mirror_files.h"
#include "scm/git/submodule_url.h"
#include "scm/git/tree_entries.h"

namespace kiln::scm {
namespace {

constexpr std::size_t kLargestGitmodules = 1U << 20U;
constexpr std::size_t kMostSubmodules = 100;
constexpr int kDeepest = 5;

// "submodule.NAME.path\nVALUE\0" of `git config -z --list`, as path → url.
std::map<std::string, std::string> urls_by_path(std::string_view listed) {
  std::map<std::string, std::string> paths;
  std::map<std::string, std::string> urls;
  for (const std::string& entry : split(listed, '\0')) {
    const std::size_t line = entry.find('\n');
    const std::string_view key = std::string_view(entry).substr(0, line);
    if (line == entry.npos || !key.starts_with("submodule.")) continue;
    const std::size_t dot = key.rfind('.');
    if (dot < std::string_view("submodule.").size()) continue;
    const std::string name(key.substr(0, dot));
    if (key.substr(dot) == ".path") paths[name] = entry.substr(line + 1);
    if (key.substr(dot) == ".url") urls[name] = entry.substr(line + 1);
  }
  std::map<std::string, std::string> found;
  for (const auto& [name, path] : paths) {
    if (const auto url = urls.find(name); url != urls.end() && is_tree_path(path)) found[path] = url->second;
  }
  return found;
}

}  // namespace

// Of one commit in the mirror, itself at `base_url`.
Result<std::vector<Submodule>> Git::list_submodules(const Remote& remote, const std::string& commit,
                                                    const std::string& base_url,
                                                    const std::vector<std::string>& folders) {
  std::vector<Submodule> found;
  const auto files = read_files(remote, commit, {".gitmodules"}, kLargestGitmodules);
  if (!files) return tl::unexpected<Error>(files.error());
  const auto text = files->find(".gitmodules");
  if (text == files->end()) return found;
  const Result<ProcessEnd> listed =
      run({}, {"config", "--no-includes", "--file", "-", "-z", "--list"}, text->second);
  if (!listed) return tl::unexpected<Error>(listed.error());
  if (!listed->ok())
    return fail(Errc::invalid,
                fmt::format("{}'s .gitmodules is not understood: {}", commit, complaint(*listed)));
  const std::map<std::string, std::string> urls = urls_by_path(listed->out);
  if (urls.empty()) return found;
  std::vector<std::string> arguments = {"ls-tree", "-l", "-z", "--full-tree", commit, "--"};
  for (const auto& [path, url] : urls) arguments.push_back(path);
  const Result<ProcessEnd> tree = run(folder_of(remote), std::move(arguments));
  if (!tree) return tl::unexpected<Error>(tree.error());
  for (const TreeEntry& entry : parse_tree(tree->out)) {
    if (entry.type != "commit" || !urls.contains(entry.path)) continue;
    Submodule one{.path = entry.path, .url = {}, .commit = entry.hash, .refused = {}};
    const Result<std::string> url = submodule_url(base_url, urls.at(entry.path), folders);
    if (url) {
      one.url = *url;
    } else {
      one.refused = url.error().message;
    }
    found.push_back(std::move(one));
  }
  return found;
}

Status Git::fetch_submodule(const Remote& remote, const Submodule& wanted) {
  const Remote from{wanted.url, wanted.url.starts_with('/') ? std::string() : remote.authorization};
  const std::filesystem::path mirror = folder_of(remote);
  const std::lock_guard guard(lock_of(mirror));
  if (has_commit(mirror, wanted.commit)) return {};
  Result<ProcessEnd> end =
      fetch_once(mirror, from, fmt::format("+{}:{}", wanted.commit, kept_ref(wanted.commit)));
  if (!end) return tl::unexpected<Error>(end.error());
  if (!end->ok()) {
    // Not every host gives a commit by its hash: then one of its branches has it.
    end = fetch_once(mirror, from,
                     fmt::format("+refs/heads/*:refs/submodules/{}/*", sha256_hex(wanted.url).substr(0, 32)));
    if (!end) return tl::unexpected<Error>(end.error());
  }
  if (end->ok() && has_commit(mirror, wanted.commit)) return {};
  const Errc code = end->ok() ? Errc::not_found : host_refusal(*end);
  return fail(code, fmt::format("submodule \"{}\", commit {} of {}: {}", wanted.path, wanted.commit,
                                strip_userinfo(wanted.url),
                                end->ok() ? "no branch of it has that commit" : complaint_at(from, *end)));
}

Result<std::vector<Submodule>> Git::submodules(const Remote& remote, const std::string& commit,
                                               const SubmoduleReach& reach) {
  std::vector<Submodule> all;
  std::vector<std::string> folders = reach.folders;
  if (reach.own_host) folders.insert(folders.end(), reach_.folders().begin(), reach_.folders().end());
  struct Open {
    std::string folder;  // of the checkout, "" or "libs/x/"
    std::string commit;
    std::string url;
    int depth = 0;
  };
  std::vector<Open> open{{"", commit, remote.url, 0}};
  while (!open.empty()) {
    const Open at = std::move(open.back());
    open.pop_back();
    Result<std::vector<Submodule>> here = list_submodules(remote, at.commit, at.url, folders);
    if (!here) return here;
    for (Submodule& one : *here) {
      if (all.size() == kMostSubmodules)
        return fail(Errc::invalid, fmt::format("more than {} submodules", kMostSubmodules));
      if (one.refused.empty() && at.depth == kDeepest)
        one.refused = fmt::format("submodules within submodules are followed {} deep", kDeepest);
      one.path = at.folder + one.path;
      const bool is_ours = one.url.starts_with('/') || (reach.own_host && is_same_host(remote.url, one.url));
      one.in_mirror = one.refused.empty() && is_ours;
      if (one.in_mirror) {
        if (Status fetched = fetch_submodule(remote, one); !fetched)
          return tl::unexpected<Error>(fetched.error());
        open.push_back({one.path + "/", one.commit, one.url, at.depth + 1});
      }
      all.push_back(std::move(one));
    }
  }
  return all;
}

}  // namespace kiln::scm
