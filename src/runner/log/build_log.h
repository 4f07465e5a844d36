// The log of one build on its way to the server: bytes of commands and lines of our own come in; masked,
// split and packed into chunks they go out. The only way a line leaves the runner.
//
// One job thread writes (say, output, end_output), one shipper thread takes batches; any thread may ask to
// discard. Writers wait while too much is waiting to be sent, so that memory stays bounded however long the
// server is away.
#pragma once

#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/zstd.h"
#include "model/build_story.h"
#include "model/log_text.h"
#include "runner/log/line_splitter.h"
#include "runner/log/redactor.h"

namespace kiln::runner {

struct LogLimits {
  std::size_t total =
      64U << 20U;  // bytes of command output a build; then one line says so, the rest is dropped
  std::size_t waiting = 4U << 20U;  // bytes (packed, where they are) not sent yet before writers wait
  std::size_t chunk = 512U << 10U;  // bytes of lines in one chunk: what a reader of the log has to expand
  std::size_t batch = 1U << 20U;    // packed bytes sent at once
  int gather_ms = 50;               // how long lines wait for others to fill the chunk
  int unfinished_ms = 250;          // how long a line without its end is held
};

// What goes out at once.
struct LogBatch {
  std::vector<model::LogChunk> chunks;
  model::StoryNotes story;
};

class BuildLog {
 public:
  BuildLog(const Clock& clock, const std::vector<std::string>& secrets, LogLimits limits = {});

  // One line of the service's own, marked so and masked like everything else; what stands behind a line break
  // in it becomes a line that is set in.
  void say(std::string_view text);
  // What a command printed.
  void output(std::string_view bytes);
  // A command is over: what was held back or unfinished becomes lines.
  void end_output();

  // The story beside the lines, which goes out with them. A step begins, and the one before it is done; it
  // runs a command; the command has ended; the last step ends so.
  void begin_step(model::StepName step);
  void begin_command(std::string_view command);
  void end_command(int exit_code, int signal);
  void end_step(model::StepState state);
  void note_tools(std::vector<model::ToolUsed> tools);
  void note_cache(const model::CacheUse& use);
  // The step that runs, or ran last; nothing before the first.
  [[nodiscard]] std::optional<model::StepName> step();
  // The last that the present command printed, masked, in whole lines.
  [[nodiscard]] std::string recent_output();

  // `text` as a log line would show it.
  [[nodiscard]] std::string mask(std::string_view text) const { return secrets_.mask(text); }

  // No more will be written: batches end once what is there has been taken.
  void close();
  // Everything waiting and to come is dropped and nobody waits any more: the build is not ours, or it is
  // being killed.
  void discard();

  // Waits for lines or news of the story; nothing when the log is closed and empty, or discarded.
  [[nodiscard]] std::optional<LogBatch> next_batch();

 private:
  void take(LineSplitter& splitter, std::string_view masked);
  void settle(std::unique_lock<std::mutex>& lock);
  void seal();
  bool gather(std::unique_lock<std::mutex>& lock);
  LogBatch take_batch();
  void note_step();
  void close_step(model::StepState state);
  void remember(std::size_t begin);
  [[nodiscard]] bool is_empty() const { return open_.lines() == 0 && sealed_.empty() && story_.empty(); }
  TimeMs now();

  const Clock& clock_;
  const LogLimits limits_;
  const Secrets secrets_;
  std::mutex mutex_;
  std::condition_variable wake_shipper_;
  std::condition_variable wake_writer_;
  Redactor redactor_;
  LineSplitter splitter_;
  std::string settled_;  // masked bytes on their way to the splitter
  model::LogText open_;  // lines not packed yet
  ZstdCompressor compressor_;
  std::deque<model::LogChunk> sealed_;
  std::size_t sealed_bytes_ = 0;
  std::size_t total_bytes_ = 0;
  std::int64_t sealed_lines_ = 0;  // of all chunks so far
  model::StoryNotes story_;        // not sent yet
  std::optional<model::BuildStep> step_;
  std::string recent_;  // lines as LogText has them
  TimeMs last_time_ = 0;
  bool full_ = false;
  bool closed_ = false;
  bool discarded_ = false;
};

}  // namespace kiln::runner
