#include "store/r2/writer.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include "base/durable_rename.h"
#include "base/hex.h"

namespace kiln::store::r2 {
namespace {

constexpr std::array<const char*, kDigestKinds> kDigestWords = {"MD5", "SHA-1", "SHA-256", "SHA-384",
                                                                "SHA-512"};

tl::unexpected<Error> too_large() {
  return fail(Errc::too_large, "Your proposed upload exceeds the maximum allowed object size.",
              kLargeR2Object);
}

}  // namespace

// What is announced is judged at once, before a byte of it is written.
BlobFile::BlobFile(std::shared_ptr<Space> space, std::int64_t replaced, std::optional<std::uint64_t> size)
    : space_(std::move(space)), replaced_(replaced), name_(space_->settings().entropy.hex32()) {
  digests_.want(DigestKind::md5);
  const SpaceSettings& settings = space_->settings();
  if (size && *size > settings.largest_object) status_ = too_large();
  if (status_ && size) {
    status_ = space_->grow(static_cast<std::int64_t>(*size), replaced_);
    space_->shrink(static_cast<std::int64_t>(*size));
  }
}

BlobFile::~BlobFile() {
  space_->shrink(size_);
  if (kept_ || !file_) return;
  unlink((settled_ ? space_->blob(name_) : space_->incoming(name_)).c_str());
}

Status BlobFile::add(std::string_view piece) {
  if (!status_ || piece.empty()) return status_;
  if (!file_) {
    const std::filesystem::path path = space_->incoming(name_);
    file_ = Fd(open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
    if (!file_)
      return status_ =
                 fail(errc_of(errno), fmt::format("making {}: {}", path.string(), std::strerror(errno)));
  }
  const auto bytes = static_cast<std::int64_t>(piece.size());
  size_ += bytes;
  status_ = space_->grow(bytes, replaced_);
  if (!status_) return status_;
  if (static_cast<std::size_t>(size_) > space_->settings().largest_object) return status_ = too_large();
  digests_.add(piece);
  return status_ = write_all(file_, piece, space_->incoming(name_));
}

Status BlobFile::settle() {
  if (!status_ || !file_) return status_;
  const std::filesystem::path path = space_->incoming(name_);
  if (fdatasync(file_.get()) != 0)
    return status_ = fail(errc_of(errno), fmt::format("syncing {}: {}", path.string(), std::strerror(errno)));
  status_ = rename_durably(path, space_->blob(name_));
  settled_ = status_.has_value();
  return status_;
}

ObjectWriter::ObjectWriter(std::shared_ptr<Space> space, R2Put what, std::int64_t replaced)
    : what_(std::move(what)), file_(std::move(space), replaced, what_.size) {
  for (std::size_t kind = 0; kind < kDigestKinds; ++kind) {
    if (!what_.digests[kind].empty()) file_.want(static_cast<DigestKind>(kind));
  }
}

Status ObjectWriter::check_digests(const DigestSet& found) const {
  for (std::size_t kind = 0; kind < kDigestKinds; ++kind) {
    const std::string& wanted = what_.digests[kind];
    if (wanted.empty() || wanted == found[kind]) continue;
    return fail(Errc::invalid,
                fmt::format("The {0} checksum you specified did not match what we received.\nYou provided a "
                            "{0} checksum with value: {1}\nActual {0} was: {2}",
                            kDigestWords[kind], to_hex(wanted), to_hex(found[kind])),
                kBadR2Digest);
  }
  return {};
}

Result<model::R2Object> ObjectWriter::end() {
  if (const Status added = file_.add({}); !added) return tl::unexpected<Error>(added.error());
  Space& space = file_.space();
  model::R2Object object;
  object.key = what_.key;
  object.version = space.settings().entropy.hex32();
  object.size = file_.size();
  object.checksums = file_.digests();
  if (const Status right = check_digests(object.checksums); !right)
    return tl::unexpected<Error>(right.error());
  object.etag = to_hex(object.checksums[static_cast<std::size_t>(DigestKind::md5)]);
  object.about = what_.about;
  if (const Status settled = file_.settle(); !settled) return tl::unexpected<Error>(settled.error());
  std::optional<Gone> gone;
  const Status kept = space.write([&](sqlite::Connection& db) -> Status {
    if (what_.only_if) {
      const Result<std::optional<model::R2Object>> there = find_object(db, what_.key);
      if (!there) return tl::unexpected<Error>(there.error());
      if (!model::r2_holds(*what_.only_if, *there ? &**there : nullptr))
        return fail(Errc::conflict, "At least one of the pre-conditions you specified did not hold.",
                    kR2Precondition);
    }
    object.uploaded = space.settings().clock.now();
    gone = take_out(db, what_.key);
    std::vector<Blob> blobs;
    if (file_.size() > 0) blobs.push_back({file_.name(), file_.size()});
    put_in(db, object, blobs);
    return space.check_size(db);
  });
  if (!kept) return tl::unexpected<Error>(kept.error());
  file_.keep();
  if (gone) space.let_go(*std::move(gone));
  return object;
}

PartWriter::PartWriter(std::shared_ptr<Space> space, R2Upload upload, int number,
                       std::optional<std::uint64_t> size)
    : upload_(std::move(upload)), number_(number), file_(std::move(space), 0, size) {}

Result<model::R2Object> PartWriter::end() {
  if (const Status settled = file_.settle(); !settled) return tl::unexpected<Error>(settled.error());
  Space& space = file_.space();
  model::R2Object part;
  part.size = file_.size();
  const std::string md5 = file_.digests()[static_cast<std::size_t>(DigestKind::md5)];
  part.etag = to_hex(md5);
  std::optional<std::string> before;
  const Status kept = space.write([&](sqlite::Connection& db) -> Status {
    if (const auto upload = find_upload(db, upload_); !upload) return tl::unexpected<Error>(upload.error());
    before = set_part(db, upload_, {number_, {file_.name(), file_.size()}, part.etag, md5});
    return space.check_size(db);
  });
  if (!kept) return tl::unexpected<Error>(kept.error());
  file_.keep();
  if (before) space.let_go(std::vector<std::string>{*before});
  return part;
}

}  // namespace kiln::store::r2
