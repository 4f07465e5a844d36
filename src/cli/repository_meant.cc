#include "cli/repository_meant.h"

#include "cli/ids.h"
#include "cli/print.h"
#include "cli/repository.h"

namespace kiln::cli {
namespace {

namespace json = boost::json;

constexpr IdKind kRepositoryIds{"connected repository", "kiln repository list"};

std::string full_name_of(const json::value& repository) {
  return text_at(repository, "provider_account_name") + "/" + text_at(repository, "repo_name");
}

}  // namespace

Result<json::array> repositories_of(Server& server) {
  const Result<json::value> all = server.get(server.own_path() + "/repositories");
  if (!all) return tl::unexpected<Error>(all.error());
  if (!all->is_array()) return fail(Errc::corrupt, "the server's answer is no list of repositories");
  return all->get_array();
}

Result<json::value> find_repository(Server& server, const std::string& given) {
  const Result<json::array> all = repositories_of(server);
  if (!all) return tl::unexpected<Error>(all.error());
  const Result<std::string> path = repository_url(given);
  json::array full;
  for (const json::value& one : *all) {
    const std::string url = text_at(one, "clone_url");
    if (url == given || (path && url == *path)) return one;
    if (full_name_of(one) == given) full.push_back(one);
  }
  if (full.size() == 1) return full.front();
  return pick(*all, {"repo_connection_uuid", "repo_name"}, kRepositoryIds, given);
}

}  // namespace kiln::cli
