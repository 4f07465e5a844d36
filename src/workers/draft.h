// How every new version comes to be: made from the version before it, and made again when another one got in
// between. Stateless over the ports; any thread.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "base/result.h"
#include "workers/bindings.h"
#include "workers/ports.h"

namespace kiln::workers {

// The version of a Worker that the next one is made from (store::VersionStore::base_version), or the latest
// deployment of its preview, with its secrets.
struct Before {
  std::optional<model::Version> version;  // nothing: there is none yet
  Bindings bindings;
};
[[nodiscard]] Result<Before> load_before(Ports& ports, const std::string& worker_tag,
                                         const model::Preview* preview);

struct DraftOptions {
  bool deploy = false;                      // at 100 %, in the same transaction
  std::string triggered_by;                 // annotation of version and deployment: "upload", "secret"
  std::string upload_hash;                  // see store::NewVersion
  const model::Preview* preview = nullptr;  // make a deployment of it, not a version of the Worker
};

// Sets what all versions have in common (id, time, author, links to build and previews, deployment) on what
// `make` returns, and stores it. `make` is called again with a newer `before` after a lost race; it sets
// bindings, secrets, content and annotations.
[[nodiscard]] Result<model::Version> commit_version(
    Ports& ports, const model::Worker& worker, const Actor& actor, const DraftOptions& options,
    const std::function<Result<store::NewVersion>(const Before&)>& make);

// {"workers/message":…}; empty values are left out.
[[nodiscard]] std::string annotations_json(const std::map<std::string, std::string>& annotations);

}  // namespace kiln::workers
