// Writes a backup entry by entry. What comes out is handed over in pieces as it arises, so that nothing is
// kept. Belongs to one thread.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "ops/archive/facts.h"

struct archive;

namespace kiln::ops {

class BackupWriter {
 public:
  // Takes a piece of the archive; false: nobody wants more.
  using Out = std::function<bool(std::string_view piece)>;

  // The first entry. Errors: Errc::timeout when `out` said no, here and below.
  [[nodiscard]] static Result<std::unique_ptr<BackupWriter>> begin(const BackupFacts& facts, Out out);
  ~BackupWriter();
  BackupWriter(const BackupWriter&) = delete;
  BackupWriter& operator=(const BackupWriter&) = delete;

  // A small entry, whole.
  [[nodiscard]] Status add(std::string_view name, std::string_view bytes);
  // A large one, of so many bytes. Errors: Errc::corrupt when the file turns out to be shorter.
  [[nodiscard]] Status add_file(std::string_view name, const std::filesystem::path& file, std::uint64_t size);
  // An upload that could not be had: "blobs/ab/…", and why.
  void note_missing(const std::string& name, const std::string& why);
  // The last entries. Nothing comes after.
  [[nodiscard]] Status end();
  [[nodiscard]] bool has_missing() const { return !missing_.empty(); }

 private:
  explicit BackupWriter(Out out, TimeMs made_on) : out_(std::move(out)), made_on_(made_on) {}
  [[nodiscard]] Status open();
  [[nodiscard]] Status begin_entry(std::string_view name, std::uint64_t size);
  [[nodiscard]] Status write(std::string_view bytes);
  [[nodiscard]] Error failure() const;
  void note_sum(std::string_view name, std::string_view raw_hash);

  Out out_;
  TimeMs made_on_;
  bool refused_ = false;
  struct Free {
    void operator()(archive* writer) const;
  };
  std::unique_ptr<archive, Free> archive_;
  std::string missing_;
  std::string sums_;
};

}  // namespace kiln::ops
