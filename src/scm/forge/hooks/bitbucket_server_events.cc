#include "scm/forge/hooks/bitbucket_server_events.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "scm/forge/hooks/fields.h"

namespace kiln::scm {
namespace {

constexpr std::string_view kBitbucketServerProvider = "bitbucket_server";
constexpr std::size_t kMostServerRefs = 1'000;
constexpr std::string_view kHeads = "refs/heads/";

constexpr std::array<std::string_view, 8> kServerEvents = {
    "repo:refs_changed", "repo:modified", "pr:opened",   "pr:from_ref_updated",
    "pr:modified",       "pr:merged",     "pr:declined", "pr:deleted"};

struct ServerRepo {
  std::string id;
  std::string full_name;  // PROJECT/slug
  std::string owner;      // PROJECT; of a person's fork "~ada"
  std::string clone_url;
};

// The address to clone over http, where the event lists it.
std::string server_clone_url(const json::object& repository) {
  const json::object* links = object_at(repository, "links");
  const json::array* clones = links == nullptr ? nullptr : array_at(*links, "clone");
  if (clones == nullptr) return {};
  for (const json::value& clone : *clones) {
    const json::object* fields = clone.if_object();
    if (fields != nullptr && text_at(*fields, "name").starts_with("http")) return text_at(*fields, "href");
  }
  return {};
}

Result<ServerRepo> server_repo(const json::object* repository) {
  if (repository == nullptr || id_at(*repository).empty()) return missing("the event", "repository");
  const json::object* project = object_at(*repository, "project");
  ServerRepo repo;
  repo.id = id_at(*repository);
  repo.owner = project == nullptr ? std::string() : text_at(*project, "key");
  repo.full_name = repo.owner + "/" + text_at(*repository, "slug");
  repo.clone_url = server_clone_url(*repository);
  return repo;
}

std::string server_user(const json::object& event, std::string_view name) {
  const json::object* user = object_at(event, name);
  return user == nullptr ? std::string() : text_at(*user, "name");
}

Result<model::PushEvent> server_change(const json::object& change) {
  model::PushEvent push;
  const json::object* ref = object_at(change, "ref");
  push.ref = ref == nullptr ? text_at(change, "refId") : text_at(*ref, "id");
  if (!push.ref.starts_with("refs/")) return fail(Errc::invalid, "ref is not a full ref name", "ref");
  const Result<std::string> before = commit_at(change, "fromHash");
  if (!before) return tl::unexpected<Error>(before.error());
  const Result<std::string> after = commit_at(change, "toHash");
  if (!after) return tl::unexpected<Error>(after.error());
  push.before = *before;
  push.after = *after;
  return push;
}

// Newer releases send the commit that the first ref points to now.
void read_to_commit(const json::object& event, model::PushEvent& push) {
  const json::object* commit = object_at(event, "toCommit");
  if (commit == nullptr || text_at(*commit, "id") != push.after) return;
  push.head_message = text_at(*commit, "message");
  push.author = server_user(*commit, "author");
}

Status read_server_ends(const json::object& request, const ServerRepo& own, model::PullRequestEvent& news) {
  const json::object* from = object_at(request, "fromRef");
  if (from == nullptr) return missing("the pull request", "fromRef");
  const std::string ref = text_at(*from, "id");
  if (!ref.starts_with(kHeads) || ref.size() == kHeads.size())
    return missing("the pull request", "fromRef.id");
  news.head_branch = ref.substr(kHeads.size());
  const Result<std::string> head = commit_at(*from, "latestCommit");
  if (!head) return tl::unexpected<Error>(head.error());
  if (head->empty()) return missing("the pull request", "fromRef.latestCommit");
  news.head_commit = *head;
  const Result<ServerRepo> theirs = server_repo(object_at(*from, "repository"));
  news.from_fork = !theirs || theirs->id != own.id;
  if (theirs) news.head_owner = theirs->owner;
  const json::object* to = object_at(request, "toRef");
  if (const Result<std::string> base = commit_of(text_at(*to, "latestCommit"), "latestCommit"))
    news.base_commit = *base;
  return {};
}

}  // namespace

bool is_bitbucket_server_event(std::string_view event) {
  return std::find(kServerEvents.begin(), kServerEvents.end(), event) != kServerEvents.end();
}

Result<model::ScmEvent> parse_bitbucket_server_push(const json::object& event,
                                                    const std::string& delivery_key) {
  const Result<ServerRepo> repo = server_repo(object_at(event, "repository"));
  if (!repo) return tl::unexpected<Error>(repo.error());
  const json::array* changes = array_at(event, "changes");
  if (changes == nullptr) return missing("the event", "changes");
  if (changes->size() > kMostServerRefs)
    return fail(Errc::invalid, "the push names more than 1,000 refs", "changes");
  const std::string actor = server_user(event, "actor");
  std::vector<model::PushEvent> pushes;
  for (const json::value& change : *changes) {
    const json::object* fields = change.if_object();
    if (fields == nullptr) return missing("the push", "changes");
    Result<model::PushEvent> one = server_change(*fields);
    if (!one) return tl::unexpected<Error>(one.error());
    one->provider = kBitbucketServerProvider;
    one->delivery_id = delivery_key;
    one->repo_id = repo->id;
    one->repo_full_name = repo->full_name;
    one->clone_url = repo->clone_url;
    read_to_commit(event, *one);
    one->pusher = actor;
    if (one->author.empty()) one->author = actor;
    pushes.push_back(std::move(*one));
  }
  if (pushes.empty()) return model::ScmEvent(model::IgnoredEvent{"the push changed no ref"});
  return model::ScmEvent(std::move(pushes));
}

Result<model::ScmEvent> parse_bitbucket_server_pull_request(const json::object& event, std::string_view name,
                                                            const std::string& delivery_key) {
  const json::object* request = object_at(event, "pullRequest");
  if (request == nullptr) return missing("the event", "pullRequest");
  const Result<ServerRepo> repo = server_repo(object_at(*request, {"toRef", "repository"}));
  if (!repo) return tl::unexpected<Error>(repo.error());
  model::PullRequestEvent news;
  news.provider = kBitbucketServerProvider;
  news.delivery_id = delivery_key;
  news.repo_id = repo->id;
  news.repo_full_name = repo->full_name;
  const auto number = number_at(*request, "id");
  if (!number || *number < 1) return missing("the pull request", "id");
  news.number = *number;
  const json::object* links = object_at(*request, "links");
  const json::array* self = links == nullptr ? nullptr : array_at(*links, "self");
  if (self != nullptr && !self->empty() && self->front().is_object())
    news.url = text_at(self->front().get_object(), "href");
  news.title = text_at(*request, "title");
  if (const json::object* author = object_at(*request, "author")) news.author = server_user(*author, "user");
  if (const Status read = read_moments(*request, "createdDate", "updatedDate", news); !read)
    return tl::unexpected<Error>(read.error());
  news.open = text_at(*request, "state") == "OPEN" && name != "pr:deleted";
  news.new_commits = name == "pr:opened" || name == "pr:from_ref_updated";
  if (Status read = read_server_ends(*request, *repo, news); !read)
    return tl::unexpected<Error>(read.error());
  return model::ScmEvent(std::move(news));
}

Result<model::ScmEvent> parse_bitbucket_server_rename(const json::object& event,
                                                      const std::string& delivery_key) {
  const Result<ServerRepo> now = server_repo(object_at(event, "new"));
  if (!now) return tl::unexpected<Error>(now.error());
  const Result<ServerRepo> before = server_repo(object_at(event, "old"));
  if (before && before->full_name == now->full_name)
    return model::ScmEvent(model::IgnoredEvent{"repo:modified builds nothing"});
  model::RepositoryNews news;
  const bool is_moved = before && before->owner != now->owner;
  news.what = is_moved ? model::RepositoryNews::What::transferred : model::RepositoryNews::What::renamed;
  news.provider = kBitbucketServerProvider;
  news.delivery_id = delivery_key;
  news.repo_id = now->id;
  news.repo_full_name = now->full_name;
  news.clone_url = now->clone_url;
  return model::ScmEvent(std::move(news));
}

}  // namespace kiln::scm
