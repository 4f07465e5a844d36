// The data directory: its layout, and the lock that keeps a second server off it. Owned by the Service for
// its life. docs/data-directory.md lists what stands in it, with the modes, and how it is kept and put back.
//
// kiln.db and secrets.key belong together: each is made once, in a directory that is new, and never again.
// While a directory is being made, `being-made` stands in it, so that a first start that was killed goes on
// where it was, and a file that is missing later is known to be lost.
#pragma once

#include <filesystem>
#include <string>

#include "base/fs.h"
#include "base/result.h"

namespace kiln::app {

class DataDir {
 public:
  // Makes the folders that are missing, mode 0700, and closes secrets.key to others. Errors: Errc::io,
  // Errc::disk_full; Errc::conflict when a server runs on it already; Errc::corrupt, with words on what to
  // put back, when it is not new and kiln.db or secrets.key is missing or empty, or a restore was cut short.
  [[nodiscard]] static Result<DataDir> open(const std::filesystem::path& path);

  // For putting a backup there: locks the folder, which is made if it is missing, and makes nothing in it.
  // Errors: Errc::io; Errc::conflict when something stands in it, or a server runs on it.
  [[nodiscard]] static Result<DataDir> open_empty(const std::filesystem::path& path);
  // For looking at one on which no server runs: as open(), but nothing is made that was not there.
  [[nodiscard]] static Result<DataDir> open_stopped(const std::filesystem::path& path);

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }
  // Whether kiln.db and secrets.key may be made: no server has ever run here.
  [[nodiscard]] bool is_new() const { return is_new_; }
  // Both are made and on disk: from here on the directory is not new.
  [[nodiscard]] Status made();
  // The error, when it is that a file is damaged or does not belong here, with words on what to put back.
  [[nodiscard]] Error with_advice(Error error) const;

  [[nodiscard]] std::filesystem::path database() const { return path_ / "kiln.db"; }
  [[nodiscard]] std::filesystem::path secrets_key() const { return path_ / "secrets.key"; }
  [[nodiscard]] std::filesystem::path blobs() const { return path_ / "blobs"; }
  [[nodiscard]] std::filesystem::path mirrors() const { return path_ / "mirrors"; }
  [[nodiscard]] std::filesystem::path runner() const { return path_ / "runner"; }
  [[nodiscard]] std::filesystem::path runtime() const { return path_ / "runtime"; }
  [[nodiscard]] std::filesystem::path calls_socket() const { return path_ / "calls.sock"; }
  [[nodiscard]] std::filesystem::path cache_socket() const { return path_ / "cache.sock"; }
  [[nodiscard]] std::filesystem::path kv_socket() const { return path_ / "kv.sock"; }
  [[nodiscard]] std::filesystem::path kv() const { return path_ / "kv"; }
  [[nodiscard]] std::filesystem::path d1_socket() const { return path_ / "d1.sock"; }
  [[nodiscard]] std::filesystem::path d1() const { return path_ / "d1"; }
  [[nodiscard]] std::filesystem::path r2_socket() const { return path_ / "r2.sock"; }
  [[nodiscard]] std::filesystem::path queues_socket() const { return path_ / "queues.sock"; }
  [[nodiscard]] std::filesystem::path r2() const { return path_ / "r2"; }
  [[nodiscard]] std::filesystem::path control_socket() const { return path_ / "control.sock"; }
  [[nodiscard]] std::filesystem::path runner_socket() const { return path_ / "runner.sock"; }
  [[nodiscard]] std::filesystem::path server_file() const { return path_ / "server.json"; }

 private:
  explicit DataDir(std::filesystem::path path) : path_(std::move(path)) {}
  [[nodiscard]] std::filesystem::path being_made() const { return path_ / "being-made"; }
  Status lock();
  Status look();

  std::filesystem::path path_;
  Fd lock_;
  bool is_new_ = false;
};

}  // namespace kiln::app
