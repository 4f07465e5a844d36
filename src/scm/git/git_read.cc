// What is read out of a mirror once a commit is there.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <string_view>

#include "base/strings.h"
#include "model/branch_name.h"
#include "scm/git/git.h"
#include "scm/git/git_command.h"
#include "scm/git/host_slots.h"
#include "scm/git/tree_entries.h"

namespace kiln::scm {
namespace {

constexpr std::size_t kLongestMessage = 64U << 10U;
constexpr std::size_t kLongestAuthor = 1024;
constexpr std::size_t kMostReadTogether = 64U << 20U;

std::string at_most(std::string_view text, std::size_t size) {
  return to_valid_utf8(text.substr(0, size));
}

template <typename Number>
std::optional<Number> number_in(std::string_view text) {
  Number value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

// `cat-file --batch` answers in the order of asking: "<hash> blob <size>\n<bytes>\n".
std::map<std::string, std::string> parse_batch(std::string_view out, const std::vector<TreeEntry>& asked) {
  std::map<std::string, std::string> files;
  for (const TreeEntry& entry : asked) {
    const std::size_t line_end = out.find('\n');
    if (line_end == out.npos || !out.starts_with(entry.hash + " blob ")) break;
    out.remove_prefix(line_end + 1);
    if (out.size() < entry.size + 1) break;
    files[entry.path] = std::string(out.substr(0, entry.size));
    out.remove_prefix(entry.size + 1);
  }
  return files;
}

Status not_read(const std::string& what, const ProcessEnd& end) {
  return fail(Errc::not_found, fmt::format("reading {}: {}", what, complaint(end)));
}

}  // namespace

Result<Commit> Git::commit(const Remote& remote, const std::string& hash) {
  if (Result<std::string> there = fetch(remote, {}, hash); !there)
    return tl::unexpected<Error>(there.error());
  const Result<ProcessEnd> end = run(folder_of(remote), {"log", "-1", "--no-show-signature", "--no-decorate",
                                                         "--encoding=UTF-8", "--format=%an%x00%B", hash});
  if (!end) return tl::unexpected<Error>(end.error());
  const std::size_t cut = end->out.find('\0');
  if (!end->ok() || cut == std::string::npos) {
    return tl::unexpected<Error>(not_read("commit " + hash, *end).error());
  }
  const std::string_view out = end->out;
  return Commit{hash, at_most(out.substr(0, cut), kLongestAuthor),
                at_most(trim(out.substr(cut + 1)), kLongestMessage)};
}

Result<Commit> Git::branch_head(const Remote& remote, const std::string& branch) {
  const Result<std::string> head = fetch(remote, branch, {});
  if (!head) return tl::unexpected<Error>(head.error());
  return commit(remote, *head);
}

Result<std::string> Git::default_branch(const Remote& remote) {
  constexpr int kTimeoutMs = 8'000;
  constexpr std::string_view kRef = "ref: refs/heads/";
  if (Status sane = check_remote_url(remote.url); !sane) return tl::unexpected<Error>(sane.error());
  std::vector<std::string> question = {"ls-remote", "--quiet", "--symref"};
  if (std::string serving = upload_pack_option(remote); !serving.empty())
    question.push_back(std::move(serving));
  question.insert(question.end(), {"--", remote.url, "HEAD"});
  const Result<ProcessEnd> answer = run_at({}, remote, question, std::min(kTimeoutMs, limits_.timeout_ms));
  if (!answer) return tl::unexpected<Error>(answer.error());
  if (answer->timed_out)
    return fail(Errc::timeout,
                fmt::format("{} did not answer within {} s", host_of(remote.url), kTimeoutMs / 1000));
  if (!answer->ok()) return fail(host_refusal(*answer), complaint_at(remote, *answer));
  for (const std::string& line : split(answer->out, '\n')) {
    if (!line.starts_with(kRef)) continue;
    std::string branch = line.substr(kRef.size(), line.find('\t') - kRef.size());
    if (Status sane = model::check_branch_name(branch); !sane) return tl::unexpected<Error>(sane.error());
    return branch;
  }
  return fail(Errc::not_found, "the repository's HEAD names no branch that there is", "branch");
}

model::ChangedFiles Git::changed_files(const Remote& remote, const std::string& before,
                                       const std::string& after, const std::string& base_branch) {
  model::ChangedFiles changed;
  const std::filesystem::path mirror = folder_of(remote);
  if (!is_commit_hash(after) || !fetch(remote, base_branch, after)) return changed;
  std::string from = before;
  if (from.empty()) {
    const Result<std::string> base = fetch(remote, base_branch, {});
    if (!base) return changed;
    const Result<ProcessEnd> end = run(mirror, {"merge-base", *base, after});
    if (!end || !end->ok()) return changed;
    from = trim(end->out);
  } else if (!fetch(remote, {}, from)) {
    return changed;
  }
  const Result<ProcessEnd> count =
      run(mirror, {"rev-list", "--count", fmt::format("{}..{}", from, after), "--"});
  const Result<ProcessEnd> diff =
      run(mirror, {"diff-tree", "-r", "-z", "--name-only", "--no-renames", from, after, "--"});
  if (!count || !count->ok() || !diff || !diff->ok()) return changed;
  changed.commits = number_in<std::size_t>(trim(count->out)).value_or(model::kMaxCommitsLookedAt);
  std::string_view rest = diff->out;
  while (!rest.empty() && changed.paths.size() < model::kMaxFilesLookedAt) {
    const std::size_t end = rest.find('\0');
    if (end == rest.npos) break;
    changed.paths.emplace_back(rest.substr(0, end));
    rest.remove_prefix(end + 1);
  }
  changed.known = true;
  return changed;
}

Result<bool> Git::is_ancestor(const Remote& remote, const std::string& ancestor,
                              const std::string& descendant) {
  for (const std::string& commit : {descendant, ancestor}) {
    if (!is_commit_hash(commit)) return fail(Errc::invalid, "not a full commit hash", "commit_hash");
    if (const Result<std::string> there = fetch(remote, {}, commit); !there)
      return tl::unexpected<Error>(there.error());
  }
  const Result<ProcessEnd> end =
      run(folder_of(remote), {"merge-base", "--is-ancestor", ancestor, descendant});
  if (!end) return tl::unexpected<Error>(end.error());
  if (end->ok()) return true;
  if (end->exit_code == 1 && end->signal == 0 && !end->timed_out) return false;
  return tl::unexpected<Error>(not_read("history of " + descendant, *end).error());
}

Result<std::vector<TreeEntry>> Git::list(const Remote& remote, const std::string& commit,
                                         const std::vector<std::string>& paths) {
  if (!is_commit_hash(commit)) return fail(Errc::invalid, "not a full commit hash", "commit_hash");
  std::vector<std::string> arguments = {"ls-tree", "-l", "-z", "--full-tree", commit + "^{commit}", "--"};
  const std::size_t fixed = arguments.size();
  std::copy_if(paths.begin(), paths.end(), std::back_inserter(arguments), is_tree_path);
  if (arguments.size() == fixed) return std::vector<TreeEntry>();
  const Result<ProcessEnd> listed = run(folder_of(remote), std::move(arguments));
  if (!listed) return tl::unexpected<Error>(listed.error());
  if (!listed->ok()) return tl::unexpected<Error>(not_read("files of " + commit, *listed).error());
  std::vector<TreeEntry> entries = parse_tree(listed->out);
  entries.erase(
      std::remove_if(entries.begin(), entries.end(), [](const TreeEntry& e) { return !is_regular(e); }),
      entries.end());
  return entries;
}

Result<std::map<std::string, std::size_t>> Git::file_sizes(const Remote& remote, const std::string& commit,
                                                           const std::vector<std::string>& paths) {
  const Result<std::vector<TreeEntry>> entries = list(remote, commit, paths);
  if (!entries) return tl::unexpected<Error>(entries.error());
  std::map<std::string, std::size_t> sizes;
  for (const TreeEntry& entry : *entries) sizes[entry.path] = entry.size;
  return sizes;
}

Result<std::map<std::string, std::string>> Git::read_files(const Remote& remote, const std::string& commit,
                                                           const std::vector<std::string>& paths,
                                                           std::size_t max_bytes) {
  Result<std::vector<TreeEntry>> entries = list(remote, commit, paths);
  if (!entries) return tl::unexpected<Error>(entries.error());
  std::vector<TreeEntry> wanted;
  std::string question;
  std::size_t total = 0;
  for (TreeEntry& entry : *entries) {
    if (entry.size > max_bytes || total + entry.size > kMostReadTogether) continue;
    question += entry.hash + "\n";
    total += entry.size + entry.hash.size() + 64;
    wanted.push_back(std::move(entry));
  }
  if (wanted.empty()) return std::map<std::string, std::string>();
  ProcessSpec spec = git_spec(folder_of(remote), {"cat-file", "--batch"});
  spec.input = std::move(question);
  spec.max_output = total;
  const Result<ProcessEnd> contents = processes_.run(spec);
  if (!contents) return tl::unexpected<Error>(contents.error());
  if (!contents->ok()) return tl::unexpected<Error>(not_read("files of " + commit, *contents).error());
  return parse_batch(contents->out, wanted);
}

Result<bool> Git::is_folder(const Remote& remote, const std::string& commit, const std::string& path) {
  if (!is_commit_hash(commit)) return fail(Errc::invalid, "not a full commit hash", "commit_hash");
  if (!path.empty() && !is_tree_path(path)) return false;
  const Result<ProcessEnd> end = run(folder_of(remote), {"cat-file", "-t", commit + ":" + path});
  if (!end) return tl::unexpected<Error>(end.error());
  if (end->timed_out || end->signal != 0)
    return tl::unexpected<Error>(not_read("folder " + path, *end).error());
  return end->ok() && trim(end->out) == "tree";
}

}  // namespace kiln::scm
