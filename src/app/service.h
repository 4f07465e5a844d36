// The server as a class that a test can build, two of them in one process if it likes: every room, wired
// once. Owned by serve.cc or a test. start() and stop() belong to one thread; nothing else is shared.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

#include "base/log.h"
#include "base/result.h"
#include "settings/config.h"

namespace kiln::app {

struct ServiceOptions {
  std::filesystem::path data_dir;
  std::string host = "127.0.0.1";
  std::uint16_t port = 8787;  // 0: any free one
  std::string workers_host = "127.0.0.1";
  std::uint16_t workers_port = 8788;     // where Workers answer; 0: any free one
  std::string metrics_host;              // where GET /metrics answers; empty: nowhere
  std::uint16_t metrics_port = 0;        // 0: any free one
  std::string tls_host;                  // where config.tls is spoken; empty: nowhere
  std::uint16_t tls_port = 0;            // 0: any free one
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

  // No build is begun any more; those that run go on, and all else is answered as before.
  void drain();
  // Builds that a runner has now. Errors: Errc::io.
  [[nodiscard]] Result<std::int64_t> running() const;

  // What is said in the log from now on, by the server and its runner.
  void set_log_level(log::Level level);

  // Reads the certificates of our own TLS anew. Errors: Errc::invalid, and those before stay.
  [[nodiscard]] Status reload_certificates();

  // Ends the runner with its builds, closes every connection, removes server.json. Idempotent.
  void stop();

  // Whether the thread that all requests come through still answers within 5 s: asked over the control
  // socket. Errors: Errc::unavailable, Errc::timeout.
  [[nodiscard]] Status answers() const;

  [[nodiscard]] const std::string& url() const;  // http://127.0.0.1:PORT
  // A link that signs in to the page as an administrator, once, within 5 minutes.
  [[nodiscard]] Result<std::string> sign_in_link();

 private:
  struct Impl;
  explicit Service(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace kiln::app
