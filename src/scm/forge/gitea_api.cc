#include <fmt/format.h>

#include "base/escape.h"
#include "base/hex.h"
#include "scm/forge/apis.h"
#include "scm/forge/kept.h"
#include "scm/forge/report_words.h"

namespace kiln::scm {
namespace {

constexpr const char* kGitea = "Gitea";
constexpr std::size_t kLongestGiteaText = 255;
constexpr std::size_t kLongestGiteaComment = 65'535;

ApiCall gitea_call(const std::string& method, const std::string& url, const std::string& token) {
  return {method, url, {{"accept", "application/json"}, {"authorization", "token " + token}}, {}};
}

std::string gitea_repo(const ForgeAccess& access) {
  return fmt::format("{}/repos/{}", access.api_url, url_encode_path(access.repo_full_name));
}

class GiteaApi final : public ForgeApi {
 public:
  std::string api_url_of(const std::string& web_url) const override { return web_url + "/api/v1"; }

  // The token is the password; whose it is does not matter.
  std::string clone_authorization(const std::string& token) const override {
    return "Basic " + to_base64("kiln:" + token);
  }

  Result<std::vector<std::string>> check_token(const TokenAccess& access) const override {
    const Result<ApiAnswer> answer =
        call_api(access.http, kGitea, gitea_call("GET", access.api_url + "/user", access.token));
    // A token without the right to read its owner is good for repositories all the same.
    if (!answer && answer.error().code != Errc::forbidden) return tl::unexpected<Error>(answer.error());
    return std::vector<std::string>();  // it tells nothing of scopes
  }

  // The newest status of a context is the one that counts.
  Result<std::string> tell_build(const ForgeAccess& access, const model::BuildReport& report,
                                 const Known&) const override {
    ApiCall call =
        gitea_call("POST", fmt::format("{}/statuses/{}", gitea_repo(access), report.commit), access.token);
    call.body = json::object{{"state", commit_state(report.state)},
                             {"context", cut_to(check_name(report), kLongestGiteaText)},
                             {"target_url", report.details_url},
                             {"description", cut_to(report.sentence, kLongestGiteaText)}};
    const Result<ApiAnswer> told = call_api(access.http, kGitea, call);
    if (!told) return tl::unexpected<Error>(told.error());
    return scalar_at(told->body, "id");
  }

  Result<std::string> tell_pull_request(const ForgeAccess& access, std::int64_t number,
                                        const std::string& marker, const std::string& comment,
                                        const Known& known) const override {
    const json::object body{{"body", marked_comment(comment, marker, kLongestGiteaComment)}};
    const std::string of_request = fmt::format("{}/issues/{}/comments", gitea_repo(access), number);
    KeptThing ours;
    ours.title = kGitea;
    // All of them come at once.
    ours.list = gitea_call("GET", of_request, access.token);
    ours.id_if_ours = [&](const json::object& found) {
      return bears_marker(text_at(found, "body"), marker) ? scalar_at(found, "id") : std::string();
    };
    ours.create = gitea_call("POST", of_request, access.token);
    ours.create.body = body;
    ours.change = [&](const std::string& id) {
      ApiCall edit =
          gitea_call("PATCH", fmt::format("{}/issues/comments/{}", gitea_repo(access), id), access.token);
      edit.body = body;
      return call_api(access.http, kGitea, edit);
    };
    return keep_one(access.http, ours, known);
  }

  Status keep_hook(const ForgeAccess& access, const HookWish& wish) const override {
    const std::string hooks = gitea_repo(access) + "/hooks";
    json::array events{"push", "delete"};
    if (wish.pull_requests) {
      events.push_back("pull_request");
      events.push_back("pull_request_sync");
    }
    KeptThing hook;
    hook.title = kGitea;
    hook.list = gitea_call("GET", hooks + "?limit=50", access.token);
    hook.id_if_ours = [&](const json::object& one) { return id_of_hook_to(wish.url, one); };
    hook.create = gitea_call("POST", hooks, access.token);
    hook.create.body = json::object{
        {"type", "gitea"},
        {"active", true},
        {"events", std::move(events)},
        {"config", json::object{{"url", wish.url}, {"content_type", "json"}, {"secret", wish.secret}}}};
    // An edit leaves the secret as it was, so that a hook that is there gives way to a new one.
    hook.change = [&](const std::string& id) {
      const Result<ApiAnswer> gone =
          call_api(access.http, kGitea, gitea_call("DELETE", hooks + "/" + id, access.token));
      return gone ? call_api(access.http, kGitea, hook.create) : gone;
    };
    return keep_one_hook(access.http, hook);
  }

  Result<bool> drop_hook(const ForgeAccess& access, const std::string& url_end) const override {
    const std::string hooks = gitea_repo(access) + "/hooks";
    KeptThing hook;
    hook.title = kGitea;
    hook.list = gitea_call("GET", hooks + "?limit=50", access.token);
    hook.id_if_ours = [&](const json::object& one) { return id_of_hook_ending(url_end, one); };
    return drop_one_hook(access.http, hook, [&](const std::string& id) {
      return gitea_call("DELETE", hooks + "/" + id, access.token);
    });
  }
};

}  // namespace

const ForgeApi& gitea_api() {
  static const GiteaApi one;
  return one;
}

}  // namespace kiln::scm
