#include <fmt/format.h>

#include <algorithm>

#include "base/escape.h"
#include "base/hex.h"
#include "scm/forge/apis.h"
#include "scm/forge/hooks/signature.h"
#include "scm/forge/kept.h"
#include "scm/forge/report_words.h"

namespace kiln::scm {
namespace {

constexpr const char* kGitlab = "GitLab";
constexpr std::size_t kLongestGitlabText = 255;
constexpr std::size_t kLongestNote = 1'000'000;

ApiCall gitlab_call(const std::string& method, const std::string& url, const std::string& token) {
  return {method, url, {{"accept", "application/json"}, {"private-token", token}}, {}};
}

// By its number where that is known: a project that was moved keeps it.
std::string project_url(const ForgeAccess& access) {
  const std::string& id = access.repo_id;
  const bool is_number = !id.empty() && id.find_first_not_of("0123456789") == id.npos;
  return fmt::format("{}/projects/{}", access.api_url, is_number ? id : url_encode(access.repo_full_name));
}

const char* gitlab_state(model::ReportState state) {
  switch (state) {
    case model::ReportState::queued:
    case model::ReportState::waiting_for_approval:
      return "pending";
    case model::ReportState::running:
      return "running";
    case model::ReportState::success:
      return "success";
    case model::ReportState::failure:
    case model::ReportState::timed_out:
      return "failed";
    case model::ReportState::cancelled:
      return "canceled";
    case model::ReportState::skipped:
      return "skipped";
  }
  return "failed";
}

// GitLab refuses to enter the state that a status is in already, which is what was wanted.
bool is_in_that_state(const ForgeAccess& access, const model::BuildReport& report) {
  const ApiCall newest =
      gitlab_call("GET",
                  fmt::format("{}/repository/commits/{}/statuses?name={}&per_page=1", project_url(access),
                              report.commit, url_encode(cut_to(check_name(report), kLongestGitlabText))),
                  access.token);
  std::string state;
  const Status listed = each_of(access.http, kGitlab, newest, "", 1, [&](const json::object& status) {
    state = scalar_at(status, "status");
    return false;
  });
  return listed && state == gitlab_state(report.state);
}

// What a token that can say of itself lacks. Older GitLabs do not let it, and OAuth's tokens cannot.
std::vector<std::string> lacking_scopes(const ForgeApi::TokenAccess& access) {
  const Result<ApiAnswer> itself =
      call_api(access.http, kGitlab,
               gitlab_call("GET", access.api_url + "/personal_access_tokens/self", access.token));
  const json::object* token = itself ? itself->body.if_object() : nullptr;
  const json::array* scopes = token == nullptr ? nullptr : array_at(*token, "scopes");
  if (scopes == nullptr) return {};
  const bool may_all =
      std::any_of(scopes->begin(), scopes->end(), [](const json::value& scope) { return scope == "api"; });
  if (may_all) return {};
  return {"may not make hooks nor tell of builds: give it the scope api"};
}

class GitlabApi final : public ForgeApi {
 public:
  std::string api_url_of(const std::string& web_url) const override { return web_url + "/api/v4"; }

  std::string clone_authorization(const std::string& token) const override {
    return "Basic " + to_base64("oauth2:" + token);
  }

  Result<std::vector<std::string>> check_token(const TokenAccess& access) const override {
    const Result<ApiAnswer> answer =
        call_api(access.http, kGitlab, gitlab_call("GET", access.api_url + "/user", access.token));
    // Tokens of projects and groups may not ask who they are, and are good all the same.
    if (!answer && answer.error().code != Errc::forbidden) return tl::unexpected<Error>(answer.error());
    return lacking_scopes(access);
  }

  Result<std::string> tell_build(const ForgeAccess& access, const model::BuildReport& report,
                                 const Known&) const override {
    ApiCall call =
        gitlab_call("POST", fmt::format("{}/statuses/{}", project_url(access), report.commit), access.token);
    call.body = json::object{{"state", gitlab_state(report.state)},
                             {"name", cut_to(check_name(report), kLongestGitlabText)},
                             {"target_url", report.details_url},
                             {"description", cut_to(report.sentence, kLongestGitlabText)}};
    // "owner:branch" is a fork's, which this project has not.
    if (report.branch.find(':') == std::string::npos) (*call.body)["ref"] = report.branch;
    const Result<ApiAnswer> told = call_api(access.http, kGitlab, call);
    if (told) return scalar_at(told->body, "id");
    const bool may_be_told = told.error().code == Errc::invalid || told.error().code == Errc::conflict;
    if (may_be_told && is_in_that_state(access, report)) return std::string();
    return tl::unexpected<Error>(told.error());
  }

  Result<std::string> tell_pull_request(const ForgeAccess& access, std::int64_t number,
                                        const std::string& marker, const std::string& comment,
                                        const Known& known) const override {
    const std::string notes = fmt::format("{}/merge_requests/{}/notes", project_url(access), number);
    const json::object body{{"body", marked_comment(comment, marker, kLongestNote)}};
    KeptThing ours;
    ours.title = kGitlab;
    ours.list = gitlab_call("GET", notes + "?per_page=100&sort=asc", access.token);
    ours.id_if_ours = [&](const json::object& note) {
      return bears_marker(text_at(note, "body"), marker) ? scalar_at(note, "id") : std::string();
    };
    ours.create = gitlab_call("POST", notes, access.token);
    ours.create.body = body;
    ours.change = [&](const std::string& id) {
      ApiCall edit = gitlab_call("PUT", notes + "/" + id, access.token);
      edit.body = body;
      return call_api(access.http, kGitlab, edit);
    };
    return keep_one(access.http, ours, known);
  }

  Status keep_hook(const ForgeAccess& access, const HookWish& wish) const override {
    const std::string hooks = project_url(access) + "/hooks";
    json::object body{{"url", wish.url},
                      {"push_events", true},
                      {"tag_push_events", false},
                      {"merge_requests_events", wish.pull_requests},
                      {"enable_ssl_verification", wish.url.starts_with("https://")}};
    // A signing token is GitLab's own; as a token it would be sent with every delivery.
    if (!is_standard_webhook_secret(wish.secret)) body["token"] = wish.secret;
    KeptThing hook;
    hook.title = kGitlab;
    hook.list = gitlab_call("GET", hooks + "?per_page=100", access.token);
    hook.id_if_ours = [&](const json::object& one) {
      return text_at(one, "url") == wish.url ? scalar_at(one, "id") : std::string();
    };
    hook.create = gitlab_call("POST", hooks, access.token);
    hook.create.body = body;
    hook.change = [&](const std::string& id) {
      ApiCall edit = gitlab_call("PUT", hooks + "/" + id, access.token);
      edit.body = body;
      return call_api(access.http, kGitlab, edit);
    };
    return keep_one_hook(access.http, hook);
  }

  Result<bool> drop_hook(const ForgeAccess& access, const std::string& url_end) const override {
    const std::string hooks = project_url(access) + "/hooks";
    KeptThing hook;
    hook.title = kGitlab;
    hook.list = gitlab_call("GET", hooks + "?per_page=100", access.token);
    hook.id_if_ours = [&](const json::object& one) {
      return text_at(one, "url").ends_with(url_end) ? scalar_at(one, "id") : std::string();
    };
    return drop_one_hook(access.http, hook, [&](const std::string& id) {
      return gitlab_call("DELETE", hooks + "/" + id, access.token);
    });
  }
};

}  // namespace

const ForgeApi& gitlab_api() {
  static const GitlabApi one;
  return one;
}

}  // namespace kiln::scm
