#include "api/forges/forge_body.h"

#include "base/strings.h"
#include "base/time_format.h"
#include "scm/forge/app_token.h"
#include "scm/forge/forge.h"
#include "wire/json.h"
#include "wire/or_null.h"

namespace kiln::api::forge_routes {
namespace {

namespace json = boost::json;

constexpr std::size_t kLongestUrl = 2'048;
constexpr std::size_t kLongestPem = 64U << 10U;
constexpr std::size_t kLongestToken = 8U << 10U;

std::string without_slash(std::string url) {
  while (url.ends_with('/')) url.pop_back();
  return url;
}

bool is_web_url(const std::string& url) {
  const bool web = url.starts_with("https://") || url.starts_with("http://");
  return web && url.find('@') == url.npos && url.find_first_of("?#") == url.npos;
}

// Where the most used one of each kind stands.
std::string usual_place(const std::string& provider) {
  for (const scm::Forge& forge : scm::forges()) {
    if (forge.provider == provider) return std::string(forge.usual_url);
  }
  return {};
}

std::string known_providers() {
  std::string words;
  for (const scm::Forge& forge : scm::forges()) {
    if (forge.api != nullptr) words += (words.empty() ? "" : ", ") + std::string(forge.provider);
  }
  return words;
}

// provider, web_url, api_url and ca.
void read_place(wire::Fields& fields, model::ForgeRecord& forge) {
  forge.provider = fields.required_text("provider", {1, 64, false});
  forge.web_url = without_slash(fields.optional_text("web_url", {1, kLongestUrl, false}).value_or(""));
  forge.api_url = without_slash(fields.optional_text("api_url", {1, kLongestUrl, false}).value_or(""));
  forge.ca = fields.optional_text("ca", {0, kLongestPem, true}).value_or("");
  const scm::Forge* kind = scm::forge_of(forge.provider);
  if (!forge.provider.empty() && (kind == nullptr || kind->api == nullptr)) {
    fields.refuse("provider", "must be one of " + known_providers());
    return;
  }
  if (kind == nullptr) return;
  if (forge.web_url.empty()) forge.web_url = usual_place(forge.provider);
  if (forge.web_url.empty()) {
    fields.refuse("web_url", "is needed: where this host is, such as https://git.example.com");
    return;
  }
  if (!is_web_url(forge.web_url)) fields.refuse("web_url", "must be an http(s) URL without credentials");
  if (forge.api_url.empty()) forge.api_url = kind->api->api_url_of(forge.web_url);
  if (!is_web_url(forge.api_url)) fields.refuse("api_url", "must be an http(s) URL without credentials");
}

}  // namespace

Result<ForgeBody> read_forge(const json::object& body) {
  wire::Fields fields(body);
  ForgeBody out;
  read_place(fields, out.forge);
  out.forge.app_id = fields.optional_text("app_id", {1, 64, false}).value_or("");
  out.secrets.private_key = fields.optional_text("private_key", {1, kLongestPem, true}).value_or("");
  out.secrets.webhook_secret = fields.optional_text("webhook_secret", {1, 1'024, false}).value_or("");
  out.secrets.token = fields.optional_text("token", {1, kLongestToken, false}).value_or("");
  const scm::Forge* kind = scm::forge_of(out.forge.provider);
  const bool takes_apps = kind != nullptr && kind->apps != nullptr;
  if (out.forge.app_id.empty() == out.secrets.token.empty()) {
    fields.refuse("token", takes_apps ? "or app_id with private_key is needed, and not both" : "is needed");
  } else if (out.forge.is_app() && !takes_apps) {
    fields.refuse("app_id", "this kind of host has no Apps; give a token");
  } else if (out.forge.is_app() && out.forge.app_id.find_first_not_of("0123456789") != std::string::npos) {
    fields.refuse("app_id", "must be the App's number");
  } else if (out.forge.is_app()) {
    if (const Status key = scm::check_app_key(out.secrets.private_key); !key)
      fields.refuse("private_key", key.error().message);
  }
  if (Status fine = fields.status(); !fine) return tl::unexpected<Error>(fine.error());
  return out;
}

Result<AppBody> read_new_app(const json::object& body) {
  wire::Fields fields(body);
  AppBody out;
  read_place(fields, out.forge);
  out.organization = fields.optional_text("organization", {1, 128, false}).value_or("");
  out.name = fields.optional_text("name", {1, 34, false}).value_or("");
  const scm::Forge* kind = scm::forge_of(out.forge.provider);
  if (kind != nullptr && kind->apps == nullptr)
    fields.refuse("provider", "this kind of host has no Apps; set it up with a token");
  if (Status fine = fields.status(); !fine) return tl::unexpected<Error>(fine.error());
  return out;
}

json::object forge_json(const model::ForgeRecord& forge, const std::string& hook_url) {
  const scm::Forge* kind = scm::forge_of(forge.provider);
  const bool can_install =
      forge.is_app() && kind != nullptr && kind->apps != nullptr && !forge.app_slug.empty();
  return {{"forge_uuid", forge.uuid.str()},
          {"provider", forge.provider},
          {"web_url", forge.web_url},
          {"api_url", forge.api_url},
          {"app_id", wire::text_or_null(forge.app_id)},
          {"app_slug", wire::text_or_null(forge.app_slug)},
          {"installation_url", can_install
                                   ? json::value(kind->apps->installation_page(forge.web_url, forge.app_slug))
                                   : json::value(nullptr)},
          {"hook_url", hook_url},
          {"own_ca", !forge.ca.empty()},
          {"created_on", format_rfc3339(forge.created_on)}};
}

}  // namespace kiln::api::forge_routes
