// Lines of a log in which a tool names the file and the line of a fault, as annotations for a source host.
// Pure; any thread. The text is a stranger's.
#pragma once

#include <string>
#include <vector>

#include "model/build.h"
#include "model/build_report.h"

namespace kiln::events {

// What compilers and linters write: "src/a.ts(3,7): error TS2322: …", "src/a.ts:3:7 - error TS2322: …",
// "✘ [ERROR] …" with "src/a.ts:3:7:" below it (esbuild, wrangler), "  3:7  error  …" below a path (ESLint),
// "src/a.ts:3:7: error: …" (gcc's form). Paths lead from the top of the repository; `root_directory` stands
// before those that are relative. Fifty at most; none twice; none that leads out of the repository.
[[nodiscard]] std::vector<model::Annotation> annotations_in(const std::vector<model::LogLine>& lines,
                                                            const std::string& root_directory);

}  // namespace kiln::events
