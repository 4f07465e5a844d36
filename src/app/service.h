// The server as a class that a test can build, two of them in one process if it likes: every room, wired
// once. Owned by serve.cc or a test. start() and stop() belong to one thread; nothing else is shared.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

#include "base/result.h"
#include "settings/config.h"

namespace kiln::app {

struct ServiceOptions {
  std::filesystem::path data_dir;
  std::string host = "127.0.0.1";
  std::uint16_t port = 8787;  // 0: any free one
  std::string workers_host = "127.0.0.1";
  std::uint16_t workers_port = 8788;     // where Workers answer; 0: any free one
  std::filesystem::path program_folder;  // where kiln-runner and kiln-agent stand
  std::size_t descriptors = 1024;        // that the process may have
  settings::Config config;
};

class Service {
 public:
  // Opens the data directory and the store, takes back what a dead predecessor's runner held, listens, starts
  // the runner and writes server.json. When it returns, /livez answers 200, and so does /readyz until the
  // runner turns out not to start. Errors: Errc::conflict (a server runs on the data directory), Errc::io
  // (address in use, disk), Errc::disk_full, Errc::corrupt (with words on what to put back).
  [[nodiscard]] static Result<std::unique_ptr<Service>> start(ServiceOptions options);
  ~Service();
  Service(const Service&) = delete;
  Service& operator=(const Service&) = delete;

  // Ends the runner with its builds, closes every connection, removes server.json. Idempotent.
  void stop();

  [[nodiscard]] const std::string& url() const;  // http://127.0.0.1:PORT

 private:
  struct Impl;
  explicit Service(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace kiln::app
