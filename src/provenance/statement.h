// The attestation of a version: an in-toto Statement v1 whose predicate is SLSA Provenance v1. It is made
// once, from what the store knows as the build stops; the same facts make the same bytes. Pure; any thread.
#pragma once

#include <string>
#include <vector>

#include "model/build.h"
#include "model/build_story.h"
#include "model/materials.h"
#include "model/trigger.h"
#include "provenance/subjects.h"

namespace kiln::provenance {

inline constexpr const char* kStatementType = "https://in-toto.io/Statement/v1";
inline constexpr const char* kPredicateType = "https://slsa.dev/provenance/v1";
inline constexpr const char* kBuildType = "kiln:build/v1";
// Before the id of the key that an installation signs with: its builder's id.
inline constexpr const char* kInstallation = "kiln:installation/";

struct BuildFacts {
  const model::Build& build;
  const model::Trigger& trigger;
  std::string worker_name;
  int attempt = 1;
  const std::vector<model::ToolUsed>& tools;
  const model::Materials& materials;
};

struct Builder {
  std::string key_id;
  std::string kiln_version;
};

[[nodiscard]] std::string statement_text(const BuildFacts& facts, const Builder& builder,
                                         const std::vector<Subject>& subjects);

// "git+https://…", "git+ssh://…" or "git+file:///…", without credentials and query.
[[nodiscard]] std::string repository_uri(const std::string& clone_url);
// "pkg:npm/%40scope/name@1.2.3".
[[nodiscard]] std::string npm_uri(const model::LockedPackage& package);

}  // namespace kiln::provenance
