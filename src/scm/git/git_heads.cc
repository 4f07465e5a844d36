// What a host is asked without fetching: its branches, and the key by which it is known.
#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "base/fs.h"
#include "base/ssh_key.h"
#include "base/strings.h"
#include "base/temp_folder.h"
#include "model/branch_name.h"
#include "scm/git/git.h"
#include "scm/git/git_command.h"
#include "scm/git/host_slots.h"
#include "scm/git/remote_place.h"
#include "scm/git/ssh_files.h"
#include "scm/git/ssh_route.h"

namespace kiln::scm {
namespace {

constexpr int kHeadsTimeoutMs = 30'000;
constexpr int kKeyTimeoutMs = 20'000;
constexpr std::string_view kHeads = "refs/heads/";
constexpr std::size_t kLongestKnownHosts = 64U << 10U;

}  // namespace

Result<std::map<std::string, std::string>> Git::heads(const Remote& remote) {
  if (Status sane = check_remote_url(remote.url); !sane) return tl::unexpected<Error>(sane.error());
  std::vector<std::string> question = {"ls-remote", "--quiet", "--heads"};
  if (std::string serving = upload_pack_option(remote); !serving.empty())
    question.push_back(std::move(serving));
  question.insert(question.end(), {"--", remote.url});
  const int timeout_ms = std::min(kHeadsTimeoutMs, limits_.timeout_ms);
  const Result<ProcessEnd> answer = run_at({}, remote, question, timeout_ms);
  if (!answer) return tl::unexpected<Error>(answer.error());
  if (answer->timed_out) {
    return fail(Errc::timeout,
                fmt::format("{} did not answer within {} s", host_of(remote.url), timeout_ms / 1000));
  }
  if (!answer->ok()) return fail(host_refusal(*answer), complaint_at(remote, *answer));
  if (answer->truncated)
    return fail(Errc::too_large, fmt::format("{} names too many branches", host_of(remote.url)));
  std::map<std::string, std::string> heads;
  for (const std::string& line : split(answer->out, '\n')) {
    const std::size_t tab = line.find('\t');
    if (tab == std::string::npos) continue;
    const std::string commit = line.substr(0, tab);
    const std::string_view ref = std::string_view(line).substr(tab + 1);
    if (!ref.starts_with(kHeads) || !is_commit_hash(commit)) continue;
    std::string branch(ref.substr(kHeads.size()));
    if (model::check_branch_name(branch)) heads[std::move(branch)] = commit;
  }
  return heads;
}

// ssh notes the key of a host that it has not met before it asks who is there.
Result<std::string> Git::host_key(const Remote& remote) {
  const Result<RemotePlace> place = place_of(remote.url);
  if (!place) return tl::unexpected<Error>(place.error());
  Result<Pins> pins = way_to(remote.url);
  if (!pins) return tl::unexpected<Error>(pins.error());
  if (const Status made = make_directory(mirrors_, 0700); !made) return tl::unexpected<Error>(made.error());
  const Result<TempFolder> folder = TempFolder::make(mirrors_, "kiln-host-key", 0700);
  if (!folder) return tl::unexpected<Error>(folder.error());
  const std::filesystem::path known = folder->path() / "known_hosts";
  pins->ssh.insert(pins->ssh.begin(),
                   {"-oUserKnownHostsFile=" + known.string(), "-oGlobalKnownHostsFile=/dev/null",
                    "-oStrictHostKeyChecking=accept-new", "-oHashKnownHosts=no", "-oCheckHostIP=no",
                    std::string("-oHostKeyAlias=") + kHostAlias, "-oPubkeyAuthentication=no",
                    "-oPreferredAuthentications=none"});
  ProcessSpec spec;
  spec.argv = ssh_words(remote.url, *place, *pins);
  spec.argv.emplace_back("true");
  spec.environment = git_spec({}, {}).environment;
  spec.timeout_ms = kKeyTimeoutMs;
  const Result<ProcessEnd> end = processes_.run(spec);
  if (!end) return tl::unexpected<Error>(end.error());
  if (const Result<std::string> text = read_file(known, kLongestKnownHosts)) {
    for (const std::string& line : split(*text, '\n')) {
      if (Result<std::string> key = parse_ssh_key(line)) return key;
    }
  }
  return fail(end->timed_out ? Errc::timeout : Errc::unavailable,
              fmt::format("{} has shown no key: {}", place->host, complaint(*end)));
}

}  // namespace kiln::scm
