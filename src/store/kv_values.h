// Port: keys and their values, in spaces that know nothing of each other. A space is a namespace's, or a copy
// of its own for a version that may never be live. What was written is on the disk before the call returns;
// what has expired is never read. Owned by app; safe from any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"

namespace kiln::store {

struct KvKey {
  std::string name;
  std::string metadata;  // JSON; empty: none
  std::optional<TimeMs> expires_on;
};

struct KvEntry {
  KvKey key;
  std::string value;
};

struct KvListing {
  std::string prefix;
  std::string after;  // keys behind this one alone
  int limit = 0;
};

struct KvKeys {
  std::vector<KvKey> keys;  // in the order of their bytes
  bool complete = true;     // there are no more
};

struct KvSize {
  std::int64_t keys = 0;
  std::int64_t bytes = 0;  // on the disk
};

// Unless said otherwise a space that is not there is Errc::kv_namespace_not_found.
class KvValues {
 public:
  virtual ~KvValues() = default;

  // An empty space; one that is there stays as it is. `space`: hex digits, '-' and '.'.
  [[nodiscard]] virtual Status make(const std::string& space) = 0;
  // With all that is in it; one that is not there is no error.
  [[nodiscard]] virtual Status drop(const std::string& space) = 0;
  // Of every space.
  [[nodiscard]] virtual Result<std::vector<std::string>> spaces() = 0;

  // One answer a name, in their order: nothing where there is no such key.
  [[nodiscard]] virtual Result<std::vector<std::optional<KvEntry>>> get(
      const std::string& space, const std::vector<std::string>& names) = 0;
  // All or none. Errors: Errc::disk_full, also where the space has reached its limit.
  [[nodiscard]] virtual Status put(const std::string& space, const std::vector<KvEntry>& entries) = 0;
  // All or none; keys that are not there are no error.
  [[nodiscard]] virtual Status remove(const std::string& space, const std::vector<std::string>& names) = 0;
  [[nodiscard]] virtual Result<KvKeys> list(const std::string& space, const KvListing& listing) = 0;
  [[nodiscard]] virtual Result<KvSize> size(const std::string& space) = 0;
  // Takes away what has expired, a bounded piece at a time.
  [[nodiscard]] virtual Status sweep() = 0;
};

}  // namespace kiln::store
