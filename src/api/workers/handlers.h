// What the files of the Workers API share: who acts, on which Worker, and the pages of a list. Only for
// api/workers.
#pragma once

#include <algorithm>
#include <boost/json/object.hpp>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "api/auth.h"
#include "api/workers/routes.h"
#include "http/router.h"
#include "model/worker.h"
#include "store/page.h"

namespace kiln::api {

inline constexpr std::size_t kMaxUpload = std::size_t{100} << 20U;

using AddRoute = std::function<void(const char* method, const std::string& path, Needs needs,
                                    http::RouteOptions options, CallHandler handler)>;

// One group of routes each; `add` puts /client/v4 before the path.
void add_user_routes(const AddRoute& add, const WorkersDeps& deps);
void add_script_routes(const AddRoute& add, const WorkersDeps& deps);
void add_settings_routes(const AddRoute& add, const WorkersDeps& deps);
void add_version_routes(const AddRoute& add, const WorkersDeps& deps);
void add_version_compare_routes(const AddRoute& add, const WorkersDeps& deps);
void add_secret_routes(const AddRoute& add, const WorkersDeps& deps);
void add_preview_routes(const AddRoute& add, const WorkersDeps& deps);
void add_content_routes(const AddRoute& add, const WorkersDeps& deps);
void add_worker_routes(const AddRoute& add, const WorkersDeps& deps);
void add_worker_version_routes(const AddRoute& add, const WorkersDeps& deps);
void add_account_routes(const AddRoute& add, const WorkersDeps& deps);
void add_zone_routes(const AddRoute& add, const WorkersDeps& deps);
void add_domain_routes(const AddRoute& add, const WorkersDeps& deps);
void add_tail_routes(http::Router& router, const AddRoute& add, const WorkersDeps& deps);
void add_asset_routes(http::Router& router, const AddRoute& add, const WorkersDeps& deps);

// "/accounts/{account_id}/workers/scripts/{script_name}" + tail.
[[nodiscard]] std::string script_path(const std::string& tail);

[[nodiscard]] workers::Actor actor_of(const Call& call);
// A stand-in for the address that clients expect of every user: Kiln has tokens, not users.
[[nodiscard]] std::string email_of(const model::Principal& who);

// The Worker named by the path, for reading: another Worker than a build's own is Errc::worker_not_found to
// its token. Below /workers/workers/ a tag will do for a name.
[[nodiscard]] Result<model::Worker> worker_to_read(const WorkersDeps& deps, const Call& call);
// The same for writing: Errc::wrong_worker.
[[nodiscard]] Result<model::Worker> worker_to_write(const WorkersDeps& deps, const Call& call);
// Only the name is held against a build's token: the Worker need not exist.
[[nodiscard]] Status check_may_write(const Call& call, const std::string& worker_name);

// Whether a version of the Worker can be called at an address of its own.
[[nodiscard]] bool has_preview(const model::Worker& worker, const model::Version& version);
// What whoever uploaded the version should know of how it is run; empty: nothing.
[[nodiscard]] std::string upload_note(const WorkersDeps& deps, const model::Version& version);
// The version that {version_id} or another text names; no deployment of a preview. Errors:
// Errc::version_not_found.
[[nodiscard]] Result<model::Version> version_of(const WorkersDeps& deps, const model::Worker& worker,
                                                std::string_view id);

// page and per_page of the query, within bounds.
[[nodiscard]] store::Page page_of(const http::Request& request, int per_page_default, int per_page_max);

// That page of a list that is all there.
template <typename T>
[[nodiscard]] std::span<const T> page_in(const std::vector<T>& all, store::Page page) {
  const auto size = static_cast<std::size_t>(page.per_page);
  const std::size_t first = std::min(static_cast<std::size_t>(page.page - 1) * size, all.size());
  return std::span<const T>(all).subspan(first, std::min(size, all.size() - first));
}

// A JSON object as the request's body.
[[nodiscard]] Result<boost::json::object> body_object(const http::Request& request);

// "wrangler": what the newest deployment came from; empty when there is none.
[[nodiscard]] Result<std::string> last_deployed_from(const WorkersDeps& deps, const std::string& worker_tag);

}  // namespace kiln::api
