// One bucket on the disk: a folder with the index (index.h), `blobs`, a file for each piece of an object that
// the index names, and `incoming`, what is being written. An object's bytes are synced under their name
// before the row that names them is committed; a file goes after its row has. So whatever moment a crash
// comes at, the index names whole files only, and a file that it does not name is nobody's.
//
// Owned by Files and by the readers and writers of it; any thread.
#pragma once

#include <atomic>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <shared_mutex>
#include <string>
#include <utility>
#include <vector>

#include "base/entropy.h"
#include "store/r2/bin.h"
#include "store/r2/index.h"

namespace kiln::store::r2 {

// What all spaces have in common; outlives them.
struct SpaceSettings {
  const Clock& clock;
  Entropy& entropy;
  std::shared_ptr<Bin> bin;
  sqlite::Schema schema;
  std::int64_t bytes = 0;  // of one space; 0: no bound
  std::size_t smallest_part = model::kSmallestR2Part;
  std::size_t largest_object = model::kLargestR2Object;
};

class Space {
 public:
  static constexpr const char* kIndex = "index.db";
  static constexpr const char* kBlobs = "blobs";
  static constexpr const char* kIncoming = "incoming";

  // Makes what is missing of it. `first`: since the program began, so that what a crash left is nobody's.
  [[nodiscard]] static Result<std::shared_ptr<Space>> open(std::filesystem::path folder,
                                                           const SpaceSettings& settings, bool first);

  // Before anything else is asked of it: what a crash left goes, which takes as long as there are objects.
  [[nodiscard]] Status ready();

  // Work on the index, while the space is there. `body(Connection&)` as Database's.
  template <typename Body>
  auto read(Body&& body) -> decltype(body(std::declval<sqlite::Connection&>())) {
    const std::shared_lock alive(life_);
    if (gone_) return none();
    return database_->read(std::forward<Body>(body));
  }
  template <typename Body>
  auto write(Body&& body) -> decltype(body(std::declval<sqlite::Connection&>())) {
    const std::shared_lock alive(life_);
    if (gone_) return none();
    return database_->write([&](sqlite::Connection& db) -> decltype(body(db)) {
      auto result = body(db);
      if (result) bytes_ = size_of(db).bytes;
      return result;
    });
  }
  // Errors: Errc::disk_full where more is kept than may be.
  [[nodiscard]] Status check_size(sqlite::Connection& db) const;
  // Room for what is being written, of which some replaces what is there. Errors: Errc::disk_full.
  [[nodiscard]] Status grow(std::int64_t bytes, std::int64_t replaced);
  void shrink(std::int64_t bytes) { incoming_ -= bytes; }

  // The object, whose files stay until leave().
  struct Visit {
    model::R2Object object;
    std::vector<Blob> blobs;
  };
  [[nodiscard]] Result<std::optional<Visit>> visit(const std::string& key);
  void leave(const std::string& version);
  // Its row is committed away.
  void let_go(Gone gone);
  void let_go(const std::vector<std::string>& blobs);

  // Nothing works on it from then on. Errors: Errc::conflict, field kR2NotEmpty, if it must be empty.
  [[nodiscard]] Status end(bool only_empty);
  // Uploads that nobody has completed.
  [[nodiscard]] Status sweep();

  [[nodiscard]] std::filesystem::path blob(const std::string& name) const { return folder_ / kBlobs / name; }
  [[nodiscard]] std::filesystem::path incoming(const std::string& name) const {
    return folder_ / kIncoming / name;
  }
  [[nodiscard]] const SpaceSettings& settings() const { return settings_; }

 private:
  Space(std::filesystem::path folder, const SpaceSettings& settings)
      : folder_(std::move(folder)), settings_(settings) {}
  [[nodiscard]] Status clear_left_overs();
  [[nodiscard]] tl::unexpected<Error> none() const;

  const std::filesystem::path folder_;
  const SpaceSettings& settings_;
  std::unique_ptr<sqlite::Database> database_;
  std::once_flag cleared_once_;
  bool has_left_overs_ = false;
  Status cleared_;
  std::shared_mutex life_;  // held by whoever works on it
  bool gone_ = false;
  std::atomic<std::int64_t> bytes_{0};                      // about, as of the last change
  std::atomic<std::int64_t> incoming_{0};                   // that are being written
  std::mutex mutex_;                                        // of what follows
  std::map<std::string, int> visits_;                       // by version
  std::map<std::string, std::vector<std::string>> doomed_;  // files, by the version that is visited yet
};

}  // namespace kiln::store::r2
