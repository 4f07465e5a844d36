// Which entrypoints a program exports besides its default: the program is asked itself, by a main module put
// in front of it that prints their names while it starts. Pure functions: any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace kiln::serving {

// Whether it is worth asking: false only where the text exports nothing but a default.
[[nodiscard]] bool may_export_entrypoints(std::string_view main_module);

inline constexpr const char* kListerName = "kiln-entrypoints.mjs";
// The module that imports `main_module`, lists what it exports and has a default of its own.
[[nodiscard]] std::string lister_of(const std::string& main_module);

// The names in what a program printed that began with the lister. None where it did not come so far.
[[nodiscard]] std::vector<std::string> listed_in(std::string_view printed);

}  // namespace kiln::serving
