// Contents of Git LFS: asked for with the remote's credentials, checked by their hash, and laid down in the
// mirror, where builds find them. Nothing of git's own is run, so no filter or setting of a repository is
// obeyed. Where the server sends us is judged as every address is that git goes to.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <set>

#include "base/http_client.h"
#include "base/strings.h"
#include "model/clone_url.h"
#include "scm/git/git.h"
#include "scm/git/git_command.h"
#include "scm/git/lfs_api.h"
#include "scm/git/lfs_store.h"
#include "scm/git/remote_place.h"
#include "scm/git/ssh_files.h"
#include "scm/git/ssh_route.h"

namespace kiln::scm {
namespace {

namespace fs = std::filesystem;
using Deadline = std::chrono::steady_clock::time_point;

constexpr const char* kMediaType = "application/vnd.git-lfs+json";
constexpr std::size_t kMostInABatch = 100;
constexpr std::size_t kLongestAnswer = 4U << 20U;
constexpr int kOk = 200;

bool has_authorization(const LfsHeaders& headers) {
  return std::any_of(headers.begin(), headers.end(),
                     [](const auto& field) { return to_lower(field.first) == "authorization"; });
}

int ms_left(Deadline deadline) {
  const auto left =
      std::chrono::duration_cast<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
  return static_cast<int>(std::max<std::int64_t>(left.count(), 1));
}

std::vector<LfsObject> one_of_each(const std::vector<LfsObject>& objects) {
  std::vector<LfsObject> out;
  std::set<std::string> seen;
  for (const LfsObject& one : objects) {
    if (seen.insert(one.oid).second) out.push_back(one);
  }
  return out;
}

}  // namespace

// Credentials of the remote go to its own scheme, host and port, where nothing else was given for it.
Result<HttpResponse> Git::ask_lfs(const Remote& remote, HttpRequest request) {
  if (!is_http_url(request.url))
    return fail(Errc::forbidden, "the LFS server names an address that is not HTTP(S)");
  if (Status sane = check_remote_url(request.url); !sane) return tl::unexpected<Error>(sane.error());
  const Result<Pins> pins = way_to(request.url);
  if (!pins) return tl::unexpected<Error>(pins.error());
  request.resolve = pins->curl;
  const bool is_own = model::same_origin(remote.url, request.url);
  if (is_own && !remote.authorization.empty() && !has_authorization(request.headers))
    request.headers.emplace_back("authorization", remote.authorization);
  CurlClient client;
  return client.send(request);
}

Result<LfsServer> Git::lfs_server(const Remote& remote) {
  if (is_http_url(remote.url)) return LfsServer{lfs_server_of(remote.url), {}};
  const Result<RemotePlace> place = place_of(remote.url);
  if (!place) return tl::unexpected<Error>(place.error());
  Result<Pins> pins = way_to(remote.url);
  if (!pins) return tl::unexpected<Error>(pins.error());
  const Result<SshFiles> files = SshFiles::write(remote.ssh, mirrors_);
  if (!files) return tl::unexpected<Error>(files.error());
  pins->ssh.insert(pins->ssh.begin(), files->options().begin(), files->options().end());
  const Result<std::string> command = lfs_ssh_command(remote.url);
  if (!command) return tl::unexpected<Error>(command.error());
  ProcessSpec spec;
  spec.argv = ssh_words(remote.url, *place, *pins);
  spec.argv.push_back(*command);
  spec.environment = git_spec({}, {}).environment;
  spec.max_output = kLongestAnswer;
  const Result<ProcessEnd> end = processes_.run(spec);
  if (!end) return tl::unexpected<Error>(end.error());
  if (!end->ok()) return fail(host_refusal(*end), complaint(*end));
  return parse_lfs_server(end->out);
}

Result<std::vector<LfsPlace>> Git::lfs_places(const Remote& remote, const LfsServer& server,
                                              const std::vector<LfsObject>& batch, int timeout_ms) {
  HttpRequest request;
  request.method = "POST";
  request.url = server.url + "/objects/batch";
  request.headers = server.headers;
  request.headers.emplace_back("accept", kMediaType);
  request.headers.emplace_back("content-type", kMediaType);
  request.body = lfs_batch_body(batch);
  request.timeout_ms = timeout_ms;
  std::string text;
  request.on_data = [&text](std::string_view part) {
    text += part;
    return text.size() <= kLongestAnswer;
  };
  const Result<HttpResponse> answer = ask_lfs(remote, std::move(request));
  if (!answer) return tl::unexpected<Error>(answer.error());
  if (answer->status != kOk) {
    return fail(answer->status == 401 || answer->status == 403 ? Errc::forbidden : Errc::not_found,
                fmt::format("the repository's LFS server answered HTTP {}", answer->status));
  }
  return parse_lfs_batch(text, batch);
}

Status Git::download_lfs(const Remote& remote, const LfsPlace& place, const std::filesystem::path& store,
                         int timeout_ms) {
  if (!place.refused.empty()) return fail(Errc::not_found, place.refused);
  NewLfsObject made(store, place.object);
  if (Status opened = made.open(); !opened) return opened;
  HttpRequest request;
  request.url = place.href;
  request.headers = place.headers;
  request.timeout_ms = timeout_ms;
  request.on_data = [&made](std::string_view bytes) { return made.add(bytes); };
  const Result<HttpResponse> answer = ask_lfs(remote, std::move(request));
  if (answer && answer->status != kOk)
    return fail(Errc::unavailable, fmt::format("its place answered HTTP {}", answer->status));
  if (!answer && answer.error().code == Errc::timeout)
    return fail(Errc::timeout,
                fmt::format("not within {} s (git.timeout_seconds)", limits_.timeout_ms / 1000));
  if (!answer) return tl::unexpected<Error>(answer.error());
  return made.keep();
}

Result<LfsFetched> Git::fetch_lfs(const Remote& remote, const std::vector<LfsObject>& objects) {
  const Deadline deadline = std::chrono::steady_clock::now() + std::chrono::milliseconds(limits_.timeout_ms);
  const Result<fs::path> mirror_folder = mirror(remote);
  if (!mirror_folder) return tl::unexpected<Error>(mirror_folder.error());
  const fs::path store = *mirror_folder / "lfs" / "objects";
  std::vector<LfsObject> wanted = one_of_each(objects);
  LfsFetched fetched;
  fetched.there = wanted.size();
  wanted.erase(std::remove_if(wanted.begin(), wanted.end(),
                              [&](const LfsObject& one) { return has_lfs_object(store, one); }),
               wanted.end());
  std::uint64_t bytes = 0;
  for (const LfsObject& one : wanted) {
    if (one.size > limits_.max_bytes - bytes)
      return fail(Errc::too_large,
                  fmt::format("they are more than {} bytes together (git.max_size)", limits_.max_bytes));
    bytes += one.size;
  }
  const auto miss = [&fetched](const LfsObject& one, const Error& why) {
    --fetched.there;
    ++fetched.missing;
    if (fetched.why.empty()) fetched.why = fmt::format("{}: {}", one.oid, strip_userinfo(why.message));
  };
  if (remote.url.starts_with('/')) {
    for (const LfsObject& one : wanted) {
      if (const Status copied = copy_lfs_object(remote.url, store, one); !copied) miss(one, copied.error());
    }
    return fetched;
  }
  if (wanted.empty()) return fetched;
  const Result<LfsServer> server = lfs_server(remote);
  if (!server) return tl::unexpected<Error>(server.error());
  for (std::size_t from = 0; from < wanted.size(); from += kMostInABatch) {
    const std::size_t to = std::min(from + kMostInABatch, wanted.size());
    const std::vector<LfsObject> batch(wanted.begin() + static_cast<std::ptrdiff_t>(from),
                                       wanted.begin() + static_cast<std::ptrdiff_t>(to));
    const Result<std::vector<LfsPlace>> places = lfs_places(remote, *server, batch, ms_left(deadline));
    if (!places) return tl::unexpected<Error>(places.error());
    for (const LfsPlace& place : *places) {
      if (const Status done = download_lfs(remote, place, store, ms_left(deadline)); !done)
        miss(place.object, done.error());
    }
  }
  return fetched;
}

}  // namespace kiln::scm
