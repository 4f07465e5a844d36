// Lines of a build's log in the form they travel and are stored in: "<ms> <text>\n" each, "<ms>! <text>\n"
// for the service's own, and many such lines as one compressed chunk. Made once, where the lines arise;
// nobody on the way takes them apart. What a command prints is all behind the space, so that it cannot mark a
// line.
//
// A LogText belongs to one thread at a time; the functions are pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/zstd.h"
#include "model/build.h"

namespace kiln::model {

// No chunk expands to more.
inline constexpr std::size_t kMostChunkText = 2U << 20U;

struct LogChunk {
  std::int64_t lines = 0;
  std::string frame;  // zstd (RFC 8878) of the lines' text

  bool operator==(const LogChunk&) const = default;
};

// Gathers lines.
class LogText {
 public:
  // `line` is valid UTF-8; a line feed in it becomes a space.
  void add(TimeMs time, std::string_view line, bool service = false);
  void clear();

  [[nodiscard]] const std::string& text() const { return text_; }
  [[nodiscard]] std::int64_t lines() const { return lines_; }
  [[nodiscard]] std::vector<LogLine> unpack() const;
  [[nodiscard]] LogChunk chunk(ZstdCompressor& compressor) const {
    return {lines_, compressor.compress(text_)};
  }

 private:
  std::string text_;
  std::int64_t lines_ = 0;
  TimeMs stamped_ = 0;
  std::string stamp_;  // stamped_ in digits: neighbours mostly share it
};

// What a line of the service begins with that repeats a command before it is run.
inline constexpr std::string_view kExecuting = "Executing user ";

// Walks over a text that LogText made, or somebody claims it did.
class LogTextReader {
 public:
  struct Line {
    TimeMs time;
    std::string_view text;
    bool service;
  };
  // `text` must outlive the reader and the lines it gives.
  explicit LogTextReader(std::string_view text) : rest_(text) {}
  // Nothing at the end, or where the text is damaged: at_end() tells which.
  [[nodiscard]] std::optional<Line> next();
  [[nodiscard]] bool at_end() const { return rest_.empty(); }

 private:
  std::string_view rest_;
};

// A chunk of these lines; made valid UTF-8 where they are not.
[[nodiscard]] LogChunk pack(const std::vector<LogLine>& lines);
// The text of a chunk's frame. Errc::invalid: damaged, or beyond kMostChunkText.
[[nodiscard]] Result<std::string> expand(std::string_view frame);
// The chunk that `frame` is, every line of it looked at. Errc::invalid: not something that pack() makes.
[[nodiscard]] Result<LogChunk> check_chunk(std::string_view frame);

}  // namespace kiln::model
