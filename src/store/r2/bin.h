// Where files go that nothing names any more: off the disk, unless somebody copies what is there, until that
// has ended. Owned by Files; any thread.
#pragma once

#include <filesystem>
#include <memory>
#include <mutex>
#include <vector>

#include "store/r2_objects.h"

namespace kiln::store::r2 {

class Bin : public std::enable_shared_from_this<Bin> {
 public:
  void take(std::filesystem::path file);
  [[nodiscard]] std::unique_ptr<R2Objects::Hold> hold();

 private:
  class Held;
  void let_go();

  std::mutex mutex_;
  int holds_ = 0;
  std::vector<std::filesystem::path> waiting_;
};

}  // namespace kiln::store::r2
