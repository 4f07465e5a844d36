#include <fmt/format.h>

#include "base/escape.h"
#include "base/hex.h"
#include "scm/forge/apis.h"
#include "scm/forge/bitbucket_states.h"
#include "scm/forge/kept.h"

namespace kiln::scm {
namespace {

constexpr const char* kBitbucketServer = "Bitbucket";
constexpr std::size_t kLongestServerText = 255;
constexpr std::size_t kLongestServerComment = 32'000;

ApiCall server_call(const std::string& method, const std::string& url, const std::string& token) {
  return {method, url, {{"accept", "application/json"}, {"authorization", "Bearer " + token}}, {}};
}

// Clone URLs are ".../scm/PROJECT/repo.git".
std::string server_repo(const ForgeAccess& access) {
  std::string path = access.repo_full_name;
  if (path.starts_with("scm/")) path.erase(0, 4);
  const std::size_t slash = path.rfind('/');
  const std::string project = slash == path.npos ? path : path.substr(0, slash);
  const std::string repo = slash == path.npos ? std::string() : path.substr(slash + 1);
  return fmt::format("{}/api/latest/projects/{}/repos/{}", access.api_url, url_encode(project),
                     url_encode(repo));
}

// An edit names the version that it changes.
Result<ApiAnswer> edit_server_comment(const ForgeAccess& access, const std::string& comment,
                                      const std::string& text) {
  const Result<ApiAnswer> now =
      call_api(access.http, kBitbucketServer, server_call("GET", comment, access.token));
  if (!now) return now;
  const json::object* fields = now->body.if_object();
  const std::int64_t version = fields == nullptr ? 0 : number_at(*fields, "version").value_or(0);
  ApiCall edit = server_call("PUT", comment, access.token);
  edit.body = json::object{{"text", text}, {"version", version}};
  return call_api(access.http, kBitbucketServer, edit);
}

class BitbucketServerApi final : public ForgeApi {
 public:
  std::string api_url_of(const std::string& web_url) const override { return web_url + "/rest"; }

  std::string clone_authorization(const std::string& token) const override { return "Bearer " + token; }

  Result<std::vector<std::string>> check_token(const TokenAccess& access) const override {
    const Result<ApiAnswer> answer =
        call_api(access.http, kBitbucketServer,
                 server_call("GET", access.api_url + "/api/latest/repos?limit=1", access.token));
    if (!answer) return tl::unexpected<Error>(answer.error());
    return std::vector<std::string>();  // it tells nothing of scopes
  }

  Result<std::string> tell_build(const ForgeAccess& access, const model::BuildReport& report,
                                 const Known&) const override {
    ApiCall call = server_call(
        "POST", fmt::format("{}/commits/{}/builds", server_repo(access), report.commit), access.token);
    call.body = json::object{{"key", bitbucket_key(report)},
                             {"state", bitbucket_state(report.state, "CANCELLED")},
                             {"name", cut_to(check_name(report), kLongestServerText)},
                             {"url", report.details_url},
                             {"description", cut_to(report.sentence, kLongestServerText)}};
    if (report.branch.find(':') == std::string::npos) (*call.body)["ref"] = "refs/heads/" + report.branch;
    const Result<ApiAnswer> told = call_api(access.http, kBitbucketServer, call);
    if (!told) return tl::unexpected<Error>(told.error());
    return std::string();
  }

  Result<std::string> tell_pull_request(const ForgeAccess& access, std::int64_t number,
                                        const std::string& marker, const std::string& comment,
                                        const Known& known) const override {
    const std::string of_request = fmt::format("{}/pull-requests/{}", server_repo(access), number);
    const std::string text = marked_comment(comment, marker, kLongestServerComment);
    KeptThing ours;
    ours.title = kBitbucketServer;
    // Comments stand in the activities of a pull request.
    ours.list = server_call("GET", of_request + "/activities?limit=100", access.token);
    ours.member = "values";
    ours.id_if_ours = [&](const json::object& activity) {
      const json::object* found = object_at(activity, "comment");
      const bool is_ours = found != nullptr && bears_marker(text_at(*found, "text"), marker);
      return is_ours ? scalar_at(*found, "id") : std::string();
    };
    ours.create = server_call("POST", of_request + "/comments", access.token);
    ours.create.body = json::object{{"text", text}};
    ours.change = [&](const std::string& id) {
      return edit_server_comment(access, of_request + "/comments/" + id, text);
    };
    return keep_one(access.http, ours, known);
  }

  Status keep_hook(const ForgeAccess& access, const HookWish& wish) const override {
    const std::string hooks = server_repo(access) + "/webhooks";
    json::array events{"repo:refs_changed", "repo:modified"};
    if (wish.pull_requests) {
      for (const char* event : {"pr:opened", "pr:from_ref_updated", "pr:merged", "pr:declined", "pr:deleted"})
        events.push_back(event);
    }
    const json::object body{{"name", "Kiln"},
                            {"url", wish.url},
                            {"active", true},
                            {"events", std::move(events)},
                            {"configuration", json::object{{"secret", wish.secret}}}};
    KeptThing hook;
    hook.title = kBitbucketServer;
    hook.list = server_call("GET", hooks + "?limit=100", access.token);
    hook.member = "values";
    hook.id_if_ours = [&](const json::object& one) {
      return text_at(one, "url") == wish.url ? scalar_at(one, "id") : std::string();
    };
    hook.create = server_call("POST", hooks, access.token);
    hook.create.body = body;
    hook.change = [&](const std::string& id) {
      ApiCall edit = server_call("PUT", hooks + "/" + id, access.token);
      edit.body = body;
      return call_api(access.http, kBitbucketServer, edit);
    };
    return keep_one_hook(access.http, hook);
  }

  Result<bool> drop_hook(const ForgeAccess& access, const std::string& url_end) const override {
    const std::string hooks = server_repo(access) + "/webhooks";
    KeptThing hook;
    hook.title = kBitbucketServer;
    hook.list = server_call("GET", hooks + "?limit=100", access.token);
    hook.member = "values";
    hook.id_if_ours = [&](const json::object& one) {
      return text_at(one, "url").ends_with(url_end) ? scalar_at(one, "id") : std::string();
    };
    return drop_one_hook(access.http, hook, [&](const std::string& id) {
      return server_call("DELETE", hooks + "/" + id, access.token);
    });
  }
};

}  // namespace

const ForgeApi& bitbucket_server_api() {
  static const BitbucketServerApi one;
  return one;
}

}  // namespace kiln::scm
