#include "cli/working_copy.h"

#include <fmt/format.h>

#include <algorithm>
#include <system_error>

#include "base/fs.h"
#include "base/strings.h"
#include "cli/print.h"
#include "cli/runner_program.h"
#include "model/branch_name.h"
#include "scm/git/git.h"

namespace kiln::cli {
namespace {

namespace fs = std::filesystem;

constexpr int kGitTimeoutMs = 10 * 60'000;
constexpr std::size_t kLargestShallow = 16U << 20U;

// Git as its owner has set it up, but for what could point it at another repository or index, and without
// side effects: no hooks, no monitor, no shared index, no refreshing of the index that is there.
class WorkTreeGit {
 public:
  WorkTreeGit(Processes& processes, fs::path folder) : processes_(processes), folder_(std::move(folder)) {
    environment_ = own_environment();
    std::erase_if(environment_, [](const std::string& entry) {
      return entry.starts_with("GIT_") && !entry.starts_with("GIT_CONFIG");
    });
    environment_.insert(environment_.end(), {"LC_ALL=C", "GIT_OPTIONAL_LOCKS=0", "GIT_TERMINAL_PROMPT=0"});
  }

  void set(const std::string& name, const fs::path& value) {
    environment_.push_back(fmt::format("{}={}", name, value.string()));
  }

  [[nodiscard]] Result<ProcessEnd> run(std::vector<std::string> arguments) const {
    ProcessSpec spec;
    spec.argv = {"git",
                 "-C",
                 folder_.string(),
                 "-c",
                 "core.hooksPath=/dev/null",
                 "-c",
                 "core.fsmonitor=false",
                 "-c",
                 "core.splitIndex=false",
                 "-c",
                 "gc.auto=0"};
    spec.argv.insert(spec.argv.end(), arguments.begin(), arguments.end());
    spec.environment = environment_;
    spec.timeout_ms = kGitTimeoutMs;
    return processes_.run(spec);
  }
  // Its output without the line break at the end. Errors: Errc::io with git's words.
  [[nodiscard]] Result<std::string> ask(std::vector<std::string> arguments) const {
    const std::string what = arguments.front();
    const Result<ProcessEnd> end = run(std::move(arguments));
    if (!end) return tl::unexpected<Error>(end.error());
    if (!end->ok()) {
      return fail(Errc::io, fmt::format("git {} failed in {}: {}", what, folder_.string(),
                                        headline(trim(to_valid_utf8(end->err)), 300)));
    }
    std::string text = end->out;
    if (text.ends_with('\n')) text.pop_back();
    return text;
  }

