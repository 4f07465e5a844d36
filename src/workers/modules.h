// The parts of an upload that are the program, held against its metadata. Pure functions: any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "workers/metadata.h"
#include "workers/multipart.h"

namespace kiln::workers {

inline constexpr std::size_t kMaxScriptBytes = std::size_t{64}
                                               << 20U;  // modules together; source maps do not count

// Sent along by default; stored, but no module of the program.
inline constexpr std::string_view kSourceMapType = "application/source-map";

// Every part but `metadata`, in order, under its module's name: that of the part or, where no part has the
// name of the main module or body part but a part's filename is it, the filename. Names are unique and
// harmless, kinds known, the main module or body part is among them and is JavaScript, parts that bindings
// name exist, and the sum of sizes is within the limit. Errors: Errc::script_invalid, Errc::too_large.
[[nodiscard]] Result<std::vector<Part>> program_parts(const Metadata& metadata,
                                                      const std::vector<Part>& parts);

}  // namespace kiln::workers
