// How git gets to a host: where it may go, held there, and after the host has sent it elsewhere.
#include <fmt/format.h>

#include <csignal>
#include <optional>
#include <string_view>

#include "base/http_client.h"
#include "base/printable.h"
#include "base/strings.h"
#include "base/url_parts.h"
#include "model/clone_url.h"
#include "scm/git/git.h"
#include "scm/git/git_command.h"
#include "scm/git/host_slots.h"
#include "scm/git/mirror_files.h"
#include "scm/git/remote_place.h"
#include "scm/git/ssh_files.h"
#include "scm/git/ssh_route.h"

namespace kiln::scm {
namespace {

constexpr int kMostRedirects = 3;
constexpr std::size_t kLongestPlace = 300;
constexpr int kProbeTimeoutMs = 15'000;
constexpr std::string_view kRefs = "/info/refs?service=git-upload-pack";  // gitprotocol-http(5)

bool is_redirect(int status) {
  return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

// Where a host that did not serve `remote` says it is; nothing when it says no such thing. git itself follows
// no redirect, since nobody would have judged the place. Errors: Errc::forbidden for a place that git is not
// taken to whoever says so.
Result<std::optional<Remote>> moved_to(const Remote& remote, const Pins& pins) {
  HttpRequest request;
  request.url = remote.url + std::string(kRefs);
  request.timeout_ms = kProbeTimeoutMs;
  request.resolve = pins.curl;
  if (!remote.authorization.empty()) request.headers = {{"authorization", remote.authorization}};
  request.on_data = [](std::string_view) { return true; };
  CurlClient client;
  const Result<HttpResponse> answer = client.send(request);
  if (!answer || !is_redirect(answer->status)) return std::nullopt;
  std::string location(answer->header("location"));
  if (location.starts_with('/') && !location.starts_with("//")) {
    location = origin_of(remote.url) + location;
  }
  const auto refuse = [&](const char* why) {
    return fail(Errc::forbidden,
                fmt::format("{} redirects to {}, {}", strip_userinfo(remote.url),
                            printable(strip_userinfo(location), kLongestPlace), why),
                "url");
  };
  if (!location.ends_with(kRefs)) return refuse("which is no git repository's address");
  location.resize(location.size() - kRefs.size());
  if (const Status sane = check_remote_url(location); !sane || !is_http_url(location)) {
    return refuse("where git is not taken by a redirect");
  }
  if (remote.url.starts_with("https://") && !location.starts_with("https://")) {
    return refuse("which is not encrypted any more");
  }
  const Result<model::CleanUrl> clean = model::split_credentials(location);
  if (!clean || !clean->authorization.empty()) return refuse("with credentials in it");
  const bool same = origin_of(location) == origin_of(remote.url);
  return Remote{location, same ? remote.authorization : std::string()};
}

std::vector<std::string> with_url(std::vector<std::string> arguments, const std::string& asked,
                                  const std::string& url) {
  for (std::string& argument : arguments) {
    if (argument == asked) argument = url;
  }
  return arguments;
}

}  // namespace

Result<Pins> Git::way_to(const std::string& url) {
  Result<RemotePlace> place = place_of(url);
  if (!place) return tl::unexpected<Error>(place.error());
  if (place->transport != Transport::ssh) return reach_.judge(*place);
  const Result<SshRoute> route = ssh_route(processes_, url, *place);
  if (!route) return tl::unexpected<Error>(route.error());
  if (route->through_proxy) return Pins{};
  Result<Pins> pins = reach_.judge(route->place);
  if (pins && route->has_key_alias) pins->ssh.pop_back();
  return pins;
}

Status Git::may_reach(const std::string& url) {
  if (Status sane = check_remote_url(url); !sane) return sane;
  const Result<Pins> pins = way_to(url);
  if (!pins) return tl::unexpected<Error>(pins.error());
  return {};
}

Result<ProcessEnd> Git::run_at(const std::filesystem::path& mirror, const Remote& remote,
                               const std::vector<std::string>& arguments, int timeout_ms) {
  if (Status own = check_local_path(remote.url); !own) return tl::unexpected<Error>(own.error());
  const Result<SshFiles> files = SshFiles::write(remote.ssh, mirrors_);
  if (!files) return tl::unexpected<Error>(files.error());
  Remote at = remote;
  for (int hop = 0;; ++hop) {
    Result<Pins> pins = way_to(at.url);
    if (!pins) {
      if (hop == 0) return tl::unexpected<Error>(pins.error());
      return context(pins.error(), strip_userinfo(remote.url) + " redirects");
    }
    pins->ssh.insert(pins->ssh.begin(), files->options().begin(), files->options().end());
    ProcessSpec spec = git_spec_at(mirror, at, *pins, with_url(arguments, remote.url, at.url));
    spec.timeout_ms = timeout_ms;
    spec.max_file = limits_.max_bytes;
    Result<ProcessEnd> end = processes_.run(spec);
    if (end && !end->ok() && !mirror.empty() && has_half_pack_of(mirror, limits_.max_bytes)) {
      end->signal = SIGXFSZ;
    }
    if (!end || end->ok() || !was_redirected(*end) || hop == kMostRedirects) return end;
    Result<std::optional<Remote>> moved = moved_to(at, *pins);
    if (!moved) return tl::unexpected<Error>(moved.error());
    if (!*moved) return end;
    at = std::move(**moved);
  }
}

std::string Git::complaint_at(const Remote& remote, const ProcessEnd& end) const {
  const std::string where = strip_userinfo(remote.url);
  const Errc code = host_refusal(end);
  if (code == Errc::timeout) {
    return fmt::format("{} did not finish within {} s (git.timeout_seconds)", where,
                       limits_.timeout_ms / 1000);
  }
  if (code == Errc::too_large) {
    return fmt::format("{} sends more than {} bytes (git.max_size)", where, limits_.max_bytes);
  }
  if (!remote.ssh.host_keys.empty() && is_other_host_key(end)) {
    return fmt::format(
        "{} shows another key than the one that was pinned for it: either it was given a new one, or "
        "somebody "
        "stands between. Ask whoever runs it for its key (ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub "
        "there); if it is new, tell Kiln: kiln repository rotate REPOSITORY --known-host SHA256:…",
        host_of(remote.url));
  }
  if (!remote.ssh.keys.empty() && code == Errc::forbidden) {
    return fmt::format(
        "{} does not take the deploy key: add its public half there, which kiln repository list --json shows "
        "({})",
        host_of(remote.url), complaint(end));
  }
  if (remote.url.starts_with("http") && code == Errc::forbidden) {
    return fmt::format(
        "{} {} ({}): give a token that may read it, kiln repository rotate REPOSITORY --token-file FILE",
        host_of(remote.url),
        remote.authorization.empty() ? "asks for credentials" : "does not take the credentials",
        complaint(end));
  }
  return complaint(end);
}

}  // namespace kiln::scm
