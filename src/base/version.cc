#include "base/version.h"

namespace kiln {

const char* const kVersion = KILN_VERSION;

}  // namespace kiln
