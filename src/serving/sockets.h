// The listening sockets of one process: the one that visitors' requests come to, one for each entrypoint that
// other Workers call, and one for events that are no requests. They outlive restarts of the process;
// connections wait in their queues. Value of one thread at a time.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/fs.h"
#include "base/result.h"

namespace kiln::serving {

// Where calls from Worker to Worker arrive, by the entrypoint's name; the default's is empty.
using EntrypointPaths = std::map<std::string, std::string, std::less<>>;

class Sockets {
 public:
  // Listens on <base>.sock and, for entrypoint n, on <base>.n.sock; with `events`, on <base>.e for events
  // that are no requests. Errors: Errc::io.
  [[nodiscard]] static Result<Sockets> open(const std::filesystem::path& base,
                                            const std::vector<std::string>& entrypoints, bool events);

  [[nodiscard]] const std::string& path() const { return all_.front().path; }
  [[nodiscard]] const std::shared_ptr<const EntrypointPaths>& entrypoints() const { return entrypoints_; }
  [[nodiscard]] const std::string& events_path() const { return events_path_; }  // empty: there is none
  // Names as in the configuration, with the descriptors.
  [[nodiscard]] std::vector<std::pair<std::string, int>> named() const;
  // Closed, and their names gone.
  void remove();

 private:
  struct One {
    std::string name;
    std::string path;
    Fd listener;
  };
  std::vector<One> all_;
  std::string events_path_;
  std::shared_ptr<const EntrypointPaths> entrypoints_;
};

}  // namespace kiln::serving
