// Files of SQL on their way into databases and out of them: each under an address of its own that is a secret
// and good for an hour, since clients send and fetch them without a token. Owned by app; any thread.
#pragma once

#include <cstddef>
#include <filesystem>
#include <map>
#include <mutex>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/entropy.h"
#include "base/ids.h"
#include "base/result.h"

namespace kiln::api {

class D1Transfers {
 public:
  static constexpr std::size_t kMost = 64;  // at a time, of all databases
  static constexpr TimeMs kLifeMs = 3'600'000;

  // `folder` is made when it is needed, and is its own. Clock and entropy outlive it.
  D1Transfers(std::filesystem::path folder, const Clock& clock, Entropy& entropy)
      : folder_(std::move(folder)), clock_(clock), entropy_(entropy) {}

  // A place for a file whose MD5 is `etag`, for that database: its name. Errors: Errc::unavailable when there
  // are too many.
  [[nodiscard]] Result<std::string> expect(const Uuid& database, const std::string& etag);
  // Whether there is such a name. Errors: Errc::not_found.
  [[nodiscard]] Status check(const std::string& name);
  // The file itself; returns its MD5. Errors: Errc::not_found; Errc::invalid when it is another one.
  [[nodiscard]] Result<std::string> put(const std::string& name, std::string_view bytes);
  // What came; it stays until it is dropped. Errors: Errc::not_found.
  [[nodiscard]] Result<std::string> take(const std::string& name, const Uuid& database);
  void drop(const std::string& name);

  // A file to be fetched: its name.
  [[nodiscard]] Result<std::string> offer(const Uuid& database, std::string_view bytes);
  [[nodiscard]] Result<std::string> fetch(const std::string& name);

 private:
  struct One {
    Uuid database;
    std::string etag;  // that is expected; of one to be fetched empty
    bool goes_in = false;
    bool there = false;
    TimeMs until = 0;
  };
  // With the mutex held.
  Result<std::string> add(One one);
  void forget_old();

  [[nodiscard]] std::filesystem::path file_of(const std::string& name) const { return folder_ / name; }

  std::filesystem::path folder_;
  const Clock& clock_;
  Entropy& entropy_;
  std::mutex mutex_;
  std::map<std::string, One> all_;  // by name; under mutex_
};

}  // namespace kiln::api
