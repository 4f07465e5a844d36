// What R2Objects::put() and put_part() give: bytes into a file of the space's, digests beside, and at the end
// the row. Made by Files; one thread at a time.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "base/fs.h"
#include "store/r2/digests.h"
#include "store/r2/space.h"

namespace kiln::store::r2 {

// The file of an object or a part, from its first byte to its row.
class BlobFile {
 public:
  // `replaced`: bytes that go when it is there; `size`: its own, where they are known.
  BlobFile(std::shared_ptr<Space> space, std::int64_t replaced, std::optional<std::uint64_t> size);
  ~BlobFile();
  BlobFile(const BlobFile&) = delete;
  BlobFile& operator=(const BlobFile&) = delete;

  [[nodiscard]] Status add(std::string_view piece);
  void want(DigestKind kind) { digests_.want(kind); }
  // It is on the disk under its own name, and nobody's yet: keep() when a row names it.
  [[nodiscard]] Status settle();
  void keep() { kept_ = true; }

  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] std::int64_t size() const { return size_; }
  [[nodiscard]] DigestSet digests() { return digests_.end(); }
  [[nodiscard]] Space& space() const { return *space_; }

 private:
  std::shared_ptr<Space> space_;
  std::int64_t replaced_;
  std::string name_;
  Digests digests_;
  Fd file_;
  std::int64_t size_ = 0;
  bool settled_ = false;
  bool kept_ = false;
  Status status_;
};

class ObjectWriter final : public R2Writer {
 public:
  ObjectWriter(std::shared_ptr<Space> space, R2Put what, std::int64_t replaced);
  [[nodiscard]] Status add(std::string_view piece) override { return file_.add(piece); }
  [[nodiscard]] Result<model::R2Object> end() override;

 private:
  [[nodiscard]] Status check_digests(const DigestSet& found) const;

  R2Put what_;
  BlobFile file_;
};

class PartWriter final : public R2Writer {
 public:
  PartWriter(std::shared_ptr<Space> space, R2Upload upload, int number, std::optional<std::uint64_t> size);
  [[nodiscard]] Status add(std::string_view piece) override { return file_.add(piece); }
  [[nodiscard]] Result<model::R2Object> end() override;

 private:
  R2Upload upload_;
  int number_;
  BlobFile file_;
};

}  // namespace kiln::store::r2
