// What a version consists of, as names and digests: the subjects of its attestation. The same function names
// them when a version is attested and when what is stored of it is looked at again. Pure; any thread.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "model/worker.h"

namespace kiln::provenance {

struct Subject {
  std::string name;
  std::string sha256;  // lower-case hex; empty: it is missing

  bool operator==(const Subject&) const = default;
};

// "version/<id>", whose digest is that of settings_text(); "modules/<name>"; "assets/<path>". `assets`: the
// blob of each client's hash; `digest_of`: what the content of a blob hashes to, empty when it is missing.
using DigestOf = std::function<std::string(const std::string& blob)>;
[[nodiscard]] std::vector<Subject> subjects_of(const model::Version& version,
                                               const std::map<std::string, std::string>& assets,
                                               const DigestOf& digest_of);

// All that a version says of how its modules are run, and its id, as JSON in this order for good: what is
// added later stands there only where a version has it, or all attestations from before would fail. Values of
// secrets are in no version's settings.
[[nodiscard]] std::string settings_text(const model::Version& version);

[[nodiscard]] std::string version_subject(const Uuid& version);

}  // namespace kiln::provenance
