// Immutable files named by their SHA-256, below one folder: <folder>/ab/<hash>. What put() has returned
// survives kill -9 and power loss, so rows may point at it. Owned by app; safe from any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"

namespace kiln::workers {

class BlobStore {
 public:
  explicit BlobStore(std::filesystem::path folder) : folder_(std::move(folder)) {}

  // Stores the bytes unless they are there, and returns their lower-case hex hash. Either way they are as
  // young as if they had come now (remove_if_older). Errors: Errc::io.
  [[nodiscard]] Result<std::string> put(std::string_view bytes);
  // The bytes of a hash. Errors: Errc::not_found, Errc::too_large, Errc::corrupt when the file is not what
  // its name says.
  [[nodiscard]] Result<std::string> get(const std::string& hash, std::size_t max_bytes) const;
  [[nodiscard]] std::filesystem::path path_of(const std::string& hash) const;

  // Something that stands in the folder.
  struct Found {
    std::string name;  // a blob's hash, or what else the file is called
    bool is_blob = false;
    std::uint64_t size = 0;
    TimeMs put_on = 0;
  };
  // Every file, in no order, until `take` says no. Errors: Errc::io.
  [[nodiscard]] Status each(const std::function<bool(const Found&)>& take) const;
  // Makes a blob as young as if it had been put now. One that is missing is none.
  void renew(const std::string& hash);
  // Takes away what each() found, if it was put before then. Whoever puts the same bytes meanwhile finds them
  // or puts them anew. False: it stays.
  [[nodiscard]] bool remove_if_older(const Found& found, TimeMs before);

 private:
  [[nodiscard]] bool renew_if_there(const std::filesystem::path& file, std::size_t size);

  std::filesystem::path folder_;
  std::mutex mutex_;  // over the moment between looking at a file's age and keeping or removing it
};

}  // namespace kiln::workers
