// The data directory: its layout, and the lock that keeps a second server off it. Owned by the Service for
// its life.
//
//   kiln.db secrets.key         the store and the key of its secrets             0600
//   blobs/ mirrors/ runner/     uploads by hash; the server's mirrors; the runner's mirrors and builds
//   runtime/                    sockets and files of the Workers that run, made anew at each start
//   control.sock runner.sock    the administrator's and the runner's sockets     0600
//   calls.sock cache.sock       where Workers' processes call each other, and ask for what they cached
//   server.json                 where the running server is reached; gone when none runs
//   lock                        held while a server runs
#pragma once

#include <filesystem>
#include <string>

#include "base/fs.h"
#include "base/result.h"

namespace kiln::app {

class DataDir {
 public:
  // Makes what is missing, mode 0700. Errors: Errc::io; Errc::conflict when a server runs on it already.
  [[nodiscard]] static Result<DataDir> open(const std::filesystem::path& path);

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }
  [[nodiscard]] std::filesystem::path database() const { return path_ / "kiln.db"; }
  [[nodiscard]] std::filesystem::path secrets_key() const { return path_ / "secrets.key"; }
  [[nodiscard]] std::filesystem::path blobs() const { return path_ / "blobs"; }
  [[nodiscard]] std::filesystem::path mirrors() const { return path_ / "mirrors"; }
  [[nodiscard]] std::filesystem::path runner() const { return path_ / "runner"; }
  [[nodiscard]] std::filesystem::path runtime() const { return path_ / "runtime"; }
  [[nodiscard]] std::filesystem::path calls_socket() const { return path_ / "calls.sock"; }
  [[nodiscard]] std::filesystem::path cache_socket() const { return path_ / "cache.sock"; }
  [[nodiscard]] std::filesystem::path control_socket() const { return path_ / "control.sock"; }
  [[nodiscard]] std::filesystem::path runner_socket() const { return path_ / "runner.sock"; }
  [[nodiscard]] std::filesystem::path server_file() const { return path_ / "server.json"; }

 private:
  DataDir(std::filesystem::path path, Fd lock) : path_(std::move(path)), lock_(std::move(lock)) {}

  std::filesystem::path path_;
  Fd lock_;
};

}  // namespace kiln::app
