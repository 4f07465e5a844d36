// What the files of api/kv share. Only for api/kv.
#pragma once

#include <boost/json/object.hpp>
#include <string>
#include <vector>

#include "api/account_routes.h"
#include "api/kv/routes.h"

namespace kiln::api::kv {

using Routes = AccountRoutes<KvDeps>;

void add_namespaces(Routes& routes);
void add_values(Routes& routes);
void add_bulk(Routes& routes);

// The space of the namespace that the path names, when it is the account's. Errors:
// Errc::kv_namespace_not_found.
[[nodiscard]] Result<std::string> space_of(const KvDeps& deps, const Call& call);

// Metadata as JSON; null when there is none.
[[nodiscard]] boost::json::value metadata_json(const std::string& metadata);

// {key, value, base64, metadata, expiration, expiration_ttl}. Errors: Errc::invalid, Errc::too_large.
[[nodiscard]] Result<store::KvEntry> read_pair(const boost::json::object& pair, TimeMs now);

// [pair, …]. Errors: also when there are too many.
[[nodiscard]] Result<std::vector<store::KvEntry>> read_pairs(const std::string& body, TimeMs now);

// ["key", …], or {"keys": […]}. Errors: as read_pairs().
[[nodiscard]] Result<std::vector<std::string>> read_keys(const std::string& body);

}  // namespace kiln::api::kv
