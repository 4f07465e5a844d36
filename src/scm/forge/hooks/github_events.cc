#include "scm/forge/hooks/github_events.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "scm/forge/hooks/fields.h"

namespace kiln::scm {
namespace {

// create and delete come beside a push that says the same, and more.
constexpr std::array<std::string_view, 7> kEvents = {
    "push",      "pull_request", "check_run", "check_suite", "installation", "installation_repositories",
    "repository"};

Result<model::ScmEvent> ignored(const GithubSender& sender, const std::string& action) {
  return model::ScmEvent(model::IgnoredEvent{fmt::format("{} {} builds nothing", sender.event, action)});
}

// Whether the check is one of the App's whose hook this is. Every App of a repository may name its checks as
// it likes; buttons of others are none of ours, and only an App's own hook is sent what was pressed.
bool is_own_check(const json::object& event, const json::object& check, const GithubSender& sender) {
  const json::object* app = object_at(check, "app");
  const std::string app_id = app == nullptr ? std::string() : id_at(*app);
  if (sender.hook_type.empty()) return object_at(event, "installation") != nullptr;
  return sender.hook_type == "integration" && !app_id.empty() && app_id == sender.hook_id;
}

Result<model::CheckAction> check_action(const json::object& event, const json::object& check,
                                        const GithubSender& sender) {
  const json::object* repository = object_at(event, "repository");
  if (repository == nullptr) return missing("the check", "repository");
  const Result<std::string> head = commit_at(check, "head_sha");
  if (!head) return tl::unexpected<Error>(head.error());
  model::CheckAction action;
  action.provider = kGithubProvider;
  action.delivery_id = sender.delivery_key;
  action.repo_id = id_at(*repository);
  action.repo_full_name = text_at(*repository, "full_name");
  action.external_id = text_at(check, "external_id");
  action.head_commit = *head;
  if (const json::object* who = object_at(event, "sender")) action.sender = text_at(*who, "login");
  return action;
}

// GitHub lets only those press who may write to the repository, both the buttons of a check run and Re-run.
std::optional<model::CheckAction::What> what_was_pressed(const json::object& event,
                                                         const std::string& action) {
  if (action == "rerequested") return model::CheckAction::What::run_again;
  if (action != "requested_action") return std::nullopt;
  const json::object* asked = object_at(event, "requested_action");
  const std::string identifier = asked == nullptr ? std::string() : text_at(*asked, "identifier");
  if (identifier == "cancel") return model::CheckAction::What::cancel;
  if (identifier == "approve") return model::CheckAction::What::approve;
  return std::nullopt;
}

Result<model::ScmEvent> parse_check_run(const json::object& event, const GithubSender& sender) {
  const std::string action = text_at(event, "action");
  const auto what = what_was_pressed(event, action);
  if (!what) return ignored(sender, action);
  const json::object* check = object_at(event, "check_run");
  if (check == nullptr) return missing("the event", "check_run");
  if (!is_own_check(event, *check, sender) || text_at(*check, "external_id").empty())
    return model::ScmEvent(model::IgnoredEvent{"the check run is another App's"});
  Result<model::CheckAction> asked = check_action(event, *check, sender);
  if (!asked) return tl::unexpected<Error>(asked.error());
  asked->what = *what;
  return model::ScmEvent(std::move(*asked));
}

// "requested" comes with every push.
Result<model::ScmEvent> parse_check_suite(const json::object& event, const GithubSender& sender) {
  const std::string action = text_at(event, "action");
  if (action != "rerequested") return ignored(sender, action);
  const json::object* suite = object_at(event, "check_suite");
  if (suite == nullptr) return missing("the event", "check_suite");
  if (!is_own_check(event, *suite, sender))
    return model::ScmEvent(model::IgnoredEvent{"the check suite is another App's"});
  Result<model::CheckAction> asked = check_action(event, *suite, sender);
  if (!asked) return tl::unexpected<Error>(asked.error());
  asked->what = model::CheckAction::What::run_all_again;
  return model::ScmEvent(std::move(*asked));
}

std::optional<model::InstallationNews::What> installation_change(const GithubSender& sender,
                                                                 const std::string& action) {
  using What = model::InstallationNews::What;
  if (sender.event == "installation_repositories") {
    if (action == "added" || action == "removed") return What::repositories;
    return std::nullopt;
  }
  if (action == "created") return What::created;
  if (action == "deleted") return What::deleted;
  if (action == "suspend") return What::suspended;
  if (action == "unsuspend") return What::unsuspended;
  if (action == "new_permissions_accepted") return What::permissions;
  return std::nullopt;
}

Result<model::ScmEvent> parse_installation(const json::object& event, const GithubSender& sender) {
  const std::string action = text_at(event, "action");
  const auto what = installation_change(sender, action);
  if (!what) return ignored(sender, action);
  const json::object* installation = object_at(event, "installation");
  if (installation == nullptr || id_at(*installation).empty()) return missing("the event", "installation");
  model::InstallationNews news;
  news.what = *what;
  news.provider = kGithubProvider;
  news.delivery_id = sender.delivery_key;
  news.app_id = id_at(*installation, "app_id");
  news.installation_id = id_at(*installation);
  if (const json::object* account = object_at(*installation, "account")) {
    news.account_id = id_at(*account);
    news.account_name = text_at(*account, "login");
  }
  return model::ScmEvent(std::move(news));
}

std::optional<model::RepositoryNews::What> repository_change(const json::object& event,
                                                             const std::string& action) {
  using What = model::RepositoryNews::What;
  if (action == "renamed") return What::renamed;
  if (action == "transferred") return What::transferred;
  if (action == "deleted") return What::deleted;
  if (action == "edited" && object_at(event, {"changes", "default_branch"}) != nullptr)
    return What::default_branch;
  return std::nullopt;
}

Result<model::ScmEvent> parse_repository(const json::object& event, const GithubSender& sender) {
  const std::string action = text_at(event, "action");
  const auto what = repository_change(event, action);
  if (!what) return ignored(sender, action);
  const json::object* repository = object_at(event, "repository");
  if (repository == nullptr || id_at(*repository).empty()) return missing("the event", "repository");
  model::RepositoryNews news;
  news.what = *what;
  news.provider = kGithubProvider;
  news.delivery_id = sender.delivery_key;
  news.repo_id = id_at(*repository);
  news.repo_full_name = text_at(*repository, "full_name");
  news.clone_url = text_at(*repository, "clone_url");
  news.default_branch = text_at(*repository, "default_branch");
  news.updated_on = moment_at(*repository, "updated_at").value_or(0);
  return model::ScmEvent(std::move(news));
}

}  // namespace

bool is_github_event(std::string_view event) {
  return std::find(kEvents.begin(), kEvents.end(), event) != kEvents.end();
}

Result<model::ScmEvent> parse_github_news(const json::object& event, const GithubSender& sender) {
  if (sender.event == "check_run") return parse_check_run(event, sender);
  if (sender.event == "check_suite") return parse_check_suite(event, sender);
  if (sender.event == "repository") return parse_repository(event, sender);
  return parse_installation(event, sender);
}

}  // namespace kiln::scm
