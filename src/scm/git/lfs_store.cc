#include "scm/git/lfs_store.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <system_error>

#include "base/hex.h"

namespace kiln::scm {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kBlock = 256U << 10U;

tl::unexpected<Error> file_failed(const std::string& file) {
  return fail(errc_of(errno), fmt::format("{}: {}", file, std::strerror(errno)));
}

// As root no link is followed on the way to a repository either: its owner could lead it elsewhere.
Fd open_repository(const fs::path& repository) {
  constexpr int flags = O_PATH | O_DIRECTORY | O_CLOEXEC;
  return geteuid() == 0 ? open_without_links(repository, flags) : Fd(open(repository.c_str(), flags));
}

}  // namespace

std::string lfs_path_of(const std::string& oid) {
  return fmt::format("{}/{}/{}", oid.substr(0, 2), oid.substr(2, 2), oid);
}

bool has_lfs_object(const fs::path& store, const LfsObject& object) {
  std::error_code error;
  return fs::file_size(store / lfs_path_of(object.oid), error) == object.size && !error;
}

NewLfsObject::~NewLfsObject() {
  if (file_ && !kept_) unlink(making_.c_str());
}

Status NewLfsObject::open() {
  const fs::path place = store_ / lfs_path_of(object_.oid);
  for (const fs::path& folder :
       {store_.parent_path(), store_, place.parent_path().parent_path(), place.parent_path()}) {
    if (Status made = make_directory(folder, 0755); !made) return made;
  }
  making_ = (store_ / ("tmp-" + object_.oid.substr(0, 16) + "-XXXXXX")).string();
  file_ = Fd(mkostemp(making_.data(), O_CLOEXEC));
  if (!file_) return file_failed(making_);
  return {};
}

bool NewLfsObject::add(std::string_view bytes) {
  size_ += bytes.size();
  if (size_ > object_.size) return false;
  hash_.add(bytes);
  written_ = write_all(file_, bytes, making_);
  return written_.has_value();
}

Status NewLfsObject::keep() {
  if (!written_) return written_;
  if (size_ != object_.size || to_hex(hash_.end()) != object_.oid)
    return fail(Errc::corrupt, "what came is not what its pointer says");
  const fs::path place = store_ / lfs_path_of(object_.oid);
  if (fchmod(file_.get(), 0644) != 0 || rename(making_.c_str(), place.c_str()) != 0)
    return file_failed(place.string());
  kept_ = true;
  return {};
}

Status copy_lfs_object(const fs::path& repository, const fs::path& store, const LfsObject& object) {
  const Fd top = open_repository(repository);
  Fd file;
  for (const char* folder : {"lfs/objects", ".git/lfs/objects"}) {
    if (top && !file)
      file = open_without_links(fs::path(folder) / lfs_path_of(object.oid), O_RDONLY | O_NONBLOCK, top);
  }
  struct stat facts {};
  if (!file || fstat(file.get(), &facts) != 0 || !S_ISREG(facts.st_mode))
    return fail(Errc::not_found, "the repository does not have it");
  NewLfsObject made(store, object);
  if (Status opened = made.open(); !opened) return opened;
  std::string block(kBlock, '\0');
  ssize_t got = 0;
  while ((got = read(file.get(), block.data(), block.size())) > 0) {
    if (!made.add(std::string_view(block).substr(0, static_cast<std::size_t>(got)))) break;
  }
  return made.keep();
}

}  // namespace kiln::scm
