#include "serving/start_words.h"

#include <fmt/format.h>

#include <algorithm>
#include <csignal>
#include <cstring>

#include "base/strings.h"

namespace kiln::serving {
namespace {

constexpr std::size_t kMaxStartWords = 8U << 10U;

bool is_ours(std::string_view service) {
  return service == "w-user" || service == "w-assets" || service.starts_with("service-");
}

// "service w-user: Uncaught …" → "Uncaught …"; other lines stay.
std::string_view without_service(std::string_view line) {
  constexpr std::string_view kWord = "service ";
  const std::size_t colon = line.find(": ");
  if (!line.starts_with(kWord) || colon == std::string_view::npos) return line;
  return is_ours(line.substr(kWord.size(), colon - kWord.size())) ? line.substr(colon + 2) : line;
}

}  // namespace

std::string runtime_words(std::string_view err) {
  // What the script printed before comes before the runtime's own words.
  const std::size_t first = err.starts_with("service ") ? 0 : err.find("\nservice ");
  if (first != std::string_view::npos) err.remove_prefix(first == 0 ? 0 : first + 1);
  std::string out;
  for (const std::string& line : split(err, '\n')) {
    out += without_service(line);
    out += '\n';
    if (out.size() > kMaxStartWords) break;
  }
  while (!out.empty() && out.back() == '\n') out.pop_back();
  out.resize(std::min(out.size(), kMaxStartWords));
  out = to_valid_utf8(out);
  // Clients find the lines of a stack by the line break behind them.
  if (out.find('\n') != std::string::npos) out += '\n';
  return out;
}

std::string in_one_line(std::string_view words) {
  std::string out = to_valid_utf8(trim(words));
  std::replace_if(
      out.begin(), out.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }, ' ');
  return out;
}

Error why_not_started(const Engine& engine, const Ending& ending, std::string_view err) {
  if (err.starts_with("bwrap: ") || err.starts_with("setpriv: ")) {
    return {Errc::unavailable, fmt::format("workerd could not be started in its sandbox: {}", trim(err)), {}};
  }
  if (ending.signal != 0) {
    const char* name = sigabbrev_np(ending.signal);
    return {Errc::script_invalid,
            fmt::format("The script ended the runtime while it started (SIG{}); a Worker may use {} MiB of "
                        "memory.",
                        name == nullptr ? std::to_string(ending.signal) : name, engine.memory_bytes >> 20U),
            {}};
  }
  std::string words = runtime_words(err);
  if (words.empty()) words = fmt::format("The runtime ended with exit code {}.", ending.exit_code);
  return {Errc::script_invalid, std::move(words), {}};
}

std::string why_it_ended(const Engine& engine, const Ending& ending, std::string_view err, int hung_ms,
                         ProcessKind kind) {
  const char* whose = kind == ProcessKind::version ? "The Worker" : "The database";
  if (hung_ms > 0 && kind == ProcessKind::database) {
    return fmt::format(
        "A statement of the database took longer than {} ms (workers.hang_seconds), so its process was "
        "ended; "
        "nothing of it was stored.",
        hung_ms);
  }
  if (hung_ms > 0) {
    return fmt::format(
        "The Worker did not let go of its process for {} ms, so the process was ended: does a loop in it "
        "never end? Its limits.cpu_ms, or else workers.hang_seconds, says how long it may take.",
        hung_ms);
  }
  // An allocation that fails ends the runtime by a trap or an abort, and it says a word about it. A signal
  // from outside has nothing to do with what it said before.
  const bool from_outside = ending.signal == SIGKILL || ending.signal == SIGTERM;
  for (const std::string_view sign :
       {"out of memory", "Last few GCs", "Cannot allocate memory", "bad_alloc"}) {
    if (from_outside || err.find(sign) == std::string_view::npos) continue;
    return fmt::format("{} used up its memory ({} MiB, workers.memory_mb), and its process ended.", whose,
                       engine.memory_bytes >> 20U);
  }
  const char* name = ending.signal == 0 ? nullptr : sigabbrev_np(ending.signal);
  const std::string how = ending.signal == 0 ? fmt::format("exit code {}", ending.exit_code)
                          : name == nullptr  ? fmt::format("signal {}", ending.signal)
                                             : fmt::format("SIG{}", name);
  const std::string words = in_one_line(err);
  return fmt::format("{}'s process ended by itself ({}){}", whose, how, words.empty() ? "." : ": " + words);
}

Error started_too_slowly(const Engine& engine) {
  return {
      Errc::script_invalid, fmt::format("Script startup exceeded the limit of {} ms.", engine.start_ms), {}};
}

}  // namespace kiln::serving
