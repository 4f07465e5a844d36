// Port: objects, in buckets that know nothing of each other. A space is a bucket's, or a copy of its own for
// a version that may never be live (model/space.h). What was put is on the disk, whole, before the call that
// ends it returns: neither a crash nor a power cut loses it, or shows a part of it. Nothing here holds an
// object in memory. Owned by app; safe from any thread, readers and writers each from one at a time.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.h"
#include "model/r2.h"
#include "model/r2_rules.h"

namespace kiln::store {

// The `field` of errors that say which rule it was.
inline constexpr const char* kNoR2Space = "bucket";             // Errc::not_found
inline constexpr const char* kNoR2Upload = "upload";            // Errc::not_found
inline constexpr const char* kR2Precondition = "precondition";  // Errc::conflict
inline constexpr const char* kR2NotEmpty = "not_empty";         // Errc::conflict
inline constexpr const char* kBadR2Digest = "digest";           // Errc::invalid
inline constexpr const char* kNoR2Part = "part";                // Errc::invalid
inline constexpr const char* kSmallR2Part = "part_size";        // Errc::invalid
inline constexpr const char* kUnevenR2Parts = "parts";          // Errc::invalid
inline constexpr const char* kLargeR2Object = "size";           // Errc::too_large

struct R2Listing {
  std::string prefix;
  std::string delimiter;  // keys with it behind the prefix are one entry up to and with it; empty: none
  std::string after;      // keys behind this one alone
  std::string cursor;     // of the page before; empty: from the beginning
  int limit = model::kMostR2Listed;
};

struct R2Entry {
  std::variant<model::R2Object, std::string> what;  // an object, or what many keys begin with
  std::string cursor;                               // goes on behind it
};

struct R2Page {
  std::vector<R2Entry> entries;  // in the order of the bytes of their keys
  bool complete = true;          // there are no more
};

struct R2Put {
  std::string key;
  model::R2About about{};
  std::optional<model::R2Conditions> only_if{};
  model::DigestSet digests{};           // what the bytes must have, where it is said
  std::optional<std::uint64_t> size{};  // where it is known before
};

struct R2Upload {
  std::string key;
  std::string id;
};

struct R2Part {
  int number = 0;
  std::string etag;
};

struct R2Size {
  std::int64_t objects = 0;
  std::int64_t bytes = 0;  // of objects and of parts that are none yet
};

// Takes an object's bytes, or a part's; one that is let go before its end leaves nothing.
class R2Writer {
 public:
  virtual ~R2Writer() = default;
  // The first error stays: there is no use in going on. Errors: Errc::disk_full, also where the bucket has
  // reached its limit; Errc::too_large, field kLargeR2Object.
  [[nodiscard]] virtual Status add(std::string_view piece) = 0;
  // The object as it is kept; of a part only its etag and size. Errors: see the fields above.
  [[nodiscard]] virtual Result<model::R2Object> end() = 0;
};

// An object as it was when it was opened, whatever is put or deleted meanwhile.
class R2Reader {
 public:
  virtual ~R2Reader() = default;
  [[nodiscard]] virtual const model::R2Object& object() const = 0;
  // At most `most` bytes from there on; none behind its end. Errors: Errc::corrupt when its files are gone or
  // too short.
  [[nodiscard]] virtual Result<std::string> read(std::uint64_t offset, std::size_t most) = 0;
};

// The next piece of what is left, a quarter of a MiB at most; `left` shrinks by it. Errors, which are logged:
// those of read(), Errc::corrupt when the object ends too early.
[[nodiscard]] Result<std::string> read_on(R2Reader& reader, model::R2Span& left);

// Unless said otherwise a space that is not there is Errc::not_found, field kNoR2Space.
class R2Objects {
 public:
  virtual ~R2Objects() = default;

  // An empty space; one that is there stays as it is. `space`: hex digits, '-' and '.'.
  [[nodiscard]] virtual Status make(const std::string& space) = 0;
  [[nodiscard]] virtual bool has(const std::string& space) = 0;
  // With all that is in it; one that is not there is no error.
  [[nodiscard]] virtual Status drop(const std::string& space) = 0;
  // The same for one without objects, and nothing is put into it from then on. Errors: Errc::conflict, field
  // kR2NotEmpty.
  [[nodiscard]] virtual Status drop_empty(const std::string& space) = 0;
  // Of every space.
  [[nodiscard]] virtual Result<std::vector<std::string>> spaces() = 0;

  // Nothing where there is no such key.
  [[nodiscard]] virtual Result<std::optional<model::R2Object>> head(const std::string& space,
                                                                    const std::string& key) = 0;
  [[nodiscard]] virtual Result<std::unique_ptr<R2Reader>> open(const std::string& space,
                                                               const std::string& key) = 0;
  // Reads all of it; `go_on` is asked in between. Errors: Errc::corrupt when it is not what was put there:
  // its files are not whole, or have another of the digests that are known of it; Errc::not_found where there
  // is no such key; Errc::timeout when `go_on` said no.
  [[nodiscard]] virtual Status verify(const std::string& space, const std::string& key,
                                      const std::function<bool()>& go_on) = 0;
  [[nodiscard]] virtual Result<std::unique_ptr<R2Writer>> put(const std::string& space, R2Put what) = 0;
  // All or none; keys that are not there are no error.
  [[nodiscard]] virtual Status remove(const std::string& space, const std::vector<std::string>& keys) = 0;
  // Errors: Errc::invalid for a cursor that no page gave.
  [[nodiscard]] virtual Result<R2Page> list(const std::string& space, const R2Listing& listing) = 0;
  [[nodiscard]] virtual Result<R2Size> size(const std::string& space) = 0;

  // An upload in parts; its id.
  [[nodiscard]] virtual Result<std::string> begin_upload(const std::string& space, const std::string& key,
                                                         const model::R2About& about) = 0;
  // A part of that number replaces one that is there.
  [[nodiscard]] virtual Result<std::unique_ptr<R2Writer>> put_part(const std::string& space,
                                                                   const R2Upload& upload, int number,
                                                                   std::optional<std::uint64_t> size) = 0;
  // The object of those parts, in the order of their numbers; the others go.
  [[nodiscard]] virtual Result<model::R2Object> complete(const std::string& space, const R2Upload& upload,
                                                         std::vector<R2Part> parts) = 0;
  [[nodiscard]] virtual Status abort(const std::string& space, const R2Upload& upload) = 0;
  // Takes away uploads that nobody has completed in model::kR2UploadLifeMs.
  [[nodiscard]] virtual Status sweep() = 0;

  // While somebody has it, nothing that was put is taken off the disk: for copies of a space's folder.
  class Hold {
   public:
    virtual ~Hold() = default;
  };
  [[nodiscard]] virtual std::unique_ptr<Hold> hold() = 0;
};

}  // namespace kiln::store
