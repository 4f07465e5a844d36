#include "scm/git/git_command.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <string_view>
#include <utility>

#include "base/fs.h"
#include "base/printable.h"
#include "base/strings.h"
#include "base/url_parts.h"

namespace kiln::scm {
namespace {

constexpr std::size_t kLongestComplaint = 500;
constexpr const char* kSshCommand =
    "GIT_SSH_COMMAND=ssh -oBatchMode=yes -oConnectTimeout=15 -oServerAliveInterval=15 "
    "-oServerAliveCountMax=2 "
    "-oClearAllForwardings=yes -oPermitLocalCommand=no";
constexpr const char* kDefaultPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

bool is_local(const std::string& url) {
  return !url.empty() && url.front() == '/';
}

using Settings = std::vector<std::pair<std::string, std::string>>;

Settings settings_for(const Remote* remote, const Pins& pins) {
  Settings settings = {
      {"core.hooksPath", "/dev/null"}, {"core.fsmonitor", "false"},      {"gc.auto", "0"},
      {"maintenance.auto", "false"},   {"safe.directory", "*"},          {"credential.helper", ""},
      {"fetch.unpackLimit", "1"},  // whole packs appear at once: a commit seen is a commit complete
      {"fetch.fsckObjects", "false"},  {"http.lowSpeedLimit", "1000"},   {"http.lowSpeedTime", "30"},
      {"submodule.recurse", "false"},  {"http.followRedirects", "false"}};
  if (!pins.curl.empty()) settings.emplace_back("http.curloptResolve", pins.curl);
  if (remote != nullptr && is_http_url(remote->url) && !remote->authorization.empty()) {
    settings.emplace_back("http." + origin_of(remote->url) + "/.extraHeader",
                          "Authorization: " + remote->authorization);
  }
  return settings;
}

void pass_on(std::vector<std::string>& environment, const char* name) {
  if (const char* value = std::getenv(name); value != nullptr) {
    environment.push_back(fmt::format("{}={}", name, value));
  }
}

// For the shell that git hands it to.
std::string ssh_command(const Pins& pins) {
  std::string command = kSshCommand;
  for (const std::string& option : pins.ssh) command += fmt::format(" '{}'", option);
  return command;
}

std::vector<std::string> environment_for(const Remote* remote, const Pins& pins) {
  const char* path = std::getenv("PATH");
  std::vector<std::string> environment = {
      fmt::format("PATH={}", path != nullptr ? path : kDefaultPath),
      "HOME=/nonexistent",
      "LC_ALL=C",
      "GIT_CONFIG_NOSYSTEM=1",
      "GIT_CONFIG_GLOBAL=/dev/null",
      "GIT_ATTR_NOSYSTEM=1",
      "GIT_TERMINAL_PROMPT=0",
      "GIT_ASKPASS=/bin/false",
      "GIT_LITERAL_PATHSPECS=1",
      "GIT_OPTIONAL_LOCKS=0",
      "GIT_NO_REPLACE_OBJECTS=1",
      ssh_command(pins),
      fmt::format("GIT_ALLOW_PROTOCOL={}",
                  remote == nullptr ? "none" : (is_local(remote->url) ? "file" : "https:http:ssh"))};
  const Settings settings = settings_for(remote, pins);
  environment.push_back(fmt::format("GIT_CONFIG_COUNT={}", settings.size()));
  for (std::size_t i = 0; i < settings.size(); ++i) {
    environment.push_back(fmt::format("GIT_CONFIG_KEY_{}={}", i, settings[i].first));
    environment.push_back(fmt::format("GIT_CONFIG_VALUE_{}={}", i, settings[i].second));
  }
  if (remote != nullptr) {
    for (const char* name : {"http_proxy", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY", "no_proxy",
                             "NO_PROXY", "SSL_CERT_FILE", "SSL_CERT_DIR", "GIT_SSL_CAINFO"}) {
      pass_on(environment, name);
    }
  }
  return environment;
}

ProcessSpec spec_of(const std::filesystem::path& repository, std::vector<std::string> arguments,
                    std::vector<std::string> environment) {
  ProcessSpec spec;
  spec.argv = {"git"};
  if (!repository.empty()) spec.argv.push_back("--git-dir=" + repository.string());
  for (std::string& argument : arguments) spec.argv.push_back(std::move(argument));
  spec.environment = std::move(environment);
  return spec;
}

constexpr unsigned kNobody = 65'534;
constexpr int kFolderItself = O_PATH | O_DIRECTORY;

// "setpriv … " where we are root and the local repository is somebody else's; empty elsewhere. Who looks
// through a link looks at another's: whoever may put one there gets nobody's rights (check_local_path() says
// it).
std::string as_owner_of(const std::string& path) {
  if (geteuid() != 0) return {};
  struct stat info {};
  const Fd folder = open_without_links(path, kFolderItself);
  if (!folder || fstat(folder.get(), &info) != 0) info.st_uid = info.st_gid = kNobody;
  if (info.st_uid == 0) return {};
  return fmt::format("setpriv --reuid={} --regid={} --clear-groups --inh-caps=-all --no-new-privs ",
                     info.st_uid, info.st_gid);
}

}  // namespace

std::vector<std::string> ssh_options() {
  const std::string_view command = kSshCommand;
  std::vector<std::string> words = split(command.substr(command.find(' ') + 1), ' ');
  words.erase(std::remove(words.begin(), words.end(), std::string()), words.end());
  return words;
}

bool is_http_url(const std::string& url) {
  return url.starts_with("http://") || url.starts_with("https://");
}

ProcessSpec git_spec(const std::filesystem::path& repository, std::vector<std::string> arguments) {
  return spec_of(repository, std::move(arguments), environment_for(nullptr, {}));
}

ProcessSpec git_spec_at(const std::filesystem::path& repository, const Remote& remote, const Pins& pins,
                        std::vector<std::string> arguments) {
  return spec_of(repository, std::move(arguments), environment_for(&remote, pins));
}

Status check_local_path(const std::string& url) {
  if (!is_local(url) || geteuid() != 0) return {};
  if (open_without_links(url, kFolderItself) || errno != ELOOP) return {};
  std::error_code error;
  const std::filesystem::path real = std::filesystem::canonical(url, error);
  return fail(
      Errc::forbidden,
      fmt::format("{} is reached through a link, which whoever owns it can lead elsewhere, and the server is "
                  "root: connect the repository by its own path{}",
                  url, error ? std::string() : ", " + real.string()),
      "url");
}

std::string upload_pack_option(const Remote& remote) {
  if (!is_local(remote.url)) return {};
  // A repository there may belong to another user; serving it runs none of its code once hooks are off.
  return "--upload-pack=" + as_owner_of(remote.url) +
         "git -c safe.directory='*' -c core.hooksPath=/dev/null -c "
         "uploadpack.allowAnySHA1InWant=true "
         "upload-pack";
}

std::string receive_pack_option(const Remote& remote) {
  if (!is_local(remote.url)) return {};
  // One pack instead of loose objects: no folder of ours then stands in the way of the repository's owner.
  return "--receive-pack=" + as_owner_of(remote.url) +
         "git -c safe.directory='*' -c core.hooksPath=/dev/null -c "
         "core.alternateRefsCommand=true -c receive.denyCurrentBranch=refuse -c receive.autogc=false -c "
         "receive.unpackLimit=1 receive-pack";
}

std::string strip_userinfo(std::string text) {
  std::size_t from = 0;
  while ((from = text.find("://", from)) != text.npos) {
    from += 3;
    const std::size_t end = std::min(text.find_first_of("/?# '\"\t\n", from), text.size());
    const std::size_t at = text.rfind('@', end);
    if (at != text.npos && at >= from && at < end) text.erase(from, at + 1 - from);
  }
  return text;
}

std::string complaint(const ProcessEnd& end) {
  if (end.timed_out) return "git did not finish in time";
  std::string last;
  std::string fatal;
  for (const std::string& line : split(end.err, '\n')) {
    const std::string_view words = trim(line);
    if (words.empty()) continue;
    last = words;
    if (fatal.empty() && (words.starts_with("fatal:") || words.starts_with("ERROR:"))) fatal = words;
  }
  // After "fatal: …" git adds general advice in several lines; the first fatal line is the one that says what
  // happened.
  std::string said = strip_userinfo(fatal.empty() ? last : fatal);
  if (said.empty()) said = fmt::format("git ended with exit code {}, signal {}", end.exit_code, end.signal);
  return printable(said, kLongestComplaint);
}

Errc host_refusal(const ProcessEnd& end) {
  if (end.timed_out) return Errc::timeout;
  // The pack grew beyond ProcessSpec::max_file (Git::run_at).
  if (end.signal == SIGXFSZ) return Errc::too_large;
  for (const std::string_view words :
       {"Authentication failed", "could not read Username", "could not read Password", "Permission denied",
        "Host key verification failed", "error: 403", "error: 401"}) {
    if (end.err.find(words) != std::string::npos) return Errc::forbidden;
  }
  for (const std::string_view words :
       {"does not appear to be a git repository", "not found", "does not exist", "error: 404"}) {
    if (end.err.find(words) != std::string::npos) return Errc::not_found;
  }
  return Errc::unavailable;
}

bool was_redirected(const ProcessEnd& end) {
  return end.err.find("returned error: 30") != std::string::npos;
}

bool is_other_host_key(const ProcessEnd& end) {
  return end.err.find("Host key verification failed") != std::string::npos;
}

bool is_commit_hash(const std::string& text) {
  return (text.size() == 40 || text.size() == 64) &&
         text.find_first_not_of("0123456789abcdef") == std::string::npos;
}

}  // namespace kiln::scm
