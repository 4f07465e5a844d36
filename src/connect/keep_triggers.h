// The triggers that a wish asks for, made, changed or taken away. Internal to connect.
#pragma once

#include "connect/connect.h"

namespace kiln::connect {

// `out` has its Worker and connection; its triggers, changes and notes are filled in.
[[nodiscard]] Status keep_triggers(const Ports& ports, const Wish& wish, Connected& out);

}  // namespace kiln::connect
