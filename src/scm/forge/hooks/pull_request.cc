#include "scm/forge/hooks/pull_request.h"

#include <fmt/format.h>

#include <array>
#include <string_view>

#include "scm/forge/hooks/fields.h"

namespace kiln::scm {
namespace {

constexpr std::array<std::string_view, 4> kNewCommits = {"opened", "reopened", "synchronize", "synchronized"};
constexpr std::array<std::string_view, 4> kOtherNews = {"closed", "edited", "ready_for_review",
                                                        "converted_to_draft"};

template <std::size_t N>
bool is_one_of(const std::array<std::string_view, N>& words, std::string_view word) {
  for (const std::string_view known : words) {
    if (known == word) return true;
  }
  return false;
}

tl::unexpected<Error> without(std::string_view field) {
  return missing("the pull request", field);
}

// What head and base have in common.
Result<const json::object*> end_at(const json::object& request, const char* name) {
  const json::object* end = object_at(request, name);
  if (end == nullptr) return without(name);
  return end;
}

Status read_head(const json::object& head, const json::object& base, model::PullRequestEvent& news) {
  const Result<std::string> commit = commit_at(head, "sha");
  if (!commit) return tl::unexpected<Error>(commit.error());
  if (commit->empty()) return without("head.sha");
  news.head_commit = *commit;
  news.head_branch = text_at(head, "ref");
  if (news.head_branch.empty()) return without("head.ref");
  const json::object* own = object_at(base, "repo");
  const json::object* theirs = object_at(head, "repo");
  if (own == nullptr || id_at(*own).empty()) return without("base.repo");
  news.from_fork = theirs == nullptr || id_at(*theirs) != id_at(*own);
  if (theirs == nullptr) return {};
  if (const json::object* owner = object_at(*theirs, "owner")) news.head_owner = text_at(*owner, "login");
  return {};
}

}  // namespace

Result<model::ScmEvent> parse_pull_request(const json::object& event, std::string_view provider,
                                           const std::string& delivery_key) {
  const std::string action = text_at(event, "action");
  model::PullRequestEvent news;
  news.new_commits = is_one_of(kNewCommits, action);
  if (!news.new_commits && !is_one_of(kOtherNews, action)) {
    return model::ScmEvent(model::IgnoredEvent{fmt::format("pull_request {} builds nothing", action)});
  }
  const json::object* request = object_at(event, "pull_request");
  const json::object* repository = object_at(event, "repository");
  if (request == nullptr) return without("pull_request");
  if (repository == nullptr) return without("repository");
  news.provider = provider;
  news.delivery_id = delivery_key;
  news.repo_id = id_at(*repository);
  news.repo_full_name = text_at(*repository, "full_name");
  const std::optional<std::int64_t> number = number_at(event, "number");
  if (!number || *number < 1) return without("number");
  news.number = *number;
  news.url = text_at(*request, "html_url");
  news.title = text_at(*request, "title");
  if (const json::object* user = object_at(*request, "user")) news.author = text_at(*user, "login");
  news.open = text_at(*request, "state") == "open";
  news.before = text_at(event, "before");
  if (const Status read = read_moments(*request, "created_at", "updated_at", news); !read)
    return tl::unexpected<Error>(read.error());
  const Result<const json::object*> head = end_at(*request, "head");
  if (!head) return tl::unexpected<Error>(head.error());
  const Result<const json::object*> base = end_at(*request, "base");
  if (!base) return tl::unexpected<Error>(base.error());
  if (Status read = read_head(**head, **base, news); !read) return tl::unexpected<Error>(read.error());
  const Result<std::string> base_commit = commit_at(**base, "sha");
  if (!base_commit) return tl::unexpected<Error>(base_commit.error());
  news.base_commit = *base_commit;
  return model::ScmEvent(std::move(news));
}

}  // namespace kiln::scm
