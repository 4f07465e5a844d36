#include <fmt/format.h>

#include <algorithm>
#include <initializer_list>

#include "base/escape.h"
#include "base/hex.h"
#include "base/strings.h"
#include "scm/forge/apis.h"
#include "scm/forge/github_call.h"
#include "scm/forge/github_checks.h"
#include "scm/forge/kept.h"
#include "scm/forge/report_words.h"

namespace kiln::scm {
namespace {

constexpr const char* kGithub = "GitHub";
constexpr std::size_t kLongestDescription = 140;
constexpr std::size_t kLongestComment = 65'536;

std::string repo_url(const ForgeAccess& access) {
  return fmt::format("{}/repos/{}", access.api_url, url_encode_path(access.repo_full_name));
}

// The newest status of a context is the one that counts, so that telling again harms nothing.
Result<std::string> tell_status(const ForgeAccess& access, const model::BuildReport& report) {
  ApiCall call =
      github_call("POST", fmt::format("{}/statuses/{}", repo_url(access), report.commit), access.token);
  call.body = json::object{{"state", commit_state(report.state)},
                           {"target_url", report.details_url},
                           {"description", cut_to(report.sentence, kLongestDescription)},
                           {"context", check_name(report)}};
  const Result<ApiAnswer> told = call_api(access.http, kGithub, call);
  if (!told) return tl::unexpected<Error>(told.error());
  return scalar_at(told->body, "id");
}

// What another App, or a person, wrote is not ours, whatever it begins with: nobody else's can be edited.
std::string own_text(const ForgeAccess& access, const json::object& comment) {
  const json::value* app = comment.if_contains("performed_via_github_app");
  if (access.is_app && (app == nullptr || scalar_at(*app, "id") != access.app_id)) return {};
  return scalar_at(comment, "body");
}

// What a classic token lacks of what Kiln does, by the scopes that it has; fine-grained ones and Apps' name
// none. docs.github.com, "Scopes for OAuth apps".
std::vector<std::string> lacking_scopes(const std::string& scopes) {
  std::vector<std::string> has;
  for (const std::string& scope : split(scopes, ',')) has.emplace_back(trim(scope));
  const auto may = [&](std::initializer_list<std::string_view> one_of) {
    return std::any_of(has.begin(), has.end(), [&](const std::string& scope) {
      return std::find(one_of.begin(), one_of.end(), scope) != one_of.end();
    });
  };
  if (scopes.empty() || may({"repo"})) return {};
  const bool of_public = may({"public_repo"});
  std::vector<std::string> lacks = {
      "sees public repositories alone: give it the scope repo for private ones"};
  if (!of_public && !may({"repo:status"}))
    lacks.emplace_back("may not write commit statuses: give it the scope repo, or repo:status");
  if (!of_public) lacks.emplace_back("may not comment on pull requests: give it the scope repo");
  if (!may({"write:repo_hook", "admin:repo_hook"}))
    lacks.emplace_back("may not make hooks: give it the scope repo, or write:repo_hook");
  return lacks;
}

class GithubApi final : public ForgeApi {
 public:
  std::string api_url_of(const std::string& web_url) const override {
    const std::size_t scheme = web_url.find("://");
    const std::string host = scheme == web_url.npos ? web_url : web_url.substr(scheme + 3);
    if (host == "github.com" || host == "www.github.com") return "https://api.github.com";
    if (host.ends_with(".ghe.com")) return "https://api." + host;
    return web_url + "/api/v3";
  }

  std::string clone_authorization(const std::string& token) const override {
    return "Basic " + to_base64("x-access-token:" + token);
  }

  Result<std::vector<std::string>> check_token(const TokenAccess& access) const override {
    const Result<ApiAnswer> answer =
        call_api(access.http, kGithub, github_call("GET", access.api_url + "/user", access.token));
    if (!answer) return tl::unexpected<Error>(answer.error());
    return lacking_scopes(answer->scopes);
  }

  Result<std::string> tell_build(const ForgeAccess& access, const model::BuildReport& report,
                                 const Known& known) const override {
    return access.is_app ? tell_check_run(access, report, known) : tell_status(access, report);
  }

  Result<std::string> tell_pull_request(const ForgeAccess& access, std::int64_t number,
                                        const std::string& marker, const std::string& comment,
                                        const Known& known) const override {
    const json::object body{{"body", marked_comment(comment, marker, kLongestComment)}};
    const std::string of_request = fmt::format("{}/issues/{}/comments", repo_url(access), number);
    KeptThing ours;
    ours.title = kGithub;
    ours.list = github_call("GET", of_request + "?per_page=100", access.token);
    ours.id_if_ours = [&](const json::object& found) {
      return bears_marker(own_text(access, found), marker) ? scalar_at(found, "id") : std::string();
    };
    ours.create = github_call("POST", of_request, access.token);
    ours.create.body = body;
    ours.change = [&](const std::string& id) {
      ApiCall edit =
          github_call("PATCH", fmt::format("{}/issues/comments/{}", repo_url(access), id), access.token);
      edit.body = body;
      return call_api(access.http, kGithub, edit);
    };
    return keep_one(access.http, ours, known);
  }

  Status keep_hook(const ForgeAccess& access, const HookWish& wish) const override {
    const std::string hooks = repo_url(access) + "/hooks";
    json::array events{"push", "repository"};
    if (wish.pull_requests) events.push_back("pull_request");
    const json::object body{
        {"active", true},
        {"events", std::move(events)},
        {"config",
         json::object{
             {"url", wish.url}, {"content_type", "json"}, {"secret", wish.secret}, {"insecure_ssl", "0"}}}};
    KeptThing hook;
    hook.title = kGithub;
    hook.list = github_call("GET", hooks + "?per_page=100", access.token);
    hook.id_if_ours = [&](const json::object& one) { return id_of_hook_to(wish.url, one); };
    hook.create = github_call("POST", hooks, access.token);
    hook.create.body = body;
    (*hook.create.body)["name"] = "web";
    hook.change = [&](const std::string& id) {
      ApiCall edit = github_call("PATCH", hooks + "/" + id, access.token);
      edit.body = body;
      return call_api(access.http, kGithub, edit);
    };
    return keep_one_hook(access.http, hook);
  }

  Result<bool> drop_hook(const ForgeAccess& access, const std::string& url_end) const override {
    const std::string hooks = repo_url(access) + "/hooks";
    KeptThing hook;
    hook.title = kGithub;
    hook.list = github_call("GET", hooks + "?per_page=100", access.token);
    hook.id_if_ours = [&](const json::object& one) { return id_of_hook_ending(url_end, one); };
    return drop_one_hook(access.http, hook, [&](const std::string& id) {
      return github_call("DELETE", hooks + "/" + id, access.token);
    });
  }
};

}  // namespace

const ForgeApi& github_api() {
  static const GithubApi one;
  return one;
}

}  // namespace kiln::scm
