// How old a workerd is, by what it says of itself. Pure functions: any thread.
#pragma once

#include <string>
#include <string_view>

#include "base/clock.h"

namespace kiln::model {

// "workerd 2026-11-17" → "2026-11-17". Empty for any other words.
[[nodiscard]] std::string runtime_date(std::string_view version_line);

// The day so many days after that one, which is one.
[[nodiscard]] std::string days_after(std::string_view date, int days);

// Whole days from that date to `now`; 0 for a date that is none or still to come.
[[nodiscard]] int days_since(std::string_view date, TimeMs now);

}  // namespace kiln::model
