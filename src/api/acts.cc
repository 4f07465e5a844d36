#include "api/acts.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <unordered_map>
#include <variant>

namespace kiln::api {
namespace {

// Parts of paths that let whoever knows them in, and the account, which stands beside.
constexpr std::array<std::string_view, 5> kUntold = {"account_id", "badge_uuid", "deploy_hook_uuid",
                                                     "hook_id", "tail_id"};

const OperationName* operation_of(const http::Request& request) {
  static const std::unordered_map<std::string_view, const OperationName*> by_route = [] {
    std::unordered_map<std::string_view, const OperationName*> map;
    for (const OperationName& name : operation_names()) map[name.route] = &name;
    return map;
  }();
  if (request.pattern.empty()) return nullptr;
  const std::string route = fmt::format("{} {}", request.method, request.pattern);
  const auto found = by_route.find(route);
  return found == by_route.end() || found->second->audited == Audited::never ? nullptr : found->second;
}

std::string target_of(const http::Request& request) {
  std::string target;
  for (const auto& [name, value] : request.params) {
    if (std::find(kUntold.begin(), kUntold.end(), name) != kUntold.end()) continue;
    target += (target.empty() ? "" : "/") + value;
  }
  return target;
}

model::Actor actor_in_audit(const http::Request& request, const model::Principal& who) {
  if (who.build) return {"build", who.build->build_uuid.str(), who.build->worker_name};
  if (who.session) return {"session", who.session->str(), who.name};
  if (who.token_id.empty())
    return {"administrator", request.peer_uid ? fmt::format("uid {}", *request.peer_uid) : "", who.name};
  return {"token", who.token_id, who.name};
}

}  // namespace

std::optional<AskedAct> act_of(const http::Request& request, const model::Principal& who,
                               const std::string& account_id) {
  if (request.method == "GET" || request.method == "HEAD") return std::nullopt;
  std::optional<AskedAct> asked = act_of_stranger(request);
  if (!asked) return asked;
  asked->act.who = actor_in_audit(request, who);
  // An administrator's act on no account is on the installation.
  const bool whole =
      who.is_admin && request.param("account_id").empty() && request.pattern.starts_with("/kiln/v1/");
  if (!whole) asked->act.account_id = account_id;
  return asked;
}

std::optional<AskedAct> act_of_stranger(const http::Request& request) {
  const OperationName* operation = operation_of(request);
  if (operation == nullptr) return std::nullopt;
  AskedAct asked;
  asked.audited = operation->audited;
  asked.act.who.kind = "anybody";
  asked.act.address = request.peer;
  asked.act.request_id = request.id;
  asked.act.action = operation->name;
  asked.act.target = target_of(request);
  return asked;
}

void acts_as(model::Actor who, const std::string& account_id) {
  store::Act* act = store::Acting::now();
  if (act == nullptr) return;
  act->who = std::move(who);
  act->account_id = account_id;
}

void acts_on(std::string_view what) {
  store::Act* act = store::Acting::now();
  if (act == nullptr) return;
  if (!act->target.empty()) act->target += '/';
  act->target += what;
}

bool is_done(const http::Reply& reply) {
  if (std::holds_alternative<http::Wait>(reply)) return false;
  const auto* response = std::get_if<http::Response>(&reply);
  return response == nullptr || response->status < 400;
}

}  // namespace kiln::api
