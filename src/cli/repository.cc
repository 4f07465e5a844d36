#include "cli/repository.h"

#include <fmt/format.h>

#include <boost/json/object.hpp>
#include <filesystem>

#include "base/fs.h"
#include "base/strings.h"
#include "cli/print.h"
#include "cli/runner_program.h"
#include "scm/git/git.h"

namespace kiln::cli {
namespace {

namespace fs = std::filesystem;

constexpr int kInstallTimeoutMs = 60'000;
constexpr int kNotBare = 3;
constexpr int kNoCurl = 4;
constexpr int kNotOurs = 5;
constexpr int kSshFailed = 255;
constexpr std::size_t kLargestKnownHosts = 64U << 10U;

Status not_bare(const std::string& path, bool has_work_tree) {
  if (has_work_tree) {
    return fail(
        Errc::invalid,
        fmt::format("{0} is a work tree, not a bare repository; connect the repository that it pushes to\n"
                    "(git -C {1} remote -v shows it), or make one:  git clone --bare {1} {1}.git",
                    path, shell_quote(path)));
  }
  return fail(Errc::invalid,
              fmt::format("{} is not a bare git repository; make one with:  git init --bare {}", path,
                          shell_quote(path)));
}

// Runs the script where the repository is, with its folder as the argument: here, or over ssh. On stdin,
// since it holds secrets.
Result<ProcessEnd> run_beside(Processes& processes, const std::string& url, std::string script) {
  ProcessSpec spec;
  if (const std::optional<SshAddress> ssh = ssh_address(url)) {
    spec.argv = {"ssh", "-oBatchMode=yes", "-oConnectTimeout=15"};
    if (!ssh->port.empty()) spec.argv.insert(spec.argv.end(), {"-p", ssh->port});
    spec.argv.insert(spec.argv.end(), {"--", ssh->host, "sh -s -- " + shell_quote(ssh->path)});
  } else {
    spec.argv = {"/bin/sh", "-s", "--", url};
  }
  spec.environment = own_environment();
  spec.input = std::move(script);
  spec.timeout_ms = kInstallTimeoutMs;
  return processes.run(spec);
}

// The last line that it said.
std::string last_words(const ProcessEnd& end) {
  if (end.timed_out) return "it did not finish within a minute";
  const auto words = trim(end.err);
  return safe_line(words.substr(words.rfind('\n') + 1), false);
}

}  // namespace

std::optional<SshAddress> ssh_address(const std::string& url) {
  constexpr std::string_view scheme = "ssh://";
  SshAddress address;
  if (url.starts_with(scheme)) {
    const std::string rest = url.substr(scheme.size());
    const std::size_t slash = rest.find('/');
    if (slash == std::string::npos) return std::nullopt;
    address = {rest.substr(0, slash), {}, rest.substr(slash)};
    const std::size_t colon = address.host.rfind(':');
    if (colon != std::string::npos && address.host.find(']', colon) == std::string::npos) {
      address.port = address.host.substr(colon + 1);
      address.host.resize(colon);
    }
  } else {
    const std::string before = url.substr(0, url.find('/'));
    const std::size_t host = before.find('@') == std::string::npos ? 0 : before.find('@') + 1;
    const std::size_t colon = before.find(':', before.compare(host, 1, "[") == 0 ? before.find(']') : host);
    if (colon == std::string::npos || colon == 0 || url.find("://") != url.npos) return std::nullopt;
    address = {url.substr(0, colon), {}, url.substr(colon + 1)};
  }
  // ssh(1) wants an IPv6 address without its brackets.
  std::erase_if(address.host, [](char c) { return c == '[' || c == ']'; });
  return address;
}

Result<std::string> repository_url(const std::string& given) {
  std::error_code error;
  const bool is_url = given.find("://") != std::string::npos || ssh_address(given).has_value();
  if (is_url && !fs::is_directory(given, error)) {
    if (Status sane = scm::check_remote_url(given); !sane) return tl::unexpected<Error>(sane.error());
    return given;
  }
  const fs::path path = fs::canonical(given, error);
  if (error) {
    return fail(Errc::invalid,
                fmt::format("there is no repository at {}: {}", safe_line(given, false), error.message()));
  }
  const bool bare = fs::is_regular_file(path / "HEAD", error) && fs::is_directory(path / "objects", error) &&
                    fs::is_directory(path / "refs", error) && path.filename() != ".git";
  if (!bare) {
    const bool has_work_tree = path.filename() == ".git" || fs::exists(path / ".git", error);
    return tl::unexpected<Error>(
        not_bare(path.filename() == ".git" ? path.parent_path().string() : path.string(), has_work_tree)
            .error());
  }
  if (Status sane = scm::check_remote_url(path.string()); !sane) return tl::unexpected<Error>(sane.error());
  return path.string();
}

bool is_web_url(const std::string& url) {
  return url.starts_with("http://") || url.starts_with("https://");
}

std::string deploy_key_words(Style style, const boost::json::value& made) {
  const std::string key = text_at(made, "credentials/deploy_key/public_key");
  if (key.empty()) return {};
  return fmt::format("\nAdd this deploy key {}:\n  {}\n", safe_line(text_at(made, "deploy_key_place"), false),
                     paint(style, Colour::cyan, safe_line(key, false)));
}

Result<std::string> read_known_host(const std::string& given) {
  std::error_code error;
  if (!fs::is_regular_file(given, error)) return given;
  Result<std::string> text = read_file(given, kLargestKnownHosts);
  if (!text) return fail(Errc::invalid, text.error().message);
  return text;
}

Status install_hook(Processes& processes, const std::string& url, const scm::HookAddress& address) {
  const std::optional<SshAddress> ssh = ssh_address(url);
  const Result<ProcessEnd> end = run_beside(processes, url, scm::install_script(address));
  if (!end) return tl::unexpected<Error>(end.error());
  if (end->ok()) return {};
  const std::string said = last_words(*end);
  // Only our script ends so; every other end is that of a host which did not run it.
  const bool is_ours = end->exit_code >= kNotBare && end->exit_code <= kNotOurs;
  const bool no_shell = ssh && !is_ours && end->exit_code != kSshFailed && !end->timed_out;
  if (no_shell) {
    return fail(
        Errc::forbidden,
        fmt::format("the repository is connected, but its host gives no shell to install its hook in: "
                    "{}\nhave this run there, by whoever may write the repository's hooks, or poll it "
                    "instead (--poll 60s):  kiln repository hook {} > install-hook.sh; sh "
                    "install-hook.sh REPOSITORY_FOLDER",
                    said, shell_quote(url)));
  }
  std::string advice = "then run the same kiln connect again";
  if (end->exit_code == kNotBare)
    advice = "connect a bare repository, which kiln connect and git can both reach";
  if (end->exit_code == kNoCurl) advice = "install curl on the repository's host, " + advice;
  if (ssh && end->exit_code == kSshFailed)
    advice = fmt::format("make `ssh {}` work without a password, {}; or have it polled: --poll 60s",
                         ssh->host, advice);
  return fail(
      Errc::unavailable,
      fmt::format("the repository is connected, but its hook could not be installed: {}\n{}", said, advice));
}

Status remove_hook(Processes& processes, const std::string& url, const std::string& hook_path) {
  const Result<ProcessEnd> end = run_beside(processes, url, scm::remove_script(hook_path));
  if (!end) return tl::unexpected<Error>(end.error());
  if (end->ok()) return {};
  return fail(Errc::unavailable,
              fmt::format("the repository is disconnected, but its hook is still there: {}\ndelete "
                          "hooks/post-receive and hooks/kiln-hook.conf in it by hand",
                          last_words(*end)));
}

}  // namespace kiln::cli
