// The namespaces themselves. `keys` and `bytes` are Kiln's own: how full a namespace is.
#include <boost/json.hpp>

#include "api/builds/handlers.h"
#include "api/error_table.h"
#include "api/kv/handlers.h"
#include "api/workers/handlers.h"
#include "base/strings.h"

namespace kiln::api::kv {
namespace {

namespace json = boost::json;

json::object namespace_json(const model::KvNamespace& space) {
  return {{"id", space.id}, {"title", space.title}, {"supports_url_encoding", true}};
}

Result<std::string> title_in(const Call& call) {
  const Result<json::object> body = builds::object_body(call);
  if (!body) return tl::unexpected<Error>(body.error());
  const json::value* title = body->if_contains("title");
  if (title == nullptr || !title->is_string() || title->get_string().empty() ||
      title->get_string().size() > model::kLongestKvTitle)
    return fail(Errc::invalid, "A KV namespace needs a title of 1 to 512 bytes: {\"title\": \"sessions\"}.",
                "title");
  return std::string(title->get_string());
}

Result<http::Reply> list_namespaces(const KvDeps& deps, const Call& call) {
  constexpr int kUsual = 20;
  const store::Page page = page_of(call.request, kUsual, model::kMostKvNamespaces);
  const std::string order = call.request.query_value("order").value_or("id");
  const std::string direction = call.request.query_value("direction").value_or("asc");
  if (order != "id" && order != "title") return fail(Errc::invalid, "order must be id or title.", "order");
  if (direction != "asc" && direction != "desc")
    return fail(Errc::invalid, "direction must be asc or desc.", "direction");
  const auto found = deps.namespaces.namespaces(call.account_id, page,
                                                order == "title" ? store::KvOrder::title : store::KvOrder::id,
                                                direction == "desc");
  if (!found) return tl::unexpected<Error>(found.error());
  json::array out;
  for (const model::KvNamespace& space : found->items) out.push_back(namespace_json(space));
  return builds::list_response(std::move(out), page, found->total);
}

// The file first: a row without one would be a namespace that takes nothing.
Result<http::Reply> create_namespace(const KvDeps& deps, const Call& call) {
  const Result<std::string> title = title_in(call);
  if (!title) return tl::unexpected<Error>(title.error());
  const model::KvNamespace space{deps.entropy.hex32(), call.account_id, *title, deps.clock.now()};
  if (const Status made = deps.values.make(space.id); !made) return tl::unexpected<Error>(made.error());
  if (const Status added = deps.namespaces.add(space); !added) {
    (void)deps.values.drop(space.id);  // else the next start does
    return tl::unexpected<Error>(added.error());
  }
  return success_response(namespace_json(space));
}

Result<http::Reply> get_namespace(const KvDeps& deps, const Call& call) {
  const auto space = deps.namespaces.find(call.account_id, call.request.param("namespace_id"));
  if (!space) return tl::unexpected<Error>(space.error());
  const Result<store::KvSize> size = deps.values.size(space->id);
  if (!size) return tl::unexpected<Error>(size.error());
  json::object out = namespace_json(*space);
  out["keys"] = size->keys;
  out["bytes"] = size->bytes;
  return success_response(out);
}

Result<http::Reply> rename_namespace(const KvDeps& deps, const Call& call) {
  const Result<std::string> title = title_in(call);
  if (!title) return tl::unexpected<Error>(title.error());
  const std::string id = call.request.param("namespace_id");
  if (const Status renamed = deps.namespaces.rename(call.account_id, id, *title); !renamed)
    return tl::unexpected<Error>(renamed.error());
  const auto space = deps.namespaces.find(call.account_id, id);
  if (!space) return tl::unexpected<Error>(space.error());
  return success_response(namespace_json(*space));
}

// The row first: what is left of a namespace after a crash is swept away, and never found again.
Result<http::Reply> delete_namespace(const KvDeps& deps, const Call& call) {
  const std::string id = call.request.param("namespace_id");
  if (const Status gone = deps.namespaces.remove(call.account_id, id); !gone)
    return tl::unexpected<Error>(gone.error());
  if (const Status dropped = deps.values.drop(id); !dropped) return tl::unexpected<Error>(dropped.error());
  return success_response(json::object());
}

}  // namespace

void add_namespaces(Routes& routes) {
  routes.add("GET", "", Needs::scripts_read, list_namespaces);
  routes.add("POST", "", Needs::data_write, create_namespace);
  routes.add("GET", "/{namespace_id}", Needs::data_read, get_namespace);
  routes.add("PUT", "/{namespace_id}", Needs::data_write, rename_namespace);
  routes.add("DELETE", "/{namespace_id}", Needs::data_write, delete_namespace);
}

}  // namespace kiln::api::kv
