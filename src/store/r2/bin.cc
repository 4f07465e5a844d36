#include "store/r2/bin.h"

#include <unistd.h>

#include <utility>

namespace kiln::store::r2 {

class Bin::Held final : public R2Objects::Hold {
 public:
  explicit Held(std::shared_ptr<Bin> bin) : bin_(std::move(bin)) {}
  ~Held() override { bin_->let_go(); }
  Held(const Held&) = delete;
  Held& operator=(const Held&) = delete;

 private:
  std::shared_ptr<Bin> bin_;
};

// What a crash leaves of it is swept when its space is opened.
void Bin::take(std::filesystem::path file) {
  {
    const std::lock_guard lock(mutex_);
    if (holds_ > 0) {
      waiting_.push_back(std::move(file));
      return;
    }
  }
  unlink(file.c_str());
}

std::unique_ptr<R2Objects::Hold> Bin::hold() {
  const std::lock_guard lock(mutex_);
  ++holds_;
  return std::make_unique<Held>(shared_from_this());
}

void Bin::let_go() {
  std::vector<std::filesystem::path> files;
  {
    const std::lock_guard lock(mutex_);
    if (--holds_ > 0) return;
    files.swap(waiting_);
  }
  for (const std::filesystem::path& file : files) unlink(file.c_str());
}

}  // namespace kiln::store::r2
