// The bodies of createWorkerBuild and updateWorkerBuild, read and checked. Pure; any thread.
#pragma once

#include <boost/json/fwd.hpp>
#include <string>
#include <vector>

#include "api/auth.h"
#include "api/builds/repo_body.h"
#include "api/builds/variables_body.h"
#include "base/result.h"
#include "model/trigger.h"

namespace kiln::api::builds {

struct WorkerBuildBody {
  model::Trigger production;  // with the settings that the body names; its branch is
  std::string branch;         // as the body names it; empty: it stays
  bool names_token = false;   // build_token_uuid was given
  AskedVariables variables;
  std::vector<std::string> unknown;  // fields nobody knows

  void note(const std::vector<std::string>& names) {
    unknown.insert(unknown.end(), names.begin(), names.end());
  }
};

struct NewWorkerBuild : WorkerBuildBody {
  std::string tag;
  WantedRepo repo;
};

// Errors: Errc::invalid naming the first field at fault.
[[nodiscard]] Result<NewWorkerBuild> read_new_worker_build(const Call& call, const boost::json::object& body);

// Of a Worker that `production` deploys.
[[nodiscard]] Result<WorkerBuildBody> read_changed_worker_build(const boost::json::object& body,
                                                                const model::Trigger& production);

}  // namespace kiln::api::builds
