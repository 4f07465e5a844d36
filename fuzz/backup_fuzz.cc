// Backups: whatever bytes they are, no entry is handed over whose name leads elsewhere, and no more than was
// announced.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "ops/archive/reader.h"

namespace {

class Judge final : public kiln::ops::BackupSink {
 public:
  kiln::Status facts(const kiln::ops::BackupFacts& facts) override {
    announced_ = facts.bytes;
    return {};
  }
  kiln::Status begin(const kiln::ops::BackupEntry& entry) override {
    if (entry.name.find("..") != entry.name.npos || entry.name.starts_with('/')) std::abort();
    if (kiln::ops::entry_kind(entry.name) != entry.kind) std::abort();
    size_ = entry.size;
    got_ = 0;
    return {};
  }
  kiln::Status piece(std::string_view bytes) override {
    got_ += bytes.size();
    all_ += bytes.size();
    if (got_ > size_ || all_ > announced_) std::abort();
    return {};
  }
  kiln::Status end() override {
    if (got_ != size_) std::abort();
    return {};
  }

 private:
  std::uint64_t announced_ = 0;
  std::uint64_t size_ = 0;
  std::uint64_t got_ = 0;
  std::uint64_t all_ = 0;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  bool given = false;
  Judge judge;
  const auto contents = kiln::ops::read_backup(
      [&]() -> kiln::Result<std::string_view> {
        if (given) return std::string_view();
        given = true;
        return std::string_view(reinterpret_cast<const char*>(data), size);
      },
      judge);
  (void)contents;
  return 0;
}
