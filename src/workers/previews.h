// Named previews of a Worker: each has a slug for its address, settings, and deployments that are kept like
// versions but apart from them. Stateless over the ports; any thread.
#pragma once

#include <boost/json/object.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "workers/metadata.h"
#include "workers/multipart.h"
#include "workers/ports.h"

namespace kiln::workers {

// The host label for a preview of that name: a DNS label that fits before "-<worker>" in 63 bytes and is no
// version's. `attempt` 0 is the plain one; each further one is another. Errors: Errc::invalid when the
// Worker's name leaves no room.
[[nodiscard]] Result<std::string> slug_of(std::string_view name, std::string_view worker_name, int attempt);

// {"name":…} with settings of its own (see script_settings_of). Errors: Errc::invalid, Errc::conflict.
[[nodiscard]] Result<model::Preview> create_preview(Ports& ports, const model::Worker& worker,
                                                    const boost::json::object& body);
// Puts these settings over the stored ones; null removes one.
[[nodiscard]] Result<model::Preview> change_preview(Ports& ports, model::Preview preview,
                                                    const boost::json::object& body);
[[nodiscard]] boost::json::object settings_of(const model::Preview& preview);

// A deployment's `metadata` as that of an upload: the bindings come as an object `env`, and there is no
// alias. Errors: see parse_metadata.
[[nodiscard]] Result<Metadata> parse_preview_metadata(std::string_view text, TimeMs now);

// A preview deployment: every module part is named `files`, its filename is the module's name; with assets,
// the files _headers and _redirects belong to their configuration. Inherited bindings and secrets come from
// the preview's last deployment. Errors: see upload_version, and Errc::preview_not_found.
[[nodiscard]] Result<model::Version> deploy_preview(Ports& ports, const Actor& actor,
                                                    const model::Worker& worker,
                                                    const model::Preview& preview,
                                                    const std::vector<Part>& parts);

}  // namespace kiln::workers
