// Whether what a server keeps is whole: the database, the uploads, that each names the other, and what
// bindings keep. Called on a thread that may take long; reads everything.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>

#include "base/clock.h"
#include "base/result.h"
#include "ops/upkeep/blob_hold.h"
#include "store/check_store.h"
#include "store/r2_objects.h"
#include "workers/blob_store.h"

namespace kiln::ops {

// A fault is something lost or wrong; a note is something too much, which harms nobody.
struct Finding {
  bool fault = true;
  bool repaired = false;
  std::string words;  // one sentence, with what to do
};

struct CheckSummary {
  std::int64_t faults = 0;  // that are there still
  std::int64_t notes = 0;
  std::int64_t repaired = 0;
  std::uint64_t blobs = 0;  // that were read, and are right
  std::uint64_t bytes = 0;
  std::uint64_t spaces = 0;   // KV namespaces, D1 databases and R2 buckets that were read, and are right
  std::uint64_t objects = 0;  // of the buckets
};

struct CheckPorts {
  store::CheckStore& store;
  workers::BlobStore& blobs;
  BlobHold& hold;
  const Clock& clock;
  std::filesystem::path kv;  // the folder of KV namespaces
  std::filesystem::path d1;  // and that of D1 databases
  store::R2Objects& r2;      // and R2 buckets
  std::filesystem::path r2_folder;
};

struct CheckWish {
  bool repair = false;
  bool serving = false;  // a server runs on it
  // Asked in between; false: stop. None: always.
  std::function<bool()> go_on = {};
};

// `tell` is given each finding as it is made; false: stop. Errors: Errc::io; Errc::timeout when stopped.
[[nodiscard]] Result<CheckSummary> check_all(const CheckPorts& ports, const CheckWish& wish,
                                             const std::function<bool(const Finding&)>& tell);

}  // namespace kiln::ops
