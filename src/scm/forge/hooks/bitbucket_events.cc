#include "scm/forge/hooks/bitbucket_events.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "scm/forge/hooks/fields.h"

namespace kiln::scm {
namespace {

constexpr std::string_view kBitbucketProvider = "bitbucket";
constexpr std::size_t kMostBitbucketRefs = 1'000;

constexpr std::array<std::string_view, 8> kBitbucketEvents = {
    "repo:push",           "repo:updated",        "repo:transfer",         "repo:deleted",
    "pullrequest:created", "pullrequest:updated", "pullrequest:fulfilled", "pullrequest:rejected"};

struct BitbucketRepo {
  std::string id;
  std::string full_name;
  std::string clone_url;
};

Result<BitbucketRepo> bitbucket_repo(const json::object& event) {
  const json::object* repository = object_at(event, "repository");
  if (repository == nullptr) return missing("the event", "repository");
  BitbucketRepo repo{text_at(*repository, "uuid"), text_at(*repository, "full_name"), {}};
  const json::object* page = object_at(*repository, {"links", "html"});
  const std::string href = page == nullptr ? std::string() : text_at(*page, "href");
  if (!href.empty()) repo.clone_url = href + ".git";
  return repo;
}

// "Ada <ada@example.com>" as "Ada".
std::string name_of_raw(const std::string& raw) {
  const std::size_t end = raw.find(" <");
  return raw.substr(0, end);
}

std::string bitbucket_user(const json::object& event, std::string_view name) {
  const json::object* user = object_at(event, name);
  if (user == nullptr) return {};
  const std::string nickname = text_at(*user, "nickname");
  return nickname.empty() ? text_at(*user, "display_name") : nickname;
}

// What a ref was or is; an empty commit when there is no such end.
Result<std::string> end_commit(const json::object* end) {
  if (end == nullptr) return std::string();
  const json::object* target = object_at(*end, "target");
  if (target == nullptr) return missing("the change", "target");
  return commit_at(*target, "hash");
}

Result<model::PushEvent> bitbucket_change(const json::object& change) {
  model::PushEvent push;
  const json::object* now = object_at(change, "new");
  const json::object* before = object_at(change, "old");
  const json::object* either = now != nullptr ? now : before;
  if (either == nullptr) return missing("the change", "new");
  const std::string name = text_at(*either, "name");
  if (name.empty()) return missing("the change", "name");
  const bool is_tag = text_at(*either, "type").find("tag") != std::string::npos;
  push.ref = (is_tag ? "refs/tags/" : "refs/heads/") + name;
  const Result<std::string> old_commit = end_commit(before);
  if (!old_commit) return tl::unexpected<Error>(old_commit.error());
  const Result<std::string> new_commit = end_commit(now);
  if (!new_commit) return tl::unexpected<Error>(new_commit.error());
  push.before = *old_commit;
  push.after = *new_commit;
  push.forced = flag_at(change, "forced");
  const json::object* target = now == nullptr ? nullptr : object_at(*now, "target");
  if (target != nullptr) {
    push.head_message = text_at(*target, "message");
    if (const json::object* author = object_at(*target, "author"))
      push.author = name_of_raw(text_at(*author, "raw"));
  }
  // Files are not listed, commits five at most.
  if (const json::array* commits = array_at(change, "commits")) push.changed.commits = commits->size();
  return push;
}

bool is_full_or_cut_commit(const std::string& id) {
  constexpr std::size_t shortest = 7;
  return id.size() >= shortest && id.size() <= 64 &&
         id.find_first_not_of("0123456789abcdef") == std::string::npos;
}

// One end of a pull request: its branch, commit and repository.
struct BitbucketEnd {
  std::string branch;
  std::string commit;
  std::string repo_id;
  std::string repo_full_name;
};

BitbucketEnd bitbucket_end(const json::object& request, std::string_view name) {
  BitbucketEnd end;
  const json::object* from = object_at(request, name);
  if (from == nullptr) return end;
  if (const json::object* branch = object_at(*from, "branch")) end.branch = text_at(*branch, "name");
  if (const json::object* commit = object_at(*from, "commit")) end.commit = text_at(*commit, "hash");
  if (const json::object* repo = object_at(*from, "repository")) {
    end.repo_id = text_at(*repo, "uuid");
    end.repo_full_name = text_at(*repo, "full_name");
  }
  return end;
}

}  // namespace

bool is_bitbucket_event(std::string_view event) {
  return std::find(kBitbucketEvents.begin(), kBitbucketEvents.end(), event) != kBitbucketEvents.end();
}

Result<model::ScmEvent> parse_bitbucket_push(const json::object& event, const std::string& delivery_key) {
  const Result<BitbucketRepo> repo = bitbucket_repo(event);
  if (!repo) return tl::unexpected<Error>(repo.error());
  const json::object* push = object_at(event, "push");
  const json::array* changes = push == nullptr ? nullptr : array_at(*push, "changes");
  if (changes == nullptr) return missing("the event", "push.changes");
  if (changes->size() > kMostBitbucketRefs)
    return fail(Errc::invalid, "the push names more than 1,000 refs", "push.changes");
  const std::string actor = bitbucket_user(event, "actor");
  std::vector<model::PushEvent> pushes;
  for (const json::value& change : *changes) {
    const json::object* fields = change.if_object();
    if (fields == nullptr) return missing("the push", "push.changes");
    Result<model::PushEvent> one = bitbucket_change(*fields);
    if (!one) return tl::unexpected<Error>(one.error());
    one->provider = kBitbucketProvider;
    one->delivery_id = delivery_key;
    one->repo_id = repo->id;
    one->repo_full_name = repo->full_name;
    one->clone_url = repo->clone_url;
    one->pusher = actor;
    if (one->author.empty()) one->author = actor;
    pushes.push_back(std::move(*one));
  }
  if (pushes.empty()) return model::ScmEvent(model::IgnoredEvent{"the push changed no ref"});
  return model::ScmEvent(std::move(pushes));
}

Result<model::ScmEvent> parse_bitbucket_pull_request(const json::object& event, std::string_view name,
                                                     const std::string& delivery_key) {
  const auto no_usable_field = [](std::string_view field) { return missing("the pull request", field); };
  const Result<BitbucketRepo> repo = bitbucket_repo(event);
  if (!repo) return tl::unexpected<Error>(repo.error());
  const json::object* request = object_at(event, "pullrequest");
  if (request == nullptr) return no_usable_field("pullrequest");
  model::PullRequestEvent news;
  news.provider = kBitbucketProvider;
  news.delivery_id = delivery_key;
  news.repo_id = repo->id;
  news.repo_full_name = repo->full_name;
  const auto number = number_at(*request, "id");
  if (!number || *number < 1) return no_usable_field("id");
  news.number = *number;
  if (const json::object* page = object_at(*request, {"links", "html"})) news.url = text_at(*page, "href");
  news.title = text_at(*request, "title");
  news.author = bitbucket_user(*request, "author");
  if (const Status read = read_moments(*request, "created_on", "updated_on", news); !read)
    return tl::unexpected<Error>(read.error());
  news.open = text_at(*request, "state") == "OPEN";
  news.new_commits = name == "pullrequest:created" || name == "pullrequest:updated";
  const BitbucketEnd source = bitbucket_end(*request, "source");
  const BitbucketEnd target = bitbucket_end(*request, "destination");
  if (source.branch.empty()) return no_usable_field("source.branch");
  if (!is_full_or_cut_commit(source.commit)) return no_usable_field("source.commit");
  news.head_branch = source.branch;
  news.head_commit = source.commit;
  news.base_commit = is_full_or_cut_commit(target.commit) ? target.commit : std::string();
  news.from_fork = source.repo_id != repo->id || repo->id.empty();
  news.head_owner = owner_of(source.repo_full_name);
  return model::ScmEvent(std::move(news));
}

Result<model::ScmEvent> parse_bitbucket_repository(const json::object& event, std::string_view name,
                                                   const std::string& delivery_key) {
  const Result<BitbucketRepo> repo = bitbucket_repo(event);
  if (!repo) return tl::unexpected<Error>(repo.error());
  if (repo->id.empty()) return missing("the event", "repository");
  const json::object* changes = object_at(event, "changes");
  const bool is_named_anew =
      changes != nullptr && (changes->contains("name") || changes->contains("full_name"));
  if (name == "repo:updated" && !is_named_anew)
    return model::ScmEvent(model::IgnoredEvent{"repo:updated builds nothing"});
  model::RepositoryNews news;
  news.what = name == "repo:deleted"    ? model::RepositoryNews::What::deleted
              : name == "repo:transfer" ? model::RepositoryNews::What::transferred
                                        : model::RepositoryNews::What::renamed;
  news.provider = kBitbucketProvider;
  news.delivery_id = delivery_key;
  news.repo_id = repo->id;
  news.repo_full_name = repo->full_name;
  news.clone_url = repo->clone_url;
  return model::ScmEvent(std::move(news));
}

}  // namespace kiln::scm
