#include "scm/forge/hooks/gitlab_merge_request.h"

#include <fmt/format.h>

#include <utility>

#include "scm/forge/hooks/fields.h"

namespace kiln::scm {
namespace {

tl::unexpected<Error> no_usable(std::string_view field) {
  return missing("the merge request", field);
}

Status read_ends(const json::object& request, model::PullRequestEvent& news) {
  const json::object* last = object_at(request, "last_commit");
  if (last == nullptr) return no_usable("last_commit");
  const Result<std::string> head = commit_at(*last, "id");
  if (!head) return tl::unexpected<Error>(head.error());
  if (head->empty()) return no_usable("last_commit");
  news.head_commit = *head;
  news.head_branch = text_at(request, "source_branch");
  if (news.head_branch.empty()) return no_usable("source_branch");
  const std::string target = id_at(request, "target_project_id");
  if (target.empty()) return no_usable("target_project_id");
  news.from_fork = id_at(request, "source_project_id") != target;
  // A fork that was deleted has no source.
  if (const json::object* source = object_at(request, "source"))
    news.head_owner = owner_of(text_at(*source, "path_with_namespace"));
  return {};
}

}  // namespace

Result<model::ScmEvent> parse_gitlab_merge_request(const json::object& event,
                                                   const std::string& delivery_key) {
  const json::object* request = object_at(event, "object_attributes");
  const json::object* project = object_at(event, "project");
  if (request == nullptr) return no_usable("object_attributes");
  if (project == nullptr) return no_usable("project");
  const std::string action = text_at(*request, "action");
  model::PullRequestEvent news;
  news.new_commits =
      action == "open" || action == "reopen" || (action == "update" && !text_at(*request, "oldrev").empty());
  if (!news.new_commits && action != "update" && action != "close" && action != "merge")
    return model::ScmEvent(model::IgnoredEvent{fmt::format("merge request {} builds nothing", action)});
  news.provider = kGitlabProvider;
  news.delivery_id = delivery_key;
  news.repo_id = id_at(*project);
  news.repo_full_name = text_at(*project, "path_with_namespace");
  const auto number = number_at(*request, "iid");
  if (!number || *number < 1) return no_usable("iid");
  news.number = *number;
  news.url = text_at(*request, "url");
  news.before = text_at(*request, "oldrev");
  news.title = text_at(*request, "title");
  if (const json::object* user = object_at(event, "user")) news.author = text_at(*user, "username");
  const std::string state = text_at(*request, "state");
  news.open = state == "opened" || state == "locked";
  if (const Status read = read_moments(*request, "created_at", "updated_at", news); !read)
    return tl::unexpected<Error>(read.error());
  if (Status read = read_ends(*request, news); !read) return tl::unexpected<Error>(read.error());
  return model::ScmEvent(std::move(news));
}

}  // namespace kiln::scm
