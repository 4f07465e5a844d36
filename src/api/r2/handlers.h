// What the files of api/r2 share. Only for api/r2.
#pragma once

#include <boost/json/object.hpp>
#include <string>

#include "api/account_routes.h"
#include "api/r2/routes.h"

namespace kiln::api::r2 {

using Routes = AccountRoutes<R2Deps>;

void add_buckets(Routes& routes);
void add_objects(Routes& routes);
void add_contents(Routes& routes);

// The bucket that the path names, when it is the account's. Errors: Errc::not_found, field kNoR2Bucket.
[[nodiscard]] Result<model::R2Bucket> bucket_of(const R2Deps& deps, const http::Request& request,
                                                const std::string& account_id);

// As lists of objects show it.
[[nodiscard]] boost::json::object object_json(const model::R2Object& object);

// "Standard" or "InfrequentAccess" of the header that says so; `usual` without one. Errors: Errc::invalid.
[[nodiscard]] Result<std::string> storage_class_in(const http::Request& request, const std::string& usual);

}  // namespace kiln::api::r2
