#include "runner/steps/checkout.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "base/strings.h"
#include "model/branch_name.h"
#include "model/clone_url.h"
#include "model/root_directory.h"
#include "runner/steps/environment.h"
#include "runner/steps/exit_words.h"
#include "runner/steps/submodules.h"
#include "runner/tools/detect.h"

namespace kiln::runner {
namespace {

using Files = std::map<std::string, std::string>;

constexpr std::size_t kLargestFileRead = 16U << 20U;  // lock files of large workspaces
constexpr std::size_t kOutputKept = 16U << 10U;
constexpr const char* kCloneFailed = "Failed: error occurred while cloning the repository";
constexpr const char* kSparse = "KILN_SPARSE_CHECKOUT";
constexpr std::string_view kPointers = "lfs pointers ";

// $1 commit, $2 text of .git/config, $3 branch or empty, $4 root directory or ".", $5 mirror, $6 how many of
// the paths that follow are lock files to identify, $7 what to check out when not all, then paths. Written by
// hand instead of by `git clone`, and with few programs: of a build that does nothing they are most of the
// time. The mirror's branches become origin's, its tags tags, and the branch that its HEAD names a branch
// here, as in a clone; a branch that it has no more stands at the commit. Prints the paths that are files, a
// line of git's for each lock file, and how many files are pointers of Git LFS.
constexpr const char* kCheckoutScript = R"sh(set -e
umask 022
[ -d .git/refs/remotes/origin ] || mkdir -p .git/objects/info .git/refs/heads .git/refs/remotes/origin
printf '%s\n' "$5/objects" > .git/objects/info/alternates
printf '%s\n' "$1" > .git/HEAD
printf '%s' "$2" > .git/config
git --git-dir="$5" for-each-ref --format="$(printf '%s' \
  '%(if:equals=refs/tags)%(refname:rstrip=-2)%(then)%(objectname) %(refname)%(else)' \
  '%(if:equals=*)%(HEAD)%(then)%(objectname) %(refname)%0a%(end)' \
  '%(objectname) refs/remotes/origin/%(refname:lstrip=2)%(end)')" refs/heads refs/tags > .git/packed-refs
has=$(awk -v branch="refs/remotes/origin/$3" '
  $2 == branch { known = 1 } index($2, "refs/heads/") == 1 { named = 1 }
  END { print "known" known "named" named }' .git/packed-refs)
case $has in
known1*) ;;
*) if [ -n "$3" ]; then printf '%s refs/remotes/origin/%s\n' "$1" "$3" >> .git/packed-refs; fi ;;
esac
case $has in
*named1) if read -r head < "$5/HEAD"; then
  printf 'ref: refs/remotes/origin/%s\n' "${head#ref: refs/heads/}" > .git/refs/remotes/origin/HEAD
fi ;;
esac
if [ -f "$5/shallow" ]; then cat "$5/shallow" > .git/shallow; fi
if [ -n "$7" ]; then
  mkdir -p .git/info
  printf '%s' "$7" > .git/info/sparse-checkout
  git config core.sparseCheckout true
  git config core.sparseCheckoutCone true
fi
git read-tree -u --reset HEAD
if { [ -f .gitattributes ] || [ -f "./$4/.gitattributes" ]; } &&
  cat .gitattributes "./$4/.gitattributes" 2>/dev/null | grep -q filter=lfs; then
  n=$(git grep -l -e '^version https://git-lfs.github.com/spec/' -- ':(attr:filter=lfs)' | wc -l)
  echo "lfs pointers $n"
fi
[ -d "./$4" ]
locks=$6
shift 7
if [ "$locks" -gt 0 ]; then git ls-tree HEAD -- "$@"; fi
shift "$locks"
for name in "$@"; do if [ -f "./$name" ]; then echo "$name"; fi; done
)sh";

std::string quoted(const std::string& value) {
  std::string out = "\"";
  for (const char character : value) {
    if (character == '"' || character == '\\') out.push_back('\\');
    if (static_cast<unsigned char>(character) >= 0x20) out.push_back(character);
  }
  return out + "\"";
}

