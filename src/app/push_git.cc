#include "app/push_git.h"

#include <fmt/format.h>

#include "app/commits.h"
#include "base/log.h"

namespace kiln::app {
namespace {

constexpr std::size_t kPerHost = 2;
constexpr std::size_t kAllHosts = 12;
constexpr std::size_t kSlow = 20;  // ten hosts that say nothing take no place of those that answer
constexpr std::size_t kLocal = 4;  // threads for repositories of this machine

}  // namespace

PushGit::PushGit(scm::Git& git, const RepoKeys& keys)
    : git_(git), keys_(keys), hosts_({kPerHost, kAllHosts, kSlow}) {}

void PushGit::start() {
  threads_.start(static_cast<int>(kAllHosts + kSlow + kLocal));
}

void PushGit::stop() {
  threads_.stop();
}

template <typename Answer>
std::optional<Answer> PushGit::ask(const std::string& url, api::HookDeps::Until until,
                                   std::function<Answer()> question) {
  std::optional<scm::HostSlots::Slot> slot = hosts_.take(url, until);
  if (!slot) {
    log::warn("a push is taken in without asking git: {}", hosts_.refusal(url).message);
    return std::nullopt;
  }
  // A task can be copied, a place cannot.
  auto held = std::make_shared<scm::HostSlots::Slot>(std::move(*slot));
  auto asked = std::make_shared<std::packaged_task<Answer()>>(std::move(question));
  std::future<Answer> coming = asked->get_future();
  threads_.add([held = std::move(held), asked = std::move(asked)] { (*asked)(); });
  if (coming.wait_until(until) == std::future_status::ready) return coming.get();
  log::warn("a push is taken in without what git says of it: {} has not answered yet", scm::host_of(url));
  return std::nullopt;
}

model::ChangedFiles PushGit::changed_files(const model::RepoConnection& connection,
                                           const model::PushEvent& push, api::HookDeps::Until until) {
  // Its credentials may have to be asked for at the host, which is waited for no longer than git is.
  const auto question = [this, connection, before = push.before, after = push.after] {
    const Result<scm::Remote> remote = remote_of(keys_, connection);
    return remote ? git_.changed_files(*remote, before, after, "") : model::ChangedFiles{};
  };
  return ask<model::ChangedFiles>(connection.clone_url, until, question).value_or(model::ChangedFiles{});
}

std::optional<bool> PushGit::is_ancestor(const model::RepoConnection& connection, const std::string& ancestor,
                                         const std::string& descendant, api::HookDeps::Until until) {
  const auto question = [this, connection, ancestor, descendant]() -> Result<bool> {
    const Result<scm::Remote> remote = remote_of(keys_, connection);
    if (!remote) return tl::unexpected<Error>(remote.error());
    return git_.is_ancestor(*remote, ancestor, descendant);
  };
  const auto found = ask<Result<bool>>(connection.clone_url, until, question);
  if (!found || !*found) return std::nullopt;
  return **found;
}

Result<queue::Queue::CommitText> PushGit::commit(const model::RepoConnection& connection,
                                                 const std::string& hash, api::HookDeps::Until until) {
  const auto found = ask<Result<api::CommitInfo>>(connection.clone_url, until, [this, connection, hash] {
    return find_commit(git_, keys_, connection, {}, hash);
  });
  if (!found) return fail(Errc::timeout, "git has not answered within the moment that a push waits for it");
  if (!*found) return tl::unexpected<Error>(found->error());
  return queue::Queue::CommitText{(*found)->author, (*found)->message};
}

}  // namespace kiln::app
