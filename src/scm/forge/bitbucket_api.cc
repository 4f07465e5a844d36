#include <fmt/format.h>

#include "base/escape.h"
#include "base/hex.h"
#include "scm/forge/apis.h"
#include "scm/forge/bitbucket_states.h"
#include "scm/forge/kept.h"

namespace kiln::scm {
namespace {

constexpr const char* kBitbucket = "Bitbucket";
constexpr std::size_t kLongestBitbucketText = 255;
constexpr std::size_t kLongestBitbucketComment = 32'000;

// "user:password" of an app password, or an access token alone.
std::string bitbucket_authorization(const std::string& token) {
  return token.find(':') == token.npos ? "Bearer " + token : "Basic " + to_base64(token);
}

ApiCall bitbucket_call(const std::string& method, const std::string& url, const std::string& token) {
  return {
      method, url, {{"accept", "application/json"}, {"authorization", bitbucket_authorization(token)}}, {}};
}

std::string bitbucket_repo(const ForgeAccess& access) {
  return fmt::format("{}/repositories/{}", access.api_url, url_encode_path(access.repo_full_name));
}

// A deleted comment stays in the list.
std::string raw_text(const json::object& comment) {
  const json::object* content = object_at(comment, "content");
  return content == nullptr || flag_at(comment, "deleted") ? std::string() : text_at(*content, "raw");
}

class BitbucketApi final : public ForgeApi {
 public:
  std::string api_url_of(const std::string& web_url) const override {
    return web_url == "https://bitbucket.org" ? "https://api.bitbucket.org/2.0" : web_url + "/2.0";
  }

  std::string clone_authorization(const std::string& token) const override {
    return "Basic " + to_base64(token.find(':') == token.npos ? "x-token-auth:" + token : token);
  }

  Result<std::vector<std::string>> check_token(const TokenAccess& access) const override {
    const Result<ApiAnswer> answer =
        call_api(access.http, kBitbucket, bitbucket_call("GET", access.api_url + "/user", access.token));
    // Tokens of repositories and workspaces have no user, and are good all the same.
    const bool is_refused =
        !answer && answer.error().code != Errc::forbidden && answer.error().code != Errc::not_found;
    if (is_refused) return tl::unexpected<Error>(answer.error());
    return std::vector<std::string>();  // it tells nothing of scopes
  }

  Result<std::string> tell_build(const ForgeAccess& access, const model::BuildReport& report,
                                 const Known&) const override {
    ApiCall call = bitbucket_call(
        "POST", fmt::format("{}/commit/{}/statuses/build", bitbucket_repo(access), report.commit),
        access.token);
    call.body = json::object{{"key", bitbucket_key(report)},
                             {"state", bitbucket_state(report.state, "STOPPED")},
                             {"name", cut_to(check_name(report), kLongestBitbucketText)},
                             {"url", report.details_url},
                             {"description", cut_to(report.sentence, kLongestBitbucketText)}};
    if (report.branch.find(':') == std::string::npos) (*call.body)["refname"] = report.branch;
    const Result<ApiAnswer> told = call_api(access.http, kBitbucket, call);
    if (!told) return tl::unexpected<Error>(told.error());
    return std::string();
  }

  Result<std::string> tell_pull_request(const ForgeAccess& access, std::int64_t number,
                                        const std::string& marker, const std::string& comment,
                                        const Known& known) const override {
    const std::string comments = fmt::format("{}/pullrequests/{}/comments", bitbucket_repo(access), number);
    const json::object body{
        {"content", json::object{{"raw", marked_comment(comment, marker, kLongestBitbucketComment)}}}};
    KeptThing ours;
    ours.title = kBitbucket;
    ours.list = bitbucket_call("GET", comments + "?pagelen=100", access.token);
    ours.member = "values";
    ours.id_if_ours = [&](const json::object& found) {
      return bears_marker(raw_text(found), marker) ? scalar_at(found, "id") : std::string();
    };
    ours.create = bitbucket_call("POST", comments, access.token);
    ours.create.body = body;
    ours.change = [&](const std::string& id) {
      ApiCall edit = bitbucket_call("PUT", comments + "/" + id, access.token);
      edit.body = body;
      return call_api(access.http, kBitbucket, edit);
    };
    return keep_one(access.http, ours, known);
  }

  Status keep_hook(const ForgeAccess& access, const HookWish& wish) const override {
    const std::string hooks = bitbucket_repo(access) + "/hooks";
    json::array events{"repo:push", "repo:updated", "repo:transfer"};
    if (wish.pull_requests) {
      for (const char* event :
           {"pullrequest:created", "pullrequest:updated", "pullrequest:fulfilled", "pullrequest:rejected"})
        events.push_back(event);
    }
    const json::object body{{"description", "Kiln"},
                            {"url", wish.url},
                            {"active", true},
                            {"secret", wish.secret},
                            {"events", std::move(events)}};
    KeptThing hook;
    hook.title = kBitbucket;
    hook.list = bitbucket_call("GET", hooks + "?pagelen=100", access.token);
    hook.member = "values";
    hook.id_if_ours = [&](const json::object& one) {
      return text_at(one, "url") == wish.url ? text_at(one, "uuid") : std::string();
    };
    hook.create = bitbucket_call("POST", hooks, access.token);
    hook.create.body = body;
    hook.change = [&](const std::string& id) {
      ApiCall edit = bitbucket_call("PUT", hooks + "/" + url_encode(id), access.token);
      edit.body = body;
      return call_api(access.http, kBitbucket, edit);
    };
    return keep_one_hook(access.http, hook);
  }

  Result<bool> drop_hook(const ForgeAccess& access, const std::string& url_end) const override {
    const std::string hooks = bitbucket_repo(access) + "/hooks";
    KeptThing hook;
    hook.title = kBitbucket;
    hook.list = bitbucket_call("GET", hooks + "?pagelen=100", access.token);
    hook.member = "values";
    hook.id_if_ours = [&](const json::object& one) {
      return text_at(one, "url").ends_with(url_end) ? text_at(one, "uuid") : std::string();
    };
    return drop_one_hook(access.http, hook, [&](const std::string& id) {
      return bitbucket_call("DELETE", hooks + "/" + url_encode(id), access.token);
    });
  }
};

}  // namespace

const ForgeApi& bitbucket_api() {
  static const BitbucketApi one;
  return one;
}

}  // namespace kiln::scm