std::string clone_advice(const Error& error) {
  if (error.code == Errc::forbidden) return " Check the credentials of the repository connection.";
  if (error.code == Errc::not_found)
    return " It may have been removed by a later push; push again or build another commit.";
  if (error.code == Errc::unavailable || error.code == Errc::timeout) {
    return " When the host answers again, retry the build.";
  }
  return {};
}

StepResult clone_failed(Attempt& attempt, const Error& error) {
  const bool is_sentence = error.message.ends_with('.');
  return failed(attempt, kCloneFailed, error.message + (is_sentence ? "" : ".") + clone_advice(error));
}

// `names` in the root directory and in every folder above it.
std::vector<std::string> paths_up(const Attempt& attempt, const std::vector<std::string>& names) {
  std::vector<std::string> paths;
  for (const std::string& folder : folders_up(attempt.root)) {
    for (const std::string& name : names) paths.push_back(path_in(folder, name));
  }
  return paths;
}

// What dependencies are installed by.
std::vector<std::string> locking_files() {
  std::vector<std::string> names = project::lock_files();
  for (const char* python : {"requirements.txt", "uv.lock", "Pipfile.lock", "pyproject.toml"})
    names.emplace_back(python);
  return names;
}

// Folders beside the root directory that the trigger wants; nothing: all of them.
std::optional<std::vector<std::string>> sparse_folders(const Attempt& attempt) {
  for (const model::EnvVar& variable : attempt.job.environment) {
    if (variable.name == kSparse && !variable.value.empty()) return split(variable.value, ' ');
  }
  return std::nullopt;
}

Command checkout_command(const Attempt& attempt) {
  Command command;
  command.argv = {"/bin/sh",
                  "-c",
                  kCheckoutScript,
                  "kiln-checkout",
                  attempt.commit,
                  checkout_config(attempt.commit, mirrored_config(attempt.job.clone_url)),
                  model::check_branch_name(attempt.job.branch) ? attempt.job.branch : std::string(),
                  attempt.root.empty() ? "." : attempt.root,
                  kMirror};
  std::vector<std::string> locks;
  if (attempt.caches != nullptr) locks = paths_up(attempt, locking_files());
  command.argv.push_back(std::to_string(locks.size()));
  command.argv.push_back(sparse_patterns(attempt.root, sparse_folders(attempt)));
  for (std::string& path : locks) command.argv.push_back(std::move(path));
  for (std::string& path : paths_up(attempt, files_to_find())) command.argv.push_back(std::move(path));
  command.environment = git_environment();
  command.directory = kCheckout;
  return command;
}

std::string last_line(const std::string& output) {
  std::string last;
  for (const std::string& line : split(output, '\n')) {
    if (!trim(line).empty()) last = trim(line);
  }
  return last;
}

}  // namespace

std::string checkout_config(const std::string& commit, const std::string& origin) {
  const bool sha256 = commit.size() == 64;
  std::string text = fmt::format(
      "[core]\n\trepositoryformatversion = {}\n\tfilemode = true\n\tbare = false\n\tlogallrefupdates = "
      "true\n",
      sha256 ? 1 : 0);
  if (sha256) text += "[extensions]\n\tobjectFormat = sha256\n";
  return text + fmt::format("[remote \"origin\"]\n{}\tfetch = +refs/heads/*:refs/remotes/origin/*\n", origin);
}

std::string remote_config(const std::string& url) {
  return fmt::format("\turl = {}\n", quoted(model::without_credentials(url)));
}

std::string mirrored_config(const std::string& url) {
  std::string text = fmt::format("\turl = {}\n", kMirror);
  if (url.starts_with('/')) return text;
  const std::string clean = quoted(model::without_credentials(url));
  return text + fmt::format("\turl = {0}\n\tpushurl = {0}\n", clean);
}

