// Branches made from a template: copied in the template's own mirror, pushed from there.
#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "base/strings.h"
#include "model/branch_name.h"
#include "scm/git/git.h"
#include "scm/git/git_command.h"
#include "scm/git/seed.h"
#include "scm/git/seed_tree.h"
#include "scm/git/tree_entries.h"

namespace kiln::scm {
namespace {

constexpr const char* kAuthor = "Kiln";
constexpr const char* kEmail = "kiln@localhost";
constexpr std::size_t kLongestSummary = 300;

// Whatever goes wrong with the template is the request's fault, unless its host just does not answer.
Error template_error(Error error) {
  if (error.code == Errc::not_found || error.code == Errc::forbidden || error.code == Errc::invalid) {
    error.code = Errc::invalid;
    if (!error.field.starts_with("seed_repo")) error.field = "seed_repo";
  }
  error.message = "the template: " + error.message;
  return error;
}

bool names_git(std::string_view part) {
  return to_lower(part) == ".git";
}

Status check_seed(const Seed& seed) {
  if (!seed.folder.empty() && !is_tree_path(seed.folder))
    return fail(Errc::invalid, "must be a folder of the template", "seed_repo.path");
  for (std::size_t i = 0; i < seed.files.size(); ++i) {
    const std::string& path = seed.files[i].path;
    const std::vector<std::string> parts = split(path, '/');
    if (!is_tree_path(path) || path.find('\0') != path.npos ||
        std::any_of(parts.begin(), parts.end(), names_git)) {
      return fail(Errc::invalid,
                  "must be a path inside the template, without empty, '.', '..' or '.git' parts",
                  fmt::format("seed_repo.files[{}].filename", i));
    }
  }
  return {};
}

// Why the host refused the one ref, or nothing when it did not get that far. The pushing git writes
// "<flag>\t<from>:<to>\t<summary>", where "!" is for refused.
std::optional<std::string> refusal_of(const std::string& porcelain, const std::string& ref) {
  for (const std::string& line : split(porcelain, '\n')) {
    const std::size_t named = line.find(":" + ref + "\t");
    if (line.starts_with("!\t") && named != line.npos)
      return to_valid_utf8(line.substr(named + ref.size() + 2, kLongestSummary));
  }
  return std::nullopt;
}

}  // namespace

Result<Commit> Git::seed_branch(const Remote& target, const std::string& branch, const Seed& seed) {
  if (Status sane = check_remote_url(target.url); !sane) return tl::unexpected<Error>(sane.error());
  if (Status sane = model::check_branch_name(branch); !sane) return tl::unexpected<Error>(sane.error());
  if (Status sane = check_seed(seed); !sane) return tl::unexpected<Error>(sane.error());
  const Result<std::string> head = fetch(seed.source, seed.branch, {});
  if (!head) return tl::unexpected<Error>(template_error(head.error()));
  const std::string from = strip_userinfo(seed.source.url);
  Commit commit{{},
                kAuthor,
                fmt::format("Begin with {}{}{}\n\nCopied from commit {} of its branch {}.", from,
                            seed.folder.empty() ? "" : ", folder ", seed.folder, *head, seed.branch)};
  const std::filesystem::path mirror = folder_of(seed.source);
  {
    const std::lock_guard guard(lock_of(mirror));
    const Result<std::string> tree = write_seed_tree(processes_, mirror, *head, seed.folder, seed.files);
    if (!tree) return tl::unexpected<Error>(tree.error());
    Result<std::string> hash = commit_tree(mirror, *tree, *head, commit);
    if (!hash) return tl::unexpected<Error>(hash.error());
    commit.hash = std::move(*hash);
  }
  // Without the lock: pushing only reads the mirror, and the target's host may ask us about this very
  // repository before it takes the push.
  if (Status pushed = push_new_branch(mirror, target, branch, commit.hash); !pushed)
    return tl::unexpected<Error>(pushed.error());
  return commit;
}

// Nothing in the commit but what was asked for: asked again, it is the same commit, with the same hash.
Result<std::string> Git::commit_tree(const std::filesystem::path& mirror, const std::string& tree,
                                     const std::string& dated_like, const Commit& commit) {
  const Result<ProcessEnd> date =
      run(mirror, {"log", "-1", "--no-show-signature", "--format=%ct", dated_like});
  if (!date) return tl::unexpected<Error>(date.error());
  if (!date->ok()) return fail(Errc::io, "dating the new commit: " + complaint(*date));
  ProcessSpec spec = git_spec(mirror, {"commit-tree", "--no-gpg-sign", "-F", "-", tree});
  spec.input = commit.message + "\n";
  for (const char* role : {"AUTHOR", "COMMITTER"}) {
    spec.environment.push_back(fmt::format("GIT_{}_NAME={}", role, commit.author));
    spec.environment.push_back(fmt::format("GIT_{}_EMAIL={}", role, kEmail));
    spec.environment.push_back(fmt::format("GIT_{}_DATE=@{} +0000", role, trim(date->out)));
  }
  const Result<ProcessEnd> made = processes_.run(spec);
  if (!made) return tl::unexpected<Error>(made.error());
  if (!made->ok()) return fail(Errc::io, "making the new commit: " + complaint(*made));
  return std::string(trim(made->out));
}

// The host makes the branch only while it has none of that name, so two who push at once cannot both win.
Status Git::push_new_branch(const std::filesystem::path& mirror, const Remote& target,
                            const std::string& branch, const std::string& hash) {
  const std::string ref = "refs/heads/" + branch;
  std::vector<std::string> arguments = {"push", "--porcelain", "--no-verify", "--no-signed",
                                        fmt::format("--force-with-lease={}:", ref)};
  if (std::string taking = receive_pack_option(target); !taking.empty())
    arguments.push_back(std::move(taking));
  arguments.insert(arguments.end(), {"--", target.url, hash + ":" + ref});
  const Result<ProcessEnd> end = run_at(mirror, target, arguments);
  if (!end) return tl::unexpected<Error>(end.error());
  if (end->ok()) return {};
  const std::optional<std::string> refusal = refusal_of(end->out, ref);
  if (!refusal) {
    const Errc code = host_refusal(*end);
    const bool is_setup = code == Errc::forbidden || code == Errc::not_found;
    return fail(is_setup ? Errc::invalid : code,
                fmt::format("pushing the branch {} to the connected repository: {}{}", branch,
                            complaint_at(target, *end),
                            is_setup ? "; check the connection's clone_url and whether it may push" : ""),
                is_setup ? "seed_repo" : "");
  }
  // Refused for this branch: it is there already, or the host has a rule against it.
  std::vector<std::string> question = {"ls-remote", "--quiet"};
  if (std::string serving = upload_pack_option(target); !serving.empty())
    question.push_back(std::move(serving));
  question.insert(question.end(), {"--", target.url, ref});
  const Result<ProcessEnd> answer = run_at({}, target, question);
  if (!answer) return tl::unexpected<Error>(answer.error());
  if (answer->ok() && answer->out.starts_with(hash + "\t")) return {};
  if (answer->ok() && !trim(answer->out).empty()) {
    return fail(Errc::conflict,
                fmt::format("the branch {} is in the repository already and is never rewritten; name another "
                            "branch, or build this one without seed_repo",
                            branch),
                "branch");
  }
  return fail(Errc::conflict,
              fmt::format("the connected repository refuses the new branch {}: {}", branch, *refusal),
              "branch");
}

}  // namespace kiln::scm
