// The pages of the walk through an App's making: one that sends the manifest to the host with a click, and
// one to which the host sends the person back. Plain HTML without scripts; all that stands in them is
// escaped.
#include <fmt/format.h>

#include "api/acts.h"
#include "api/auth.h"
#include "api/forges/forge_body.h"
#include "api/forges/handlers.h"
#include "base/escape.h"
#include "base/printable.h"
#include "base/url_parts.h"

namespace kiln::api::forge_routes {
namespace {

http::Response page(int status, const std::string& title, const std::string& body,
                    const std::string& form_target) {
  const std::string text = fmt::format(
      "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" "
      "content=\"width=device-width\"><title>{0} · Kiln</title></head>\n<body><main><h1>{0}</h1>\n{1}\n"
      "</main></body></html>\n",
      html_escape(title), body);
  const std::string policy =
      fmt::format("default-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action {}",
                  form_target.empty() ? "'none'" : form_target);
  return {status,
          {{"content-type", "text/html; charset=utf-8"},
           {"content-security-policy", policy},
           {"referrer-policy", "no-referrer"},
           {"x-content-type-options", "nosniff"},
           {"cache-control", "no-store"}},
          text};
}

http::Response over() {
  return page(404, "This link is over",
              "<p>It was good for an hour and for one App. Run <code>kiln forge add</code> again for a new "
              "one.</p>",
              "");
}

Result<http::Reply> begin_page(const Shared& ground, const http::Request& request) {
  const std::string state = request.param("state");
  const std::optional<PendingApp> app = ground->pending.find(state);
  const scm::Forge* kind = app ? scm::forge_of(app->provider) : nullptr;
  if (kind == nullptr || kind->apps == nullptr || app->made) return over();
  const std::string public_url = ground->public_url();
  scm::AppApi::Manifest manifest;
  manifest.name = app->name;
  manifest.home_url = public_url;
  // A host elsewhere could not reach it, and refuses such a hook; then Kiln asks for news itself.
  const bool is_reached = !is_loopback_url(public_url) || is_loopback_url(app->web_url);
  if (is_reached) manifest.hook_url = hook_url(*ground, app->provider);
  manifest.redirect_url = public_url + "/forges/made";
  const std::string target = kind->apps->manifest_page(app->web_url, app->organization) + "?state=" + state;
  return page(
      200, fmt::format("Make Kiln's App at {}", kind->title),
      fmt::format(
          "<p>{0} will ask you to confirm the App's name; then it sends you back here. The App reads code, "
          "writes check runs and comments on pull requests, and belongs to {1}.</p>\n"
          "<form method=\"post\" action=\"{2}\"><input type=\"hidden\" name=\"manifest\" value=\"{3}\">"
          "<button type=\"submit\">Make the App at {4}</button></form>",
          html_escape(kind->title),
          app->organization.empty() ? std::string("you") : html_escape(app->organization),
          html_escape(target), html_escape(kind->apps->manifest_json(manifest)), html_escape(app->web_url)),
      origin_of(app->web_url));
}

Result<http::Reply> made_page(const Shared& ground, const http::Request& request) {
  const std::string state = request.query_value("state").value_or("");
  const std::string code = request.query_value("code").value_or("");
  const std::optional<PendingApp> app = ground->pending.find(state);
  const scm::Forge* kind = app ? scm::forge_of(app->provider) : nullptr;
  if (kind == nullptr || kind->apps == nullptr || app->made || code.empty()) return over();
  const auto failed = [&](const Error& error) {
    ground->pending.give_up(state, error.message);
    return page(502, "The App is not set up",
                fmt::format("<p>{}</p><p>Run <code>kiln forge add</code> again.</p>",
                            html_escape(printable(error.message, 500))),
                "");
  };
  const std::unique_ptr<HttpClient> http = ground->directory.client(app->ca);
  const Result<scm::MadeApp> made = kind->apps->convert_manifest(*http, app->api_url, code);
  if (!made) return failed(made.error());
  model::ForgeRecord forge;
  forge.account_id = app->account_id;
  forge.provider = app->provider;
  forge.web_url = app->web_url;
  forge.api_url = app->api_url;
  forge.ca = app->ca;
  forge.app_id = made->app_id;
  acts_as({"hook", "", app->provider}, app->account_id);
  forge.app_slug = made->slug;
  forge.client_id = made->client_id;
  // The host says the key this once: it is kept before anything else is asked.
  const Result<model::ForgeRecord> kept = keep(*ground, forge, {made->private_key, made->webhook_secret, {}});
  if (!kept) return failed(kept.error());
  ground->pending.finish(state, kept->uuid);
  const std::string next = kind->apps->installation_page(kept->web_url, kept->app_slug);
  return page(
      200, "The App is set up",
      fmt::format("<p>Its key is stored, sealed. Now let it see repositories: <a href=\"{0}\">{0}</a></p>"
                  "<p>Then connect one: <code>kiln connect {1}/OWNER/REPOSITORY --worker NAME</code></p>",
                  html_escape(next), html_escape(kept->web_url)),
      "");
}

}  // namespace

void add_pages(http::Router& router, const Shared& ground) {
  router.add("GET", "/forges/new/{state}", {0, http::Work::read},
             Gate::open([ground](const http::Request& request) { return begin_page(ground, request); }));
  router.add("GET", "/forges/made", {0, http::Work::git},
             Gate::open([ground](const http::Request& request) { return made_page(ground, request); }));
}

}  // namespace kiln::api::forge_routes
