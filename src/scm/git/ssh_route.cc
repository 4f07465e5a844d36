#include "scm/git/ssh_route.h"

#include <fmt/format.h>

#include <string_view>

#include "base/strings.h"
#include "scm/git/git_command.h"

namespace kiln::scm {
namespace {

// What stands before the '@', which "Match user" of a configuration may look at.
std::string user_of(const std::string& url) {
  const std::size_t scheme = url.find("://");
  const std::size_t from = scheme == std::string::npos ? 0 : scheme + 3;
  const std::size_t at = url.find('@', from);
  return at == std::string::npos || at > url.find('/', from) ? std::string() : url.substr(from, at - from);
}

// The port, the user and the host of a remote.
void add_place(std::vector<std::string>& words, const std::string& url, const RemotePlace& place) {
  if (!place.port.empty()) words.insert(words.end(), {"-p", place.port});
  if (const std::string user = user_of(url); !user.empty()) words.insert(words.end(), {"-l", user});
  words.insert(words.end(), {"--", place.host});
}

}  // namespace

std::vector<std::string> ssh_words(const std::string& url, const RemotePlace& place, const Pins& pins) {
  std::vector<std::string> words = ssh_options();
  words.insert(words.begin(), "ssh");
  words.insert(words.end(), pins.ssh.begin(), pins.ssh.end());
  add_place(words, url, place);
  return words;
}

Result<SshRoute> ssh_route(Processes& processes, const std::string& url, const RemotePlace& place) {
  ProcessSpec spec;
  spec.argv = {"ssh", "-G"};
  add_place(spec.argv, url, place);
  spec.environment = git_spec({}, {}).environment;
  const Result<ProcessEnd> end = processes.run(spec);
  if (!end) return tl::unexpected<Error>(end.error());
  if (!end->ok())
    return fail(Errc::invalid, fmt::format("ssh to {}: {}", place.host, complaint(*end)), "url");
  SshRoute route{place, false, false};
  for (const std::string& line : split(end->out, '\n')) {
    const std::size_t space = line.find(' ');
    if (space == std::string::npos) continue;
    const std::string_view key = std::string_view(line).substr(0, space);
    const std::string value = line.substr(space + 1);
    if (key == "hostname") route.place.host = to_lower(value);
    if (key == "port") route.place.port = value;
    if (key == "hostkeyalias") route.has_key_alias = true;
    if ((key == "proxyjump" || key == "proxycommand") && value != "none") route.through_proxy = true;
  }
  return route;
}

}  // namespace kiln::scm