 private:
  Processes& processes_;
  fs::path folder_;
  std::vector<std::string> environment_;
};

// Our copy of the index that `git add` then works on, so that neither what is staged nor what is left out of
// a sparse work tree is lost.
Status copy_index(const WorkTreeGit& git, const fs::path& copy) {
  const Result<std::string> index = git.ask({"rev-parse", "--path-format=absolute", "--git-path", "index"});
  if (!index) return tl::unexpected<Error>(index.error());
  std::error_code error;
  if (!fs::exists(*index, error)) return {};
  fs::copy_file(*index, copy, error);
  if (!error) return {};
  return fail(Errc::io, fmt::format("copying {}: {}", *index, error.message()));
}

// The bare repository, its objects ours first and then the work tree's.
Status make_repository(const WorkTreeGit& git, const fs::path& repository, const std::string& objects) {
  const Result<std::string> format = git.ask({"rev-parse", "--show-object-format"});
  if (!format) return tl::unexpected<Error>(format.error());
  const Result<std::string> made = git.ask(
      {"init", "--quiet", "--bare", "--template=", "--object-format=" + *format, repository.string()});
  if (!made) return tl::unexpected<Error>(made.error());
  if (Status folder = make_directory(repository / "objects" / "info", 0755); !folder) return folder;
  if (Status written = write_file_durably(repository / "objects/info/alternates", objects + "\n", 0644);
      !written)
    return written;
  const Result<std::string> shallow =
      git.ask({"rev-parse", "--path-format=absolute", "--git-path", "shallow"});
  if (!shallow) return tl::unexpected<Error>(shallow.error());
  const Result<std::string> cut = read_file(*shallow, kLargestShallow);
  if (cut) return write_file_durably(repository / "shallow", *cut, 0644);
  return cut.error().code == Errc::not_found ? Status() : tl::unexpected<Error>(cut.error());
}

// The branches that the work tree knows of its origin, or without one its own, its tags and origin's HEAD:
// what git shows in the build. Those that stand in the way of `branch` stay out.
Status add_refs(const WorkTreeGit& git, const fs::path& repository, const std::string& branch) {
  Result<std::string> branches = git.ask(
      {"for-each-ref", "--format=%(objectname) refs/heads/%(refname:lstrip=3)", "refs/remotes/origin"});
  if (branches && branches->empty())
    branches = git.ask({"for-each-ref", "--format=%(objectname) %(refname)", "refs/heads"});
  const Result<std::string> tags =
      git.ask({"for-each-ref", "--format=%(objectname) %(refname)", "refs/tags"});
  if (!branches || !tags) return tl::unexpected<Error>((!branches ? branches : tags).error());
  const std::string own = "refs/heads/" + branch;
  std::string packed;
  for (const std::string& line : split(*branches + "\n" + *tags, '\n')) {
    const std::string ref = line.substr(line.find(' ') + 1);
    const bool in_the_way = ref == own || ref.starts_with(own + "/") || own.starts_with(ref + "/");
    if (!line.empty() && ref != "refs/heads/HEAD" && !in_the_way) packed += line + "\n";
  }
  if (Status written = write_file_durably(repository / "packed-refs", packed, 0644); !written) return written;
  constexpr std::string_view kOrigin = "refs/remotes/origin/";
  const Result<ProcessEnd> head = git.run({"symbolic-ref", "--quiet", "refs/remotes/origin/HEAD"});
  if (!head || !head->ok() || !trim(head->out).starts_with(kOrigin)) return {};
  return write_file_durably(
      repository / "HEAD", fmt::format("ref: refs/heads/{}\n", trim(head->out).substr(kOrigin.size())), 0644);
}

// The head's commit when the tree is its own, else a commit upon it.
Result<std::string> commit_of(WorkTreeGit& git, const std::string& tree) {
  const Result<ProcessEnd> head = git.run({"rev-parse", "--quiet", "--verify", "HEAD^{commit}"});
  if (!head) return tl::unexpected<Error>(head.error());
  const std::string parent(trim(head->out));
  std::vector<std::string> words{"commit-tree", tree, "-m", "The working copy, with what is not committed"};
  if (head->ok()) {
    const Result<std::string> of_head = git.ask({"rev-parse", "HEAD^{tree}"});
    if (!of_head) return tl::unexpected<Error>(of_head.error());
    if (*of_head == tree) return parent;
    words.insert(words.end(), {"-p", parent});
  }
  for (const char* who : {"AUTHOR", "COMMITTER"}) {
    git.set(fmt::format("GIT_{}_NAME", who), "kiln run");
    git.set(fmt::format("GIT_{}_EMAIL", who), "kiln@localhost");
  }
  return git.ask(std::move(words));
}

}  // namespace

Result<WorkingCopy> find_working_copy(Processes& processes, const fs::path& folder) {
  std::error_code error;
  const fs::path place = fs::canonical(folder, error);
  if (error || !fs::is_directory(place, error)) {
    return fail(Errc::invalid, fmt::format("there is no folder {}", safe_line(folder.string(), false)));
  }
  const WorkTreeGit git(processes, place);
  const Result<ProcessEnd> inside = git.run({"rev-parse", "--is-inside-work-tree"});
  if (!inside) return tl::unexpected<Error>(inside.error());
  if (!inside->ok() || trim(inside->out) != "true") {
    return fail(Errc::invalid,
                fmt::format("{0} is in no git work tree, and a build takes what git would push. To make one: "
                            "git -C {1} init (files that .gitignore names stay out). git says: {2}",
                            place.string(), shell_quote(place.string()),
                            headline(trim(to_valid_utf8(inside->err)), 300)));
  }
  WorkingCopy copy;
  const Result<std::string> top = git.ask({"rev-parse", "--show-toplevel"});
  const Result<std::string> prefix = git.ask({"rev-parse", "--show-prefix"});
  if (!top || !prefix) return tl::unexpected<Error>((!top ? top : prefix).error());
  copy.top = *top;
  copy.folder = *prefix;
  while (copy.folder.ends_with('/')) copy.folder.pop_back();
  const Result<ProcessEnd> branch = git.run({"symbolic-ref", "--quiet", "--short", "HEAD"});
  if (!branch) return tl::unexpected<Error>(branch.error());
  if (branch->ok()) copy.branch = trim(branch->out);
  return copy;
}

Result<std::string> head_commit(Processes& processes, const WorkingCopy& copy) {
  return WorkTreeGit(processes, copy.top).ask({"rev-parse", "--verify", "HEAD^{commit}"});
}

Result<Snapshot> take_snapshot(Processes& processes, const WorkingCopy& copy, const std::string& branch,
                               const fs::path& repository) {
  if (Status sane = model::check_branch_name(branch); !sane) return tl::unexpected<Error>(sane.error());
  WorkTreeGit git(processes, copy.top);
  const Result<std::string> objects =
      git.ask({"rev-parse", "--path-format=absolute", "--git-path", "objects"});
  if (!objects) return tl::unexpected<Error>(objects.error());
  if (Status made = make_repository(git, repository, *objects); !made)
    return tl::unexpected<Error>(made.error());
  if (Status added = add_refs(git, repository, branch); !added) return tl::unexpected<Error>(added.error());
  const fs::path index = repository / "snapshot-index";
  if (Status copied = copy_index(git, index); !copied) return tl::unexpected<Error>(copied.error());
  git.set("GIT_INDEX_FILE", index);
  git.set("GIT_OBJECT_DIRECTORY", repository / "objects");
  const Result<std::string> added = git.ask({"add", "--all", "--", "."});
  if (!added) return tl::unexpected<Error>(added.error());
  const Result<std::string> tree = git.ask({"write-tree"});
  if (!tree) return tl::unexpected<Error>(tree.error());
  const Result<std::string> commit = commit_of(git, *tree);
  if (!commit) return tl::unexpected<Error>(commit.error());
  const WorkTreeGit ours(processes, repository);
  const Result<std::string> placed = ours.ask({"update-ref", "refs/heads/" + branch, *commit});
  if (!placed) return tl::unexpected<Error>(placed.error());
  const Result<ProcessEnd> head = git.run({"rev-parse", "--quiet", "--verify", "HEAD^{commit}"});
  const bool changed = !head || !head->ok() || trim(head->out) != *commit;
  return Snapshot{repository, *commit, changed};
}

}  // namespace kiln::cli
