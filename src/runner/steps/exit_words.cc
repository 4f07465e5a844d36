#include "runner/steps/exit_words.h"

#include <fmt/format.h>

#include <csignal>
#include <cstring>

namespace kiln::runner {
namespace {

std::string signal_name(int number) {
  const char* name = sigabbrev_np(number);
  return name == nullptr ? fmt::format("signal {}", number) : fmt::format("signal {} (SIG{})", number, name);
}

std::string hint(int signal) {
  if (signal == SIGKILL) return ", which is what happens when memory runs out";
  if (signal == SIGXFSZ) return ": a file grew over the limit";
  return {};
}

}  // namespace

std::string short_exit_words(const CommandEnd& end) {
  if (end.signal != 0) return "killed by " + signal_name(end.signal);
  return fmt::format("exit code {}", end.exit_code);
}

std::string exit_words(const CommandEnd& end) {
  if (end.signal != 0) return fmt::format("was killed by {}{}", signal_name(end.signal), hint(end.signal));
  const int code = end.exit_code;
  if (code == 126) return "ended with exit code 126: a program was found but may not be executed";
  if (code == 127)
    return "ended with exit code 127: a program was not found (its name stands in the line above)";
  if (code > 128 && code < 128 + 65) {
    const int signal = code - 128;
    return fmt::format("ended with exit code {}: a process in it was killed by {}{}", code,
                       signal_name(signal), hint(signal));
  }
  return fmt::format("ended with exit code {}", code);
}

}  // namespace kiln::runner
