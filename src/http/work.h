// The kinds of work that handlers do, each with threads and a queue of its own, so that none waits for
// another. Values; any thread.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace kiln::http {

enum class Work : std::uint8_t {
  quick,   // on the I/O thread: answered from memory or by a few rows; commits, unpacks and runs nothing
  usual,   // not said: `read` for GET, `store` for the rest
  read,    // reads the store and files, unpacks logs
  store,   // moves the store: one transaction or a few
  runner,  // what the runner asks: claims, leases, log, ends
  hook,    // news of pushes: takes them in, and waits for git no longer than a moment
  git,     // runs git, waits for other hosts
  upload,  // unpacks, hashes and tries what is uploaded
  sql,     // waits for the process of a D1 database
};
inline constexpr std::size_t kWorks = 9;

// Handlers of one kind that run at once, and those that may wait for their turn; beyond, 503.
struct WorkRoom {
  std::size_t threads = 0;
  std::size_t waiting = 0;
};

// By kind. What waits holds its request's body.
using WorkRooms = std::array<WorkRoom, kWorks>;
inline constexpr WorkRooms kWorkRooms{{
    {0, 0},    // quick
    {0, 0},    // usual
    {2, 512},  // read
    {2, 256},  // store
    {4, 256},  // runner
    {8, 256},  // hook
    {48, 64},  // git
    {2, 32},   // upload
    {16, 64},  // sql
}};

// What a client is told there are too many of: "uploads".
[[nodiscard]] const char* words_for(Work work);

}  // namespace kiln::http
