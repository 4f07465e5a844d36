#include "api/r2/routes.h"

#include "api/r2/handlers.h"

namespace kiln::api {
namespace r2 {

// A crash between the steps of a deletion may have left the name alone.
Result<model::R2Bucket> bucket_of(const R2Deps& deps, const http::Request& request,
                                  const std::string& account_id) {
  Result<model::R2Bucket> found = deps.buckets.find(account_id, request.param("bucket_name"));
  if (!found || deps.objects.has(found->id)) return found;
  if (const Status made = deps.objects.make(found->id); !made) return tl::unexpected<Error>(made.error());
  return found;
}

Result<std::string> storage_class_in(const http::Request& request, const std::string& usual) {
  const std::string_view asked = request.header("cf-r2-storage-class");
  if (asked.empty()) return usual;
  if (model::is_r2_storage_class(asked)) return std::string(asked);
  return fail(Errc::invalid, "The storage class must be Standard or InfrequentAccess.",
              "cf-r2-storage-class");
}

}  // namespace r2

void add_r2_routes(http::Router& router, const Gate& gate, const R2Deps& deps) {
  r2::Routes routes(router, gate, deps, "/r2/buckets");
  r2::add_buckets(routes);
  r2::add_objects(routes);
  r2::add_contents(routes);
}

}  // namespace kiln::api
