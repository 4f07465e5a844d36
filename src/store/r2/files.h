// store::R2Objects in one folder a space (space.h): what is put into one bucket waits for no other's disk, a
// deleted bucket gives its disk back at once, and a limit is its folder's. Spaces are opened by use; those
// used longest ago are closed again.
//
// Owned by app, and outlives its readers and writers; safe from any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <list>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <unordered_map>

#include "base/entropy.h"
#include "store/r2/space.h"

namespace kiln::store::r2 {

struct FileLimits {
  std::size_t open = 128;  // spaces kept open
  std::int64_t bytes = 0;  // of one space; 0: no bound
  std::size_t smallest_part = model::kSmallestR2Part;
  std::size_t largest_object = model::kLargestR2Object;
  bool sweeps = true;  // what a crash left goes; false: only looked at, and nothing goes
};

class Files final : public R2Objects {
 public:
  // `folder` is there, and ours alone. Clock and entropy outlive it.
  Files(std::filesystem::path folder, const Clock& clock, Entropy& entropy, const FileLimits& limits);

  [[nodiscard]] Status make(const std::string& space) override;
  [[nodiscard]] bool has(const std::string& space) override;
  [[nodiscard]] Status drop(const std::string& space) override { return drop(space, false); }
  [[nodiscard]] Status drop_empty(const std::string& space) override { return drop(space, true); }
  [[nodiscard]] Result<std::vector<std::string>> spaces() override;
  [[nodiscard]] Result<std::optional<model::R2Object>> head(const std::string& space,
                                                            const std::string& key) override;
  [[nodiscard]] Result<std::unique_ptr<R2Reader>> open(const std::string& space,
                                                       const std::string& key) override;
  [[nodiscard]] Status verify(const std::string& space, const std::string& key,
                              const std::function<bool()>& go_on) override;
  [[nodiscard]] Result<std::unique_ptr<R2Writer>> put(const std::string& space, R2Put what) override;
  [[nodiscard]] Status remove(const std::string& space, const std::vector<std::string>& keys) override;
  [[nodiscard]] Result<R2Page> list(const std::string& space, const R2Listing& listing) override;
  [[nodiscard]] Result<R2Size> size(const std::string& space) override;
  [[nodiscard]] Result<std::string> begin_upload(const std::string& space, const std::string& key,
                                                 const model::R2About& about) override;
  [[nodiscard]] Result<std::unique_ptr<R2Writer>> put_part(const std::string& space, const R2Upload& upload,
                                                           int number,
                                                           std::optional<std::uint64_t> size) override;
  [[nodiscard]] Result<model::R2Object> complete(const std::string& space, const R2Upload& upload,
                                                 std::vector<R2Part> parts) override;
  [[nodiscard]] Status abort(const std::string& space, const R2Upload& upload) override;
  [[nodiscard]] Status sweep() override;
  [[nodiscard]] std::unique_ptr<Hold> hold() override { return settings_.bin->hold(); }

 private:
  enum class May { open, open_or_make };
  struct Open {
    std::shared_ptr<Space> space;
    std::list<std::string>::iterator place;
  };

  // Ready to be worked on.
  [[nodiscard]] Result<std::shared_ptr<Space>> find(const std::string& space, May may = May::open);
  [[nodiscard]] Result<std::shared_ptr<Space>> find_open(const std::string& space, May may);
  [[nodiscard]] Status drop(const std::string& space, bool only_empty);
  void close_unused();

  std::filesystem::path folder_;
  std::size_t most_open_;
  bool sweeps_;
  SpaceSettings settings_;
  std::mutex mutex_;
  std::list<std::string> used_;  // the last used comes first
  std::unordered_map<std::string, Open> open_;
  std::set<std::string> known_;  // opened before
};

}  // namespace kiln::store::r2
