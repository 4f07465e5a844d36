// The configuration of the process of one D1 database: workerd's own engine, with a bound on its size around
// it. Pure: any thread.
#pragma once

#include <cstdint>
#include <string>

namespace kiln::serving {

// The database in the process's own folder (kOwnFolderInside), and in every other one: they all are called
// the same, each is alone in its process.
inline constexpr const char* kD1FileInside =
    "d1/2dea1e34d9a201cbf242ce3ca8efc98c07273cbc60f914e4afdd2184c6ca1b0d.sqlite";

// `bytes`: what the database may take.
[[nodiscard]] std::string d1_config(std::int64_t bytes);

}  // namespace kiln::serving
