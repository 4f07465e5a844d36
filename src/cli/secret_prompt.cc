#include "cli/secret_prompt.h"

#include <fcntl.h>
#include <termios.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "base/fs.h"
#include "base/strings.h"
#include "cli/secret_file.h"

namespace kiln::cli {
namespace {

constexpr std::size_t kLongestSecret = 64U << 10U;

// The terminal shows nothing of what is typed until its end. Signals that end the program are held back
// meanwhile, so that it never stays dark.
class Dark {
 public:
  explicit Dark(const Fd& terminal) : terminal_(terminal) {
    dark_ = tcgetattr(terminal_.get(), &before_) == 0;
    termios now = before_;
    now.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    now.c_lflag |= ECHONL;
    now.c_cc[VINTR] = _POSIX_VDISABLE;
    now.c_cc[VQUIT] = _POSIX_VDISABLE;
    now.c_cc[VSUSP] = _POSIX_VDISABLE;
    dark_ = dark_ && tcsetattr(terminal_.get(), TCSAFLUSH, &now) == 0;
  }
  ~Dark() {
    if (dark_) tcsetattr(terminal_.get(), TCSAFLUSH, &before_);
  }
  Dark(const Dark&) = delete;
  Dark& operator=(const Dark&) = delete;

  [[nodiscard]] bool is_dark() const { return dark_; }

 private:
  const Fd& terminal_;
  termios before_{};
  bool dark_ = false;
};

// Ctrl-C is a character while the terminal is dark: it gives up.
constexpr char kGivenUp = '\x03';

}  // namespace

Result<std::string> typed_unseen(std::string_view words) {
  const Fd terminal(open("/dev/tty", O_RDWR | O_CLOEXEC));
  if (!terminal) return fail(errc_of(errno), std::string("opening the terminal: ") + std::strerror(errno));
  // Dark before it asks: what was typed until then is dropped, and an answer would be.
  const Dark dark(terminal);
  if (!dark.is_dark()) return fail(Errc::io, "the terminal would show what is typed; give it by a file");
  if (Status asked = write_all(terminal, words, "/dev/tty"); !asked)
    return tl::unexpected<Error>(asked.error());
  std::string typed;
  char next = 0;
  while (typed.size() < kLongestSecret && read(terminal.get(), &next, 1) == 1 && next != '\n') {
    if (next == kGivenUp) return fail(Errc::invalid, "given up");
    typed += next;
  }
  return typed;
}

Result<std::string> ask_secret(std::string_view words) {
  if (isatty(STDIN_FILENO) == 0) return secret_in("-");
  const Result<std::string> typed = typed_unseen(words);
  if (!typed) return typed;
  std::string secret(trim(*typed));
  if (secret.empty()) return fail(Errc::invalid, "nothing was typed");
  return secret;
}

}  // namespace kiln::cli
