#include <fmt/format.h>

#include <charconv>

#include "base/escape.h"
#include "base/time_format.h"
#include "scm/forge/apis.h"
#include "scm/forge/app_token.h"
#include "scm/forge/github_call.h"

namespace kiln::scm {
namespace {

constexpr const char* kGithubAppTitle = "GitHub";
constexpr int kMostAppPages = 10;
constexpr int kMostDeliveryPages = 100;

const json::object kAppPermissions = {
    {"checks", "write"}, {"contents", "read"}, {"metadata", "read"}, {"pull_requests", "write"}};

Result<ApiCall> as_app(const AppAccess& access, const std::string& method, const std::string& path) {
  const Result<std::string> jwt = app_jwt(access.private_key, access.app_id, access.now_seconds);
  if (!jwt) return tl::unexpected<Error>(jwt.error());
  return github_call(method, access.api_url + path, *jwt);
}

Result<ApiAnswer> ask_as_app(const AppAccess& access, const std::string& method, const std::string& path,
                             std::optional<json::object> body = {}) {
  Result<ApiCall> call = as_app(access, method, path);
  if (!call) return tl::unexpected<Error>(call.error());
  call->body = std::move(body);
  return call_api(access.http, kGithubAppTitle, *call);
}

AppRepository app_repository(const json::object& object) {
  return {scalar_at(object, "id"), scalar_at(object, "full_name"), scalar_at(object, "clone_url"),
          flag_at(object, "private")};
}

Result<AppToken> token_for(const AppAccess& access, const std::string& installation, json::object body) {
  const Result<ApiAnswer> answer =
      ask_as_app(access, "POST", fmt::format("/app/installations/{}/access_tokens", url_encode(installation)),
                 std::move(body));
  if (!answer) return tl::unexpected<Error>(answer.error());
  const Result<TimeMs> expires = parse_rfc3339(scalar_at(answer->body, "expires_at"));
  AppToken token{scalar_at(answer->body, "token"), expires.value_or(0)};
  if (token.token.empty() || !expires)
    return fail(Errc::unavailable, "GitHub gave no usable installation token");
  return token;
}

class GithubApp final : public AppApi {
 public:
  std::string manifest_json(const Manifest& manifest) const override {
    json::object whole{{"name", manifest.name},
                       {"url", manifest.home_url},
                       {"redirect_url", manifest.redirect_url},
                       {"public", false},
                       {"default_permissions", kAppPermissions},
                       {"default_events", json::array{"push", "pull_request", "delete", "check_run",
                                                      "check_suite", "repository"}}};
    if (!manifest.hook_url.empty())
      whole["hook_attributes"] = json::object{{"url", manifest.hook_url}, {"active", true}};
    return json::serialize(whole);
  }

  std::string manifest_page(const std::string& web_url, const std::string& organization) const override {
    if (organization.empty()) return web_url + "/settings/apps/new";
    return fmt::format("{}/organizations/{}/settings/apps/new", web_url, url_encode(organization));
  }

  Result<MadeApp> convert_manifest(HttpClient& http, const std::string& api_url,
                                   const std::string& code) const override {
    const ApiCall call =
        github_call("POST", fmt::format("{}/app-manifests/{}/conversions", api_url, url_encode(code)), "");
    const Result<ApiAnswer> answer = call_api(http, kGithubAppTitle, call);
    if (!answer) return tl::unexpected<Error>(answer.error());
    MadeApp app{scalar_at(answer->body, "id"),        scalar_at(answer->body, "slug"),
                scalar_at(answer->body, "client_id"), scalar_at(answer->body, "html_url"),
                scalar_at(answer->body, "pem"),       scalar_at(answer->body, "webhook_secret")};
    if (app.app_id.empty() || app.private_key.empty())
      return fail(Errc::unavailable, "GitHub made an App and did not say its id and key");
    return app;
  }

  std::string installation_page(const std::string& web_url, const std::string& slug) const override {
    const bool is_hosted = web_url == "https://github.com" || web_url.ends_with(".ghe.com");
    return fmt::format("{}/{}/{}/installations/new", web_url, is_hosted ? "apps" : "github-apps",
                       url_encode(slug));
  }

  Result<MadeApp> itself(const AppAccess& access) const override {
    const Result<ApiAnswer> answer = ask_as_app(access, "GET", "/app");
    if (!answer) return tl::unexpected<Error>(answer.error());
    return MadeApp{scalar_at(answer->body, "id"),
                   scalar_at(answer->body, "slug"),
                   scalar_at(answer->body, "client_id"),
                   scalar_at(answer->body, "html_url"),
                   {},
                   {}};
  }

