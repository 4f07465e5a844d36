// What became of a repository at its host.
#include <fmt/format.h>

#include "base/log.h"
#include "base/printable.h"
#include "model/clone_url.h"
#include "queue/queue.h"

namespace kiln::queue {
namespace {

using Became = model::RepositoryNews::What;

constexpr std::size_t kLongestUrl = 2'048;

// The connection under the names of now. An address that is not at the host that it was at is no news of a
// repository: it is where somebody would like builds to be fetched from. Nor is one with controls in it, or
// with credentials.
model::RepoConnection renamed(model::RepoConnection connection, const model::RepositoryNews& news,
                              TimeMs now) {
  const std::size_t slash = news.repo_full_name.rfind('/');
  const std::string owner = news.repo_full_name.substr(0, slash);
  connection.provider_account_name = printable(owner.substr(owner.rfind('/') + 1));
  connection.repo_name = printable(news.repo_full_name.substr(slash + 1));
  const std::string& url = news.clone_url;
  const bool is_plain = printable(url, kLongestUrl) == url && model::without_credentials(url) == url;
  if (is_plain && model::same_origin(connection.clone_url, url)) connection.clone_url = url;
  connection.modified_on = now;
  return connection;
}

std::string words_for_rename(const model::RepoConnection& now, const model::RepositoryNews& news) {
  const std::string name = printable(news.repo_full_name);
  if (now.clone_url == news.clone_url)
    return fmt::format("the repository is {} now, and cloned from {}", name, printable(now.clone_url));
  return fmt::format(
      "the repository is {} now; it is still cloned from {}, connect it again if that does not lead there",
      name, printable(now.clone_url));
}

}  // namespace

Result<Taken> Queue::take_repository_news(const model::RepoConnection& connection,
                                          const model::RepositoryNews& news,
                                          const model::DeliveryOrigin& origin) {
  if (news.what == Became::deleted) {
    return take_nothing(
        connection, origin, news.delivery_id,
        "the repository was deleted at its host: nothing feeds its triggers any more; what is "
        "deployed stays, delete the triggers or connect the Worker to another repository");
  }
  if (news.what == Became::default_branch) {
    return take_nothing(
        connection, origin, news.delivery_id,
        fmt::format("the repository's default branch is {} now; triggers build the branches that "
                    "they name, change those that should follow",
                    printable(news.default_branch)));
  }
  const std::size_t slash = news.repo_full_name.find('/');
  if (slash == 0 || slash == std::string::npos || news.repo_full_name.back() == '/')
    return take_nothing(connection, origin, news.delivery_id, "the repository's new name is none");
  const Result<std::optional<model::RepoConnection>> now =
      connections_.follow_rename(renamed(connection, news, clock_.now()), news.updated_on);
  if (!now) return tl::unexpected<Error>(now.error());
  if (!*now)
    return take_nothing(connection, origin, news.delivery_id,
                        "the repository was renamed again since, and that is known already");
  return take_nothing(**now, origin, news.delivery_id, words_for_rename(**now, news));
}

}  // namespace kiln::queue
