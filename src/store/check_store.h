// Port: whether what is stored holds together. Owned by app; safe from any thread. Each question reads all
// that there is of its kind, in one snapshot: for operators, not for requests.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "base/result.h"
#include "store/blob_hash.h"

namespace kiln::store {

// Of a Worker, "shop" or "shop (deleted)", what names the upload: "version …".
struct BlobUser {
  std::string worker;
  std::string what;
};

class CheckStore {
 public:
  virtual ~CheckStore() = default;

  // What the engine itself finds damaged, and rows that point at none: sentences, at most 100 of each.
  // `go_on` is asked in between. Errors: Errc::corrupt when it cannot be read at all; Errc::timeout when
  // `go_on` said no.
  using GoOn = std::function<bool()>;
  [[nodiscard]] virtual Result<std::vector<std::string>> damage(const GoOn& go_on) = 0;
  // What the engine finds damaged of a file beside it, of what bindings keep; constraints are the affair of
  // whose rows they are. Errors: also Errc::not_found when it is gone, Errc::io when this engine cannot read
  // what a newer one wrote there.
  [[nodiscard]] virtual Result<std::vector<std::string>> damage_of(const std::filesystem::path& file,
                                                                   const GoOn& go_on) = 0;
  [[nodiscard]] virtual Result<BlobHashes> named_blobs() = 0;
  // At most ten.
  [[nodiscard]] virtual Result<std::vector<BlobUser>> users_of(const BlobHash& blob) = 0;
  // Leases that hold nothing and rows whose owner is gone: sentences. With `repair` they are put right, in
  // transactions of their own.
  [[nodiscard]] virtual Result<std::vector<std::string>> loose_ends(bool repair) = 0;
  // Builds whose lease ended a quarter of an hour ago and that no server took back: while one runs, a fault.
  [[nodiscard]] virtual Result<std::int64_t> forgotten_leases() = 0;
};

}  // namespace kiln::store
