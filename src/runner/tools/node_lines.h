// Which lines of Node are long-term support, and since when: "lts/*", "lts/jod", "lts/-1". Known from the npm
// registry (package node-releases, the Node project's own schedule), asked at most once a day and kept in the
// tool cache; a registry that cannot be reached leaves what was known before, at first what Kiln was built
// with.
//
// Owned by the ToolCache, which lets one thread at a time in.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "runner/tools/npm.h"
#include "runner/tools/version.h"

namespace kiln::runner {

struct NodeLine {
  std::string name;  // lower case: "jod"; may be empty before it is chosen
  std::string lts;   // the day it begins to be long-term support: "2024-10-29"
};
using NodeSchedule = std::map<int, NodeLine>;  // by major version

// Nothing when the text is not such a schedule.
[[nodiscard]] NodeSchedule parse_schedule(std::string_view json);

// "lts", "lts/…", "--lts".
[[nodiscard]] bool is_lts_word(std::string_view text);

// The line of releases that an LTS word means on the day `today` ("2026-11-24"). Errors: Errc::not_found,
// naming those there are.
[[nodiscard]] Result<int> lts_major(const NodeSchedule& schedule, std::string_view text,
                                    std::string_view today);

class NodeLines {
 public:
  NodeLines(const Clock& clock, const Npm& npm, std::filesystem::path root)
      : clock_(clock), npm_(npm), root_(std::move(root)) {}

  // Errors: Errc::not_found, in the words of lts_major().
  [[nodiscard]] Result<VersionRange> lts(std::string_view text);

 private:
  [[nodiscard]] NodeSchedule kept() const;
  // True when the registry has told.
  bool ask();

  const Clock& clock_;
  const Npm& npm_;
  const std::filesystem::path root_;
  TimeMs asked_on_ = 0;  // also when it did not answer
};

}  // namespace kiln::runner
