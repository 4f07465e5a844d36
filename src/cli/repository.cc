#include "cli/repository.h"

#include <fmt/format.h>

#include <filesystem>

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

}  // namespace

std::optional<SshAddress> ssh_address(const std::string& url) {
  constexpr std::string_view scheme = "ssh://";
  if (url.starts_with(scheme)) {
    const std::string rest = url.substr(scheme.size());
    const std::size_t slash = rest.find('/');
    if (slash == std::string::npos) return std::nullopt;
    SshAddress address{rest.substr(0, slash), {}, rest.substr(slash)};
    const std::size_t colon = address.host.rfind(':');
    if (colon != std::string::npos && address.host.find(']', colon) == std::string::npos) {
      address.port = address.host.substr(colon + 1);
      address.host.resize(colon);
    }
    return address;
  }
  const std::size_t colon = url.find(':');
  const bool other =
      url.empty() || url.front() == '/' || colon == std::string::npos || url.find("://") != url.npos;
  if (other || url.find('@') > colon) return std::nullopt;
  return SshAddress{url.substr(0, colon), {}, url.substr(colon + 1)};
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

Status install_hook(Processes& processes, const std::string& url, const scm::HookAddress& address) {
  ProcessSpec spec;
  const std::optional<SshAddress> ssh = ssh_address(url);
  std::string place = url;
  if (ssh) {
    place = ssh->path;
    spec.argv = {"ssh", "-oBatchMode=yes", "-oConnectTimeout=15"};
    if (!ssh->port.empty()) spec.argv.insert(spec.argv.end(), {"-p", ssh->port});
    spec.argv.insert(spec.argv.end(), {"--", ssh->host, "sh -s -- " + shell_quote(place)});
  } else {
    spec.argv = {"/bin/sh", "-s", "--", place};
  }
  spec.environment = own_environment();
  spec.input = scm::install_script(address);  // on stdin: it holds the secret
  spec.timeout_ms = kInstallTimeoutMs;
  const Result<ProcessEnd> end = processes.run(spec);
  if (!end) return tl::unexpected<Error>(end.error());
  if (end->ok()) return {};
  std::string said = safe_line(trim(end->err).substr(trim(end->err).rfind('\n') + 1), false);
  if (end->timed_out) said = "it did not finish within a minute";
  std::string advice = "then run the same kiln connect again";
  if (end->exit_code == kNotBare)
    advice = "connect a bare repository, which kiln connect and git can both reach";
  if (end->exit_code == kNoCurl) advice = "install curl on the repository's host, " + advice;
  if (ssh && end->exit_code == 255)
    advice = fmt::format("make `ssh {}` work without a password, {}", ssh->host, advice);
  return fail(
      Errc::unavailable,
      fmt::format("the repository is connected, but its hook could not be installed: {}\n{}", said, advice));
}

}  // namespace kiln::cli
