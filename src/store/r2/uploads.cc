// The part of Files that is uploads in parts.
#include <algorithm>

#include "base/hex.h"
#include "store/r2/files.h"
#include "store/r2/writer.h"

namespace kiln::store::r2 {
namespace {

using sqlite::Connection;

// The parts that are asked for, in the order of their numbers, as those that are there stand too; the files
// of the others.
Result<std::vector<PartRow>> choose(std::vector<PartRow> there, std::vector<R2Part> asked,
                                    std::vector<std::string>& unused) {
  const auto no_part = [] {
    return fail(Errc::invalid, "One or more of the specified parts could not be found.", kNoR2Part);
  };
  if (asked.empty()) return no_part();
  std::sort(asked.begin(), asked.end(), [](const R2Part& a, const R2Part& b) { return a.number < b.number; });
  std::vector<PartRow> out;
  auto at = there.begin();
  for (const R2Part& part : asked) {
    for (; at != there.end() && at->number < part.number; ++at) unused.push_back(std::move(at->blob.name));
    if (at == there.end() || at->number != part.number || at->etag != part.etag) return no_part();
    out.push_back(std::move(*at++));
  }
  for (; at != there.end(); ++at) unused.push_back(std::move(at->blob.name));
  return out;
}

Status check_sizes(const std::vector<PartRow>& parts, std::size_t smallest) {
  for (std::size_t i = 0; i + 1 < parts.size(); ++i) {
    if (static_cast<std::size_t>(parts[i].blob.size) < smallest)
      return fail(Errc::invalid, "Your proposed upload is smaller than the minimum allowed object size.",
                  kSmallR2Part);
    if (parts[i].blob.size != parts[0].blob.size)
      return fail(Errc::invalid, "All non-trailing parts must have the same length.", kUnevenR2Parts);
  }
  if (parts.back().blob.size > parts[0].blob.size)
    return fail(Errc::invalid, "The last part must not be larger than the others.", kUnevenR2Parts);
  return {};
}

}  // namespace

Result<std::string> Files::begin_upload(const std::string& space, const std::string& key,
                                        const model::R2About& about) {
  const auto found = find(space);
  if (!found) return tl::unexpected<Error>(found.error());
  const R2Upload upload{key, settings_.entropy.hex32() + settings_.entropy.hex32()};
  const Status kept = (*found)->write([&](Connection& db) -> Status {
    add_upload(db, upload, about, settings_.clock.now());
    return {};
  });
  if (!kept) return tl::unexpected<Error>(kept.error());
  return upload.id;
}

Result<std::unique_ptr<R2Writer>> Files::put_part(const std::string& space, const R2Upload& upload,
                                                  int number, std::optional<std::uint64_t> size) {
  const auto found = find(space);
  if (!found) return tl::unexpected<Error>(found.error());
  const auto there = (*found)->read([&](Connection& db) { return find_upload(db, upload); });
  if (!there) return tl::unexpected<Error>(there.error());
  return std::make_unique<PartWriter>(*found, upload, number, size);
}

Result<model::R2Object> Files::complete(const std::string& space, const R2Upload& upload,
                                        std::vector<R2Part> parts) {
  const auto found = find(space);
  if (!found) return tl::unexpected<Error>(found.error());
  model::R2Object object;
  object.key = upload.key;
  object.version = settings_.entropy.hex32();
  std::optional<Gone> replaced;
  std::vector<std::string> unused;
  const Status done = (*found)->write([&](Connection& db) -> Status {
    Result<model::R2About> about = find_upload(db, upload);
    if (!about) return tl::unexpected<Error>(about.error());
    Result<std::vector<PartRow>> chosen = choose(parts_of(db, upload.id), std::move(parts), unused);
    if (!chosen) return tl::unexpected<Error>(chosen.error());
    if (Status fits = check_sizes(*chosen, settings_.smallest_part); !fits) return fits;
    Digests digest;
    digest.want(DigestKind::md5);
    std::vector<Blob> blobs;
    for (const PartRow& part : *chosen) {
      digest.add(part.md5);
      object.size += part.blob.size;
      if (part.blob.size > 0) blobs.push_back(part.blob);
    }
    object.etag = to_hex(digest.end().front()) + '-' + std::to_string(chosen->size());
    object.about = *std::move(about);
    object.uploaded = settings_.clock.now();
    replaced = take_out(db, upload.key);
    drop_upload(db, upload.id);
    put_in(db, object, blobs);
    return {};
  });
  if (!done) return tl::unexpected<Error>(done.error());
  if (replaced) (*found)->let_go(*std::move(replaced));
  (*found)->let_go(unused);
  return object;
}

Status Files::abort(const std::string& space, const R2Upload& upload) {
  const auto found = find(space);
  if (!found) return tl::unexpected<Error>(found.error());
  std::vector<std::string> blobs;
  const Status done = (*found)->write([&](Connection& db) -> Status {
    if (const auto there = find_upload(db, upload); !there) return tl::unexpected<Error>(there.error());
    for (PartRow& part : parts_of(db, upload.id)) blobs.push_back(std::move(part.blob.name));
    drop_upload(db, upload.id);
    return {};
  });
  if (!done) return done;
  (*found)->let_go(blobs);
  return {};
}

}  // namespace kiln::store::r2
