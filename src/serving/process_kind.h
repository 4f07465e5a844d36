// What each process of one keeper serves: a version, with the host's network and no files of its own; or a D1
// database, without a network and with its folder. As root they have uids of their own
// (confine/host_users.h). A value.
#pragma once

#include <cstdint>

namespace kiln::serving {

enum class ProcessKind : std::uint8_t { version, database };

// What messages call it.
[[nodiscard]] inline const char* noun_of(ProcessKind kind) {
  return kind == ProcessKind::version ? "version" : "database";
}

}  // namespace kiln::serving
