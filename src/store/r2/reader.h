// What R2Objects::open() gives: an object's bytes from the files of its pieces, which stay while it is there.
// Made by Files; one thread at a time.
#pragma once

#include <memory>
#include <string>

#include "base/fs.h"
#include "store/r2/space.h"

namespace kiln::store::r2 {

class ObjectReader final : public R2Reader {
 public:
  ObjectReader(std::shared_ptr<Space> space, Space::Visit visit)
      : space_(std::move(space)), visit_(std::move(visit)) {}
  ~ObjectReader() override { space_->leave(visit_.object.version); }
  ObjectReader(const ObjectReader&) = delete;
  ObjectReader& operator=(const ObjectReader&) = delete;

  [[nodiscard]] const model::R2Object& object() const override { return visit_.object; }
  [[nodiscard]] Result<std::string> read(std::uint64_t offset, std::size_t most) override;

 private:
  [[nodiscard]] Status open(std::size_t piece);

  std::shared_ptr<Space> space_;
  Space::Visit visit_;
  std::size_t open_piece_ = 0;
  Fd file_;
};

}  // namespace kiln::store::r2
