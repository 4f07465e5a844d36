// What an attestation says, read out of its statement, which somebody else may have made. Pure; any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "provenance/subjects.h"

namespace kiln::provenance {

// Texts are the signer's, as they stand there; empty: it says nothing of that.
struct Attested {
  std::string version;  // the id that the subject "version/<id>" names
  std::string worker;
  std::string account;
  std::string repository;
  std::string branch;
  std::string commit;
  std::string trigger;
  std::string cause;  // "push", "manual"
  std::string build;
  std::string outcome;
  std::string started_on;
  std::string finished_on;
  std::string installation;  // the id of the key that its builder's id names
  std::string kiln_version;
  bool restricted = false;  // of a stranger's code
  std::string lock_file;
  std::string lock_sha256;
  std::size_t packages = 0;
  std::size_t packages_with_digest = 0;
  std::vector<Subject> subjects;
};

// Errors: Errc::invalid for anything but a Statement v1 with SLSA Provenance v1 of a version that Kiln built,
// saying what it lacks.
[[nodiscard]] Result<Attested> read_statement(std::string_view text);

// How what is stored now differs from what was attested.
struct Difference {
  enum class Kind { changed, missing, added } kind = Kind::changed;
  std::string name;
};
[[nodiscard]] std::vector<Difference> differences(const std::vector<Subject>& attested,
                                                  const std::vector<Subject>& stored);

}  // namespace kiln::provenance
