// Which Kiln this is: "0.1.0", said once, by project(VERSION) in CMakeLists.txt. A constant: any thread.
#pragma once

namespace kiln {

extern const char* const kVersion;

}  // namespace kiln
