// Lines of a log in which a tool names the file and the line of a fault, as annotations for a source host.
// The text is a stranger's.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "model/build_report.h"

namespace kiln::events {

// Goes down a log and remembers what the lines above say. What compilers and linters write: "src/a.ts(3,7):
// error TS2322: …", "src/a.ts:3:7 - error TS2322: …", "✘ [ERROR] …" with "src/a.ts:3:7:" below it (esbuild,
// wrangler), "  3:7  error  …" below a path (ESLint), "src/a.ts:3:7: error: …" (gcc's form). Paths lead from
// the top of the repository; `root_directory` stands before those that are relative. Fifty at most; none
// twice; none that leads out of the repository. Belongs to one thread.
class AnnotationReader {
 public:
  explicit AnnotationReader(std::string root_directory) : root_directory_(std::move(root_directory)) {}

  // `service`: it is not a command's.
  void read(std::string_view line, bool service);
  [[nodiscard]] bool is_full() const;
  [[nodiscard]] std::vector<model::Annotation> take() { return std::move(all_); }

 private:
  void add(model::Annotation found);

  std::string root_directory_;
  std::optional<model::Annotation> pending_;  // it says what, and not yet where
  std::string file_;
  std::vector<model::Annotation> all_;
};

}  // namespace kiln::events
