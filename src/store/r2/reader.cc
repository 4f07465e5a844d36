#include "store/r2/reader.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace kiln::store::r2 {

Status ObjectReader::open(std::size_t piece) {
  if (file_ && open_piece_ == piece) return {};
  const std::filesystem::path path = space_->blob(visit_.blobs[piece].name);
  file_ = Fd(::open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  open_piece_ = piece;
  if (file_) return {};
  // It would stay while this reads.
  return fail(errno == ENOENT ? Errc::corrupt : errc_of(errno),
              fmt::format("opening {}: {}", path.string(), std::strerror(errno)));
}

Result<std::string> ObjectReader::read(std::uint64_t offset, std::size_t most) {
  std::size_t piece = 0;
  while (piece < visit_.blobs.size() && offset >= static_cast<std::uint64_t>(visit_.blobs[piece].size)) {
    offset -= static_cast<std::uint64_t>(visit_.blobs[piece].size);
    ++piece;
  }
  std::string out;
  if (piece == visit_.blobs.size()) return out;
  const std::uint64_t left = static_cast<std::uint64_t>(visit_.blobs[piece].size) - offset;
  out.resize(static_cast<std::size_t>(std::min<std::uint64_t>(left, most)));
  if (const Status opened = open(piece); !opened) return tl::unexpected<Error>(opened.error());
  std::size_t done = 0;
  while (done < out.size()) {
    const ssize_t got =
        pread(file_.get(), out.data() + done, out.size() - done, static_cast<off_t>(offset + done));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0)
      return fail(got < 0 ? errc_of(errno) : Errc::corrupt,
                  fmt::format("reading {}: {}", space_->blob(visit_.blobs[piece].name).string(),
                              got < 0 ? std::strerror(errno) : "it is too short"));
    done += static_cast<std::size_t>(got);
  }
  return out;
}

}  // namespace kiln::store::r2
