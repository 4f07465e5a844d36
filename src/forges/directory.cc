#include "forges/directory.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/log.h"
#include "model/repo_place.h"

namespace kiln::forges {
namespace {

constexpr TimeMs kRenewBeforeMs = TimeMs{5} * 60'000;

// Without the user, which git's ssh URLs have before it.
std::string host_in(const std::string& url) {
  const std::string host = model::repo_place(url).host;
  const std::size_t at = host.rfind('@');
  return at == host.npos ? host : host.substr(at + 1);
}

// "https://git.example" of "https://git.example/acme/shop.git".
std::string web_origin(const std::string& url) {
  const std::size_t scheme = url.find("://");
  return url.substr(0, url.find('/', scheme == url.npos ? 0 : scheme + 3));
}

tl::unexpected<Error> not_set_up(const model::RepoConnection& connection) {
  return fail(Errc::not_found, fmt::format("no forge is set up for {}; set one up with kiln forge add",
                                           host_in(connection.clone_url)));
}

// What is wrong with an App that does not see a repository, in words that lead on.
Error not_installed(const Error& error, const model::ForgeRecord& forge, const scm::Forge& kind,
                    const std::string& full_name) {
  if (error.code != Errc::not_found) return error;
  return {
      Errc::not_found,
      fmt::format("the {} App \"{}\" does not see the repository {}: install it there, or let it see that "
                  "repository, at {}",
                  kind.title, forge.app_slug, full_name,
                  kind.apps->installation_page(forge.web_url, forge.app_slug)),
      "repo_url"};
}

}  // namespace

std::string full_name_of(const model::RepoConnection& connection) {
  return model::repo_place(connection.clone_url).path;
}

std::string api_url_of_lane(const std::string& lane) {
  return lane.substr(0, lane.find(' '));
}

Result<std::optional<model::ForgeRecord>> Directory::forge_at(const std::string& account_id,
                                                              const std::string& clone_url) {
  const Result<std::vector<model::ForgeRecord>> all = forges_.forges(account_id);
  if (!all) return tl::unexpected<Error>(all.error());
  const std::string host = host_in(clone_url);
  for (const model::ForgeRecord& forge : *all) {
    if (!host.empty() && host_in(forge.web_url + "/x/y") == host) return forge;
  }
  return std::nullopt;
}

Result<model::RepoConnection> Directory::connection_of(const std::string& account_id, const Uuid& uuid) {
  return connections_.connection(account_id, uuid);
}

// An App says more than a token can, so that it comes first; a token of the connection's own comes before one
// that is good for the whole host.
Result<std::optional<Directory::Place>> Directory::place_of(const model::RepoConnection& connection) {
  Result<std::optional<model::ForgeRecord>> forge = forge_at(connection.account_id, connection.clone_url);
  if (!forge) return tl::unexpected<Error>(forge.error());
  const bool is_app = *forge && (*forge)->is_app();
  Result<std::string> own = is_app ? Result<std::string>() : connections_.token(connection.uuid);
  if (!own) return tl::unexpected<Error>(own.error());
  const scm::Forge* kind = scm::forge_of(*forge ? (*forge)->provider : connection.provider_type);
  if (kind == nullptr || kind->api == nullptr) return std::nullopt;
  const bool is_web = connection.clone_url.starts_with("http");
  if (!*forge && (own->empty() || !is_web)) return std::nullopt;
  std::string api_url = *forge ? (*forge)->api_url : kind->api->api_url_of(web_origin(connection.clone_url));
  return Place{kind, std::move(api_url), std::move(*own), std::move(*forge)};
}

Result<std::optional<std::string>> Directory::host_of(const std::string& account_id, const Uuid& connection) {
  const Result<model::RepoConnection> found = connection_of(account_id, connection);
  if (!found) {
    if (found.error().code == Errc::not_found) return std::nullopt;
    return tl::unexpected<Error>(found.error());
  }
  const Result<std::optional<Place>> place = place_of(*found);
  if (!place) return tl::unexpected<Error>(place.error());
  if (!*place) return std::nullopt;
  const Uuid& caller = (*place)->own.empty() ? (*place)->forge->uuid : connection;
  return fmt::format("{} {}", (*place)->api_url, caller.str());
}

Result<scm::AppAccess> Directory::as_app(const model::ForgeRecord& forge, HttpClient& http) {
  const Result<model::ForgeSecrets> secrets = forges_.forge_secrets(forge.uuid);
  if (!secrets) return tl::unexpected<Error>(secrets.error());
  return scm::AppAccess{http, forge.api_url, forge.app_id, secrets->private_key, clock_.now() / 1000};
}

Result<std::string> Directory::token_for(const model::ForgeRecord& forge, const scm::Forge& kind,
                                         const model::RepoConnection& connection, HttpClient& http) {
  if (!forge.is_app()) {
    const Result<model::ForgeSecrets> secrets = forges_.forge_secrets(forge.uuid);
    if (!secrets) return tl::unexpected<Error>(secrets.error());
    return secrets->token;
  }
  {
    const std::lock_guard lock(mutex_);
    const auto kept = tokens_.find(connection.uuid);
    if (kept != tokens_.end() && kept->second.expires_on - kRenewBeforeMs > clock_.now())
      return kept->second.token;
  }
  const Result<scm::AppAccess> app = as_app(forge, http);
  if (!app) return tl::unexpected<Error>(app.error());
  const std::string full_name = full_name_of(connection);
  const Result<std::string> installation = kind.apps->installation_of(*app, full_name);
  if (!installation)
    return tl::unexpected<Error>(not_installed(installation.error(), forge, kind, full_name));
  const Result<scm::AppToken> fresh = kind.apps->token(
      *app, *installation, model::is_provisional(connection.repo_id) ? "" : connection.repo_id, full_name);
  if (!fresh) return tl::unexpected<Error>(not_installed(fresh.error(), forge, kind, full_name));
  const std::lock_guard lock(mutex_);
  tokens_[connection.uuid] = {fresh->token, fresh->expires_on};
  return fresh->token;
}

Result<Access> Directory::access(const std::string& account_id, const Uuid& connection) {
  const Result<model::RepoConnection> found = connection_of(account_id, connection);
  if (!found) return tl::unexpected<Error>(found.error());
  const Result<std::optional<Place>> place = place_of(*found);
  if (!place) return tl::unexpected<Error>(place.error());
  if (!*place) return not_set_up(*found);
  const std::optional<model::ForgeRecord>& forge = (*place)->forge;
  std::unique_ptr<HttpClient> http = door_(forge ? forge->ca : std::string());
  std::string token = (*place)->own;
  bool is_app = forge && forge->is_app();
  if (token.empty()) {
    Result<std::string> of_forge = token_for(*forge, *(*place)->kind, *found, *http);
    if (!of_forge && is_app && of_forge.error().code == Errc::not_found) {
      // What the App does not see may have been given a token of its own.
      const Result<std::string> own = connections_.token(connection);
      if (!own) return tl::unexpected<Error>(own.error());
      is_app = own->empty();
      if (!own->empty()) of_forge = *own;
    }
    if (!of_forge) return tl::unexpected<Error>(of_forge.error());
    token = std::move(*of_forge);
  }
  scm::ForgeAccess of_repo{*http,
                           (*place)->api_url,
                           std::move(token),
                           is_app,
                           is_app ? forge->app_id : std::string(),
                           model::is_provisional(found->repo_id) ? std::string() : found->repo_id,
                           full_name_of(*found)};
  return Access{(*place)->kind, std::move(http), std::move(of_repo)};
}

void Directory::forget(const Uuid& connection) {
  const std::lock_guard lock(mutex_);
  tokens_.erase(connection);
}

void Directory::forget_all() {
  const std::lock_guard lock(mutex_);
  tokens_.clear();
}

Result<std::string> Directory::clone_authorization(const model::RepoConnection& connection) {
  Result<std::string> own = connections_.clone_authorization(connection.uuid);
  if (!own || !own->empty()) return own;
  const Result<std::optional<model::ForgeRecord>> forge =
      forge_at(connection.account_id, connection.clone_url);
  if (!forge) return tl::unexpected<Error>(forge.error());
  if (!*forge || !connection.clone_url.starts_with("http")) return std::string();
  const scm::Forge* kind = scm::forge_of((*forge)->provider);
  if (kind == nullptr || kind->api == nullptr) return std::string();
  const std::unique_ptr<HttpClient> http = door_((*forge)->ca);
  const bool is_in_clear =
      (*forge)->web_url.starts_with("https://") && connection.clone_url.starts_with("http://");
  if (is_in_clear) {
    return fail(Errc::conflict,
                fmt::format("the credentials of {} go over https alone; connect the repository by its https "
                            "address",
                            (*forge)->web_url),
                "repo_url");
  }
  Result<std::string> token = token_for(**forge, *kind, connection, *http);
  // What an App does not see may be anybody's to read; if it is not, git says so.
  if (!token && token.error().code == Errc::not_found) {
    log::info("git goes without credentials connection={} reason={}", connection.uuid.str(),
              log::quoted(token.error().message));
    return std::string();
  }
  if (!token) return token;
  return kind->api->clone_authorization(*token);
}

Result<std::vector<std::string>> Directory::hook_secrets(const model::RepoConnection& connection) {
  std::vector<std::string> secrets;
  const Result<std::optional<model::ForgeRecord>> forge =
      forge_at(connection.account_id, connection.clone_url);
  if (!forge) return tl::unexpected<Error>(forge.error());
  if (!*forge) return secrets;
  const Result<model::ForgeSecrets> kept = forges_.forge_secrets((*forge)->uuid);
  if (!kept) return tl::unexpected<Error>(kept.error());
  if (!kept->webhook_secret.empty()) secrets.push_back(kept->webhook_secret);
  return secrets;
}

}  // namespace kiln::forges