  Result<std::vector<Installation>> installations(const AppAccess& access) const override {
    const Result<ApiCall> call = as_app(access, "GET", "/app/installations?per_page=100");
    if (!call) return tl::unexpected<Error>(call.error());
    std::vector<Installation> out;
    const Status listed =
        each_of(access.http, kGithubAppTitle, *call, "", kMostAppPages, [&](const json::object& one) {
          const json::object* account = object_at(one, "account");
          out.push_back({scalar_at(one, "id"), account == nullptr ? "" : text_at(*account, "login"),
                         !text_at(one, "suspended_at").empty(),
                         text_at(one, "repository_selection") == "all"});
          return true;
        });
    if (!listed) return tl::unexpected<Error>(listed.error());
    return out;
  }

  Result<std::vector<AppRepository>> repositories(const AppAccess& access,
                                                  const std::string& installation) const override {
    const Result<AppToken> token =
        token_for(access, installation, {{"permissions", json::object{{"metadata", "read"}}}});
    if (!token) return tl::unexpected<Error>(token.error());
    std::vector<AppRepository> out;
    const Status listed =
        each_of(access.http, kGithubAppTitle,
                github_call("GET", access.api_url + "/installation/repositories?per_page=100", token->token),
                "repositories", kMostAppPages, [&](const json::object& one) {
                  out.push_back(app_repository(one));
                  return true;
                });
    if (!listed) return tl::unexpected<Error>(listed.error());
    return out;
  }

  Result<std::string> installation_of(const AppAccess& access, const std::string& full_name) const override {
    const Result<ApiAnswer> answer =
        ask_as_app(access, "GET", fmt::format("/repos/{}/installation", url_encode_path(full_name)));
    if (!answer) return tl::unexpected<Error>(answer.error());
    std::string id = scalar_at(answer->body, "id");
    if (id.empty()) return fail(Errc::unavailable, "GitHub named an installation without an id");
    return id;
  }

  Result<AppToken> token(const AppAccess& access, const std::string& installation, const std::string& repo_id,
                         const std::string& full_name) const override {
    json::object body{{"permissions", kAppPermissions}};
    std::int64_t id = 0;
    const auto read = std::from_chars(repo_id.data(), repo_id.data() + repo_id.size(), id);
    if (read.ec == std::errc() && read.ptr == repo_id.data() + repo_id.size() && id > 0) {
      body["repository_ids"] = json::array{id};
    } else {
      body["repositories"] = json::array{full_name.substr(full_name.rfind('/') + 1)};
    }
    return token_for(access, installation, std::move(body));
  }

  Result<AppRepository> repository(HttpClient& http, const std::string& api_url, const std::string& token,
                                   const std::string& full_name) const override {
    const Result<ApiAnswer> answer =
        call_api(http, kGithubAppTitle,
                 github_call("GET", fmt::format("{}/repos/{}", api_url, url_encode_path(full_name)), token));
    if (!answer) return tl::unexpected<Error>(answer.error());
    const json::object* object = answer->body.if_object();
    if (object == nullptr)
      return fail(Errc::unavailable, "GitHub described a repository by what is no object");
    return app_repository(*object);
  }

  Result<std::vector<KeptDelivery>> deliveries(const AppAccess& access, TimeMs since) const override {
    const Result<ApiCall> call = as_app(access, "GET", "/app/hook/deliveries?per_page=100");
    if (!call) return tl::unexpected<Error>(call.error());
    std::vector<KeptDelivery> out;
    const Status listed =
        each_of(access.http, kGithubAppTitle, *call, "", kMostDeliveryPages, [&](const json::object& one) {
          const std::int64_t status = number_at(one, "status_code").value_or(0);
          const TimeMs time = parse_rfc3339(scalar_at(one, "delivered_at")).value_or(0);
          if (time < since) return false;
          out.push_back({scalar_at(one, "id"), scalar_at(one, "guid"), scalar_at(one, "event"), time,
                         status >= 200 && status < 300});
          return true;
        });
    if (!listed) return tl::unexpected<Error>(listed.error());
    return out;
  }

  Status deliver_again(const AppAccess& access, const std::string& delivery) const override {
    const Result<ApiAnswer> answer =
        ask_as_app(access, "POST", fmt::format("/app/hook/deliveries/{}/attempts", url_encode(delivery)));
    if (!answer) return tl::unexpected<Error>(answer.error());
    return {};
  }
};

}  // namespace

const AppApi& github_apps() {
  static const GithubApp one;
  return one;
}

}  // namespace kiln::scm
