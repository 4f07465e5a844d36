// Workers, versions and deployments as the Workers API writes them. Never with a secret's text. Pure
// functions: any thread.
#pragma once

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <string>

#include "model/worker.h"
#include "workers/hosts.h"

namespace kiln::api {

// A stored JSON text as a value; `otherwise` when it is empty or does not parse.
[[nodiscard]] boost::json::value stored_json(const std::string& text, boost::json::value otherwise);

// For lists of versions.
[[nodiscard]] boost::json::object version_summary(const model::Version& version, bool has_preview);
// With its resources.
[[nodiscard]] boost::json::object version_record(const model::Version& version, bool has_preview);
// The same as one flat record, which is what the routes below /workers/workers/ speak of.
[[nodiscard]] boost::json::object flat_version_record(const model::Worker& worker,
                                                      const model::Version& version, bool has_preview,
                                                      const workers::Hosts& hosts);
[[nodiscard]] boost::json::object deployment_record(const model::Deployment& deployment);
// For the list of scripts and the answer to an upload; `latest` may be null.
[[nodiscard]] boost::json::object script_record(const model::Worker& worker, const model::Version* latest);
// What a search of scripts finds.
[[nodiscard]] boost::json::object search_record(const model::Worker& worker);
// GET /workers/workers/{name}, where clients find the addresses, without who refers to the Worker.
[[nodiscard]] boost::json::object worker_record(const model::Worker& worker, const workers::Hosts& hosts);
// A named preview, and one of its deployments; addresses only while the Worker's previews have them.
[[nodiscard]] boost::json::object preview_record(const model::Worker& worker, const model::Preview& preview,
                                                 const workers::Hosts& hosts);
[[nodiscard]] boost::json::object preview_deployment_record(const model::Worker& worker,
                                                            const model::Preview& preview,
                                                            const model::Version& version,
                                                            const workers::Hosts& hosts);
// GET /workers/services/{name}.
[[nodiscard]] boost::json::object service_record(const model::Worker& worker,
                                                 const std::string& last_deployed_from);

}  // namespace kiln::api