std::string sparse_patterns(const std::string& root, const std::optional<std::vector<std::string>>& more) {
  if (root.empty() || !more) return {};
  std::set<std::string> whole{root};
  for (const std::string& folder : *more) {
    const Result<std::string> clean = model::clean_root_directory(folder);
    if (clean && !clean->empty()) whole.insert(*clean);
  }
  std::set<std::string> above;
  for (const std::string& folder : whole) {
    for (std::size_t slash = folder.find('/'); slash != folder.npos; slash = folder.find('/', slash + 1))
      above.insert(folder.substr(0, slash));
  }
  const auto plain = [](const std::string& folder) {
    std::string out;
    for (const char character : folder) {
      if (std::string_view("*?[\\").find(character) != std::string_view::npos) out.push_back('\\');
      out.push_back(character);
    }
    return out;
  };
  std::string text = "/*\n!/*/\n";
  for (const std::string& folder : above) text += fmt::format("/{0}/\n!/{0}/*/\n", plain(folder));
  for (const std::string& folder : whole) text += fmt::format("/{}/\n", plain(folder));
  return text;
}

StepResult fetch_commit(Attempt& attempt) {
  // Another build of the same push has mostly fetched it: then reading its files says so, without a process
  // to ask.
  std::vector<std::string> wanted = paths_up(attempt, files_to_read());
  wanted.emplace_back(kGitmodules);
  Result<Files> files = fail(Errc::not_found, "no commit is named");
  if (!attempt.job.commit_hash.empty() && attempt.source.is_fresh())
    files = attempt.source.read_files(attempt.job.commit_hash, wanted, kLargestFileRead);
  if (files) {
    attempt.commit = attempt.job.commit_hash;
  } else {
    const Result<scm::FetchedRefs> fetched =
        attempt.source.fetch(attempt.job.branch, attempt.job.commit_hash);
    if (!fetched) return clone_failed(attempt, fetched.error());
    attempt.commit = fetched->commit;
    if (!fetched->behind.empty()) {
      attempt.log.say(
          fmt::format("Warning: the branches and tags that git shows in this build may be old or missing: {}",
                      fetched->behind));
    }
    files = attempt.source.read_files(attempt.commit, wanted, kLargestFileRead);
    if (!files) return clone_failed(attempt, files.error());
  }
  if (!attempt.root.empty()) {
    const Result<bool> there = attempt.source.is_folder(attempt.commit, attempt.root);
    if (!there) return clone_failed(attempt, there.error());
    if (!*there) {
      return failed(
          attempt, fmt::format("Failed: root directory not found: {}", attempt.root),
          fmt::format("The commit {} has no folder \"{}\". Correct the trigger's root directory, or push a "
                      "commit that has this folder.",
                      attempt.commit, attempt.root));
    }
  }
  const bool has_submodules = files->erase(kGitmodules) > 0;
  attempt.files.contents = std::move(*files);
  return has_submodules ? fetch_submodules(attempt) : StepResult{};
}

StepResult check_out(Attempt& attempt) {
  std::string output;
  const Result<CommandEnd> end =
      attempt.sandbox->run(checkout_command(attempt), [&output](std::string_view bytes) {
        output += bytes;
        if (output.size() > 2 * kOutputKept) output.erase(0, output.size() - kOutputKept);
      });
  if (attempt.stop.stopped()) return {StepEnd::stopped, {}};
  if (!end) return failed(attempt, "Failed: the sandbox of this build did not start", end.error().message);
  if (end->exit_code != 0 || end->signal != 0) {
    return failed(attempt, kCloneFailed,
                  fmt::format("Checking out {} {}: {}", attempt.commit, exit_words(*end), last_line(output)));
  }
  const std::vector<std::string> known = paths_up(attempt, files_to_find());
  for (const std::string& line : split(output, '\n')) {
    if (std::find(known.begin(), known.end(), line) != known.end()) attempt.files.present.insert(line);
    if (line.find(" blob ") != line.npos) attempt.lock_ids += line + "\n";
    if (line.starts_with(kPointers) && line != std::string(kPointers) + "0")
      attempt.lfs_pointers = line.substr(kPointers.size());
  }
  attempt.view = view_from(attempt.root, attempt.files);
  return {};
}

}  // namespace kiln::runner
