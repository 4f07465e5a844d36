// Forges as the API's JSON, both ways. Only for api/forges. Pure; any thread.
#pragma once

#include <boost/json.hpp>
#include <string>

#include "base/result.h"
#include "model/forge.h"

namespace kiln::api::forge_routes {

struct ForgeBody {
  model::ForgeRecord forge;  // without uuid, account and time
  model::ForgeSecrets secrets;
};

// Errors: Errc::invalid naming every field at fault.
[[nodiscard]] Result<ForgeBody> read_forge(const boost::json::object& body);

// What begins an App: provider, web_url, api_url, organization, name, ca.
struct AppBody {
  model::ForgeRecord forge;
  std::string organization;
  std::string name;
};
[[nodiscard]] Result<AppBody> read_new_app(const boost::json::object& body);

// Without secrets. `hook_url`: where the App's deliveries go.
[[nodiscard]] boost::json::object forge_json(const model::ForgeRecord& forge, const std::string& hook_url);

}  // namespace kiln::api::forge_routes
