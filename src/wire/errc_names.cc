#include "wire/errc_names.h"

#include <array>
#include <utility>

namespace kiln::wire {
namespace {

constexpr std::array kNames = {
    std::pair{Errc::invalid, std::string_view("invalid")},
    std::pair{Errc::not_found, std::string_view("not_found")},
    std::pair{Errc::unauthenticated, std::string_view("unauthenticated")},
    std::pair{Errc::forbidden, std::string_view("forbidden")},
    std::pair{Errc::conflict, std::string_view("conflict")},
    std::pair{Errc::rate_limited, std::string_view("rate_limited")},
    std::pair{Errc::too_large, std::string_view("too_large")},
    std::pair{Errc::unavailable, std::string_view("unavailable")},
    std::pair{Errc::timeout, std::string_view("timeout")},
    std::pair{Errc::io, std::string_view("io")},
    std::pair{Errc::disk_full, std::string_view("disk_full")},
    std::pair{Errc::corrupt, std::string_view("corrupt")},
    std::pair{Errc::internal, std::string_view("internal")},
    std::pair{Errc::lease_lost, std::string_view("lease_lost")},
    std::pair{Errc::no_route, std::string_view("no_route")},
    std::pair{Errc::wrong_method, std::string_view("wrong_method")},
    std::pair{Errc::worker_not_found, std::string_view("worker_not_found")},
    std::pair{Errc::version_not_found, std::string_view("version_not_found")},
    std::pair{Errc::inherit_invalid, std::string_view("inherit_invalid")},
    std::pair{Errc::script_invalid, std::string_view("script_invalid")},
    std::pair{Errc::secret_not_found, std::string_view("secret_not_found")},
    std::pair{Errc::binding_unsupported, std::string_view("binding_unsupported")},
    std::pair{Errc::not_latest, std::string_view("not_latest")},
    std::pair{Errc::wrong_worker, std::string_view("wrong_worker")},
    std::pair{Errc::secrets_changed, std::string_view("secrets_changed")},
    std::pair{Errc::branch_not_found, std::string_view("branch_not_found")},
    std::pair{Errc::preview_not_found, std::string_view("preview_not_found")},
    std::pair{Errc::preview_empty, std::string_view("preview_empty")},
    std::pair{Errc::route_taken, std::string_view("route_taken")},
    std::pair{Errc::hostname_taken, std::string_view("hostname_taken")},
    std::pair{Errc::kv_namespace_not_found, std::string_view("kv_namespace_not_found")},
    std::pair{Errc::kv_key_not_found, std::string_view("kv_key_not_found")},
    std::pair{Errc::not_offered, std::string_view("not_offered")},
};

}  // namespace

std::string_view errc_name(Errc code) {
  for (const auto& [known, name] : kNames) {
    if (known == code) return name;
  }
  return "internal";
}

std::optional<Errc> errc_of_name(std::string_view name) {
  for (const auto& [code, known] : kNames) {
    if (known == name) return code;
  }
  return std::nullopt;
}

Errc errc_of_http_status(int status) {
  switch (status) {
    case 400:
      return Errc::invalid;
    case 401:
      return Errc::unauthenticated;
    case 403:
      return Errc::forbidden;
    case 404:
      return Errc::not_found;
    case 405:
      return Errc::wrong_method;
    case 409:
      return Errc::conflict;
    case 413:
      return Errc::too_large;
    case 429:
      return Errc::rate_limited;
    case 500:
      return Errc::internal;
    case 507:
      return Errc::disk_full;
    default:
      return status > 500 ? Errc::unavailable : Errc::internal;
  }
}

}  // namespace kiln::wire
