#include "api/auth.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "api/acts.h"
#include "api/error_table.h"
#include "base/hash.h"
#include "base/ids.h"
#include "base/strings.h"

namespace kiln::api {
namespace {

bool has_right(const model::Principal& who, Needs needs) {
  switch (needs) {
    case Needs::any:
      return true;
    case Needs::ci_read:
      return who.permissions.ci_read;
    case Needs::ci_write:
      return who.permissions.ci_write;
    case Needs::scripts_read:
    case Needs::data_read:
      return who.permissions.scripts_read;
    case Needs::scripts_write:
    case Needs::preview_write:
    case Needs::data_write:
      return who.permissions.scripts_write;
    case Needs::queues_list:
    case Needs::queues_read:
      return who.permissions.ci_read || who.permissions.scripts_read;
    case Needs::queues_write:
      return who.permissions.ci_write || who.permissions.scripts_write;
    case Needs::admin:
      return who.is_admin;
  }
  return false;
}

// A build's own token is for deploying its Worker, nothing else.
bool build_may(Needs needs) {
  return needs != Needs::ci_read && needs != Needs::ci_write && needs != Needs::admin;
}

// The path below the account, for people.
std::string_view what_of(const http::Request& request) {
  const std::string_view path = request.path;
  const std::size_t account = path.find(request.param("account_id"));
  const std::size_t slash = account == std::string_view::npos ? account : path.find('/', account);
  return slash == std::string_view::npos ? path : path.substr(slash + 1);
}

Status check_preview(const model::BuildScope& build, Needs needs, const http::Request& request) {
  const bool reads = request.method == "GET" || request.method == "HEAD";
  const bool is_data = needs == Needs::data_read || needs == Needs::data_write ||
                       needs == Needs::queues_read || needs == Needs::queues_write;
  if (!build.previews_only() || (reads && !is_data) || needs == Needs::preview_write) return {};
  const std::string branch = to_valid_utf8(build.branch);
  std::string words = fmt::format(
      "This build may upload versions and previews, and neither change what is live or secret nor see what "
      "Workers keep: its trigger does not name the branch '{}'. Refused: {} {}. ",
      branch, request.method, to_valid_utf8(what_of(request)));
  words += build.trust == model::CacheTrust::fork
               ? "It builds a fork's pull request, to which no setting gives more."
               : fmt::format(
                     "Deploy with `npx wrangler versions upload` here; or put '{}' into the trigger's "
                     "branch_includes to make it a production branch; or let every branch's build deploy, "
                     "with builds.preview_token = \"full\" in the server's settings.",
                     branch);
  return fail(Errc::forbidden, std::move(words));
}

// Its name as `kiln token create --permissions` takes it; of several that are enough, one.
std::string_view right_of(Needs needs) {
  switch (needs) {
    case Needs::any:
      return "";
    case Needs::ci_read:
      return "ci:read";
    case Needs::ci_write:
      return "ci:write";
    case Needs::scripts_read:
    case Needs::data_read:
      return "scripts:read";
    case Needs::scripts_write:
    case Needs::preview_write:
    case Needs::data_write:
      return "scripts:write";
    case Needs::queues_list:
    case Needs::queues_read:
      return "ci:read";
    case Needs::queues_write:
      return "ci:write";
    case Needs::admin:
      return "admin";
  }
  return "";
}

// Which right lacks, and how to get it.
std::string lacking(const model::Principal& who, Needs needs) {
  const std::string_view right = right_of(needs);
  if (who.build) {
    return fmt::format(
        "Authentication error: the token of a build is for deploying its Worker alone, and this needs the "
        "right {}; give the build a token of its own in a secret variable",
        right);
  }
  if (who.session && !who.permissions.str().empty()) {
    return fmt::format(
        "Authentication error: this needs the right {}, which the session '{}' lacks; sign in by `kiln "
        "dashboard` or with a token that has it",
        right, to_valid_utf8(who.name));
  }
  return fmt::format(
      "Authentication error: this needs the right {}, which the token '{}' lacks; an administrator makes one "
      "that has it: kiln token create --name NAME --permissions {}",
      right, to_valid_utf8(who.name), right);
}

Status check_right(const model::Principal& who, Needs needs, const http::Request& request) {
  if (!has_right(who, needs) || (who.build && !build_may(needs)))
    return fail(Errc::forbidden, lacking(who, needs), kLacksRight);
  return who.build ? check_preview(*who.build, needs, request) : Status();
}

// The account of the path, when it has one.
Result<std::string> account_of(const http::Request& request, const model::Principal& who) {
  const std::string account = request.param("account_id");
  if (account.empty()) return who.account_id;
  if (!is_hex32(account)) return fail(Errc::no_route, "the account id is not 32 hex digits");
  if (!who.is_admin && account != who.account_id) {
    return fail(Errc::forbidden, "Authentication error: the token belongs to another account");
  }
  return account;
}

}  // namespace

std::string_view bearer_of(const http::Request& request) {
  constexpr std::size_t scheme = 7;
  const std::string_view value = request.header("authorization");
  if (to_lower(value.substr(0, scheme)) != "bearer ") return {};
  return trim(value.substr(scheme));
}

std::string Gate::worker_share(const std::string& account_id, const std::string& worker_name) {
  return sha256(account_id + "/" + worker_name);
}

void Gate::counts_to(const http::Request& request, std::string_view secret_hash) {
  std::memcpy(&request.caller, secret_hash.data(), std::min(secret_hash.size(), sizeof request.caller));
  request.caller |= 1U;  // 0 is nobody
}

Result<Gate::Caller> Gate::identify(const http::Request& request, Noting noting) const {
  if (request.peer_uid && (*request.peer_uid == owner_uid_ || *request.peer_uid == 0)) {
    model::Principal admin;
    admin.name = "administrator";
    admin.permissions = model::Permissions::all();
    admin.is_admin = true;
    request.caller = 1;
    return std::make_shared<const model::Principal>(std::move(admin));
  }
  if (sessions_ != nullptr && Sessions::claims_one(request)) {
    Result<Caller> session = sessions_->identify(request, noting == Noting::yes);
    if (session) counts_to(request, sha256((*session)->session->raw()));
    return session;
  }
  if (request.token_hash.empty()) {
    const std::string_view token = bearer_of(request);
    if (token.empty()) return fail(Errc::unauthenticated, "no bearer token was sent");
    request.token_hash = sha256(token);
  }
  Result<Caller> found = look_up(request, noting);
  if (!found) return found;
  // All that a build sends, by its token or by an asset session that it opened, counts to its Worker.
  if (const auto& build = (*found)->build) {
    counts_to(request, worker_share((*found)->account_id, build->worker_name));
  } else {
    counts_to(request, request.token_hash);
  }
  return found;
}

// Looked up by its hash: how long that takes says nothing about the token. Every token is, however many have
// failed from that address: nobody guesses 256 bits, and others who share the address are not to suffer. A
// bad one costs one indexed read.
Result<Gate::Caller> Gate::look_up(const http::Request& request, Noting noting) const {
  const TimeMs now = clock_.now();
  const std::string& hash = request.token_hash;
  const std::uint64_t generation = changes_.tokens.load();
  if (Caller known = known_.find(hash, generation, now)) return known;
  const Result<std::optional<model::Principal>> found = accounts_.find_principal(hash);
  if (!found) return tl::unexpected<Error>(found.error());
  if (!*found) return tl::unexpected<Error>(failure(request, now));
  auto principal = std::make_shared<model::Principal>(**found);
  if (principal->build && principal->build->trust == model::CacheTrust::branch &&
      preview_token_ == model::PreviewToken::full) {
    principal->build->trust = model::CacheTrust::production;
  }
  const Caller caller = std::move(principal);
  if (!caller->build && noting == Noting::yes) {
    {
      const std::lock_guard lock(uses_mutex_);
      uses_.insert(caller->token_id);
    }
    known_.put(hash, generation, now, caller);
  }
  return caller;
}

void Gate::write_uses() const {
  if (sessions_ != nullptr) sessions_->write_uses();
  std::set<std::string> uses;
  {
    const std::lock_guard lock(uses_mutex_);
    uses.swap(uses_);
  }
  for (const std::string& token : uses) accounts_.touch_token(token);
}

Error Gate::failure(const http::Request& request, TimeMs now) const {
  const std::optional<int> wait = failed_.wait_seconds(request.peer, now);
  failed_.note(request.peer, now);
  if (!wait) return {Errc::unauthenticated, "the token is unknown, expired or revoked", {}};
  return {Errc::rate_limited,
          fmt::format("the token is unknown, expired or revoked, like too many before it from your address; "
                      "see that it is the right one and try again in {} s",
                      *wait),
          std::to_string(*wait)};
}

Result<Gate::Admitted> Gate::admit(Needs needs, const http::Request& request, Noting noting) const {
  Result<Caller> found = identify(request, noting);
  if (!found) return tl::unexpected<Error>(found.error());
  Result<std::string> account = account_of(request, **found);
  if (!account) return tl::unexpected<Error>(account.error());
  if (const Status right = check_right(**found, needs, request); !right)
    return tl::unexpected<Error>(right.error());
  return Admitted{std::move(*found), std::move(*account)};
}

// What is told piece by piece is told only to whoever may still hear it: a token may be revoked, or a session
// end, while somebody listens. Asking again is no use of it.
void Gate::keep_asking(Needs needs, const http::Request& request,
                       std::function<http::StreamStep()>& next) const {
  http::Request head = request;
  head.body.clear();
  next = [this, needs, head = std::move(head), inner = std::move(next)]() -> http::StreamStep {
    if (!admit(needs, head, Noting::no)) return {{}, std::nullopt, true};
    return inner();
  };
}

// What changed nothing in the store is told all the same, unless it only looks.
Result<http::Reply> Gate::act(const CallHandler& handler, const Call& call) const {
  std::optional<AskedAct> asked = act_of(call.request, call.who, call.account_id);
  if (!asked) return handler(call);
  Result<http::Reply> reply = [&] {
    const store::Acting acting(asked->act);
    return handler(call);
  }();
  if (!reply || !is_done(*reply) || asked->act.rows > 0) return reply;
  if (audit_ == nullptr || asked->audited != Audited::always) return reply;
  if (const Status noted = audit_->note(asked->act); !noted) return tl::unexpected<Error>(noted.error());
  return reply;
}

http::Guarded Gate::guard(Needs needs, CallHandler handler) const {
  return {[this, needs](const http::Request& request) -> std::optional<http::Response> {
            const Result<Admitted> admitted = admit(needs, request, Noting::no);
            if (admitted) return std::nullopt;
            return error_response(request, admitted.error());
          },
          [this, needs, handler = std::move(handler)](const http::Request& request) -> http::Reply {
            Result<Admitted> admitted = admit(needs, request, Noting::yes);
            if (!admitted) return error_response(request, admitted.error());
            Result<http::Reply> reply =
                act(handler, Call{request, *admitted->who, std::move(admitted->account_id)});
            if (!reply) return error_response(request, reply.error());
            if (auto* stream = std::get_if<http::Stream>(&*reply)) keep_asking(needs, request, stream->next);
            if (auto* socket = std::get_if<http::WebSocket>(&*reply))
              keep_asking(needs, request, socket->next);
            return std::move(*reply);
          }};
}

http::Handler Gate::open(std::function<Result<http::Reply>(const http::Request&)> handler) {
  return [handler = std::move(handler)](const http::Request& request) -> http::Reply {
    std::optional<AskedAct> asked = act_of_stranger(request);
    std::optional<store::Acting> acting;
    if (asked) acting.emplace(asked->act);
    Result<http::Reply> reply = handler(request);
    if (!reply) return error_response(request, reply.error());
    return std::move(*reply);
  };
}

http::Guarded Gate::open(std::function<Status(const http::Request&)> check,
                         std::function<Result<http::Reply>(const http::Request&)> handler) {
  return {[check = std::move(check)](const http::Request& request) -> std::optional<http::Response> {
            const Status fine = check(request);
            if (fine) return std::nullopt;
            return error_response(request, fine.error());
          },
          open(std::move(handler))};
}

}  // namespace kiln::api
