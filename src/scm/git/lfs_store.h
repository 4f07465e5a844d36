// Contents of Git LFS on disk: lfs/objects of a mirror, whose objects are there whole or not at all. Internal
// to scm/git. Owned by whoever fetches; one thread an object; blocks on disk.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "base/fs.h"
#include "base/hash.h"
#include "base/result.h"
#include "scm/git/git.h"

namespace kiln::scm {

// "aa/bb/aabb…", as every LFS store lays its objects out.
[[nodiscard]] std::string lfs_path_of(const std::string& oid);

// Whether `store` has the object.
[[nodiscard]] bool has_lfs_object(const std::filesystem::path& store, const LfsObject& object);

// A new object of a store: written beside its place, and moved there when its bytes are what its name says.
class NewLfsObject {
 public:
  NewLfsObject(std::filesystem::path store, LfsObject object)
      : store_(std::move(store)), object_(std::move(object)) {}
  ~NewLfsObject();
  NewLfsObject(const NewLfsObject&) = delete;
  NewLfsObject& operator=(const NewLfsObject&) = delete;

  [[nodiscard]] Status open();
  // False: it is too large, or the disk does not take it; keep() says which.
  [[nodiscard]] bool add(std::string_view bytes);
  // Errors: Errc::corrupt when the bytes are not those of the name; Errc::io, Errc::disk_full.
  [[nodiscard]] Status keep();

 private:
  std::filesystem::path store_;
  LfsObject object_;
  std::string making_;
  Fd file_;
  Sha256 hash_;
  std::uint64_t size_ = 0;
  Status written_;
  bool kept_ = false;
};

// Takes the object out of a repository on this machine, which may belong to somebody else: from a regular
// file that no link leads to. Errors: Errc::not_found, and those of NewLfsObject.
[[nodiscard]] Status copy_lfs_object(const std::filesystem::path& repository,
                                     const std::filesystem::path& store, const LfsObject& object);

}  // namespace kiln::scm
