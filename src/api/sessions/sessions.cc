#include "api/sessions/sessions.h"

#include <utility>

#include "base/hash.h"

namespace kiln::api {

bool Sessions::claims_one(const http::Request& request) {
  if (!request.header("authorization").empty()) return false;
  for (const auto& [field, value] : request.headers) {
    if (field == "cookie" && value.find("kiln_session_") != std::string::npos) return true;
  }
  return false;
}

tl::unexpected<Error> nobody_is_signed_in() {
  return fail(Errc::unauthenticated,
              "Nobody is signed in: sign in at /login, or run `kiln dashboard` for a link");
}

Result<std::shared_ptr<const model::Principal>> Sessions::identify(const http::Request& request,
                                                                   bool noted) const {
  const Result<sessions::PageHost> host = sessions::check_host(request, rules_);
  if (!host) return tl::unexpected<Error>(host.error());
  if (Status origin = sessions::check_origin(request, *host); !origin)
    return tl::unexpected<Error>(origin.error());
  const Result<std::string> cookie = sessions::cookie_of(request, host->cookie_name());
  if (!cookie) return tl::unexpected<Error>(cookie.error());
  if (cookie->empty()) return nobody_is_signed_in();
  const std::string hash = sha256(*cookie);
  const TimeMs now = clock_.now();
  const std::uint64_t generation = changes_.tokens.load();
  std::shared_ptr<const model::Principal> caller = known_.find(hash, generation, now);
  if (!caller) {
    const Result<std::optional<model::Session>> session = store_.find_session(hash);
    if (!session) return tl::unexpected<Error>(session.error());
    if (!*session) return fail(Errc::unauthenticated, "The session has ended; sign in again");
    model::Principal principal;
    principal.account_id = (*session)->account_id;
    principal.token_id = (*session)->token ? (*session)->token->str() : "";
    principal.name = (*session)->name;
    principal.permissions = (*session)->permissions;
    principal.is_admin = (*session)->is_admin();
    principal.expires_on = std::min((*session)->expires_on, (*session)->idle_expires_on());
    principal.session = (*session)->id;
    principal.is_person = !(*session)->person.empty();
    caller = std::make_shared<const model::Principal>(std::move(principal));
    known_.put(hash, generation, now, caller);
  }
  if (!noted) return caller;
  const std::lock_guard lock(uses_mutex_);
  uses_.insert(*caller->session);
  return caller;
}

void Sessions::write_uses() const {
  std::set<Uuid> uses;
  {
    const std::lock_guard lock(uses_mutex_);
    uses.swap(uses_);
  }
  for (const Uuid& session : uses) store_.touch_session(session);
}

}  // namespace kiln::api
