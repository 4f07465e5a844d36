#include "api/kv/routes.h"

#include "api/kv/handlers.h"

namespace kiln::api {
namespace kv {

Result<std::string> space_of(const KvDeps& deps, const Call& call) {
  Result<model::KvNamespace> found =
      deps.namespaces.find(call.account_id, call.request.param("namespace_id"));
  if (!found) return tl::unexpected<Error>(found.error());
  return std::move(found->id);
}

}  // namespace kv

void add_kv_routes(http::Router& router, const Gate& gate, const KvDeps& deps) {
  kv::Routes routes(router, gate, deps, "/storage/kv/namespaces");
  kv::add_namespaces(routes);
  kv::add_values(routes);
  kv::add_bulk(routes);
}

}  // namespace kiln::api
