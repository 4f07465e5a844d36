#include "cli/output.h"

#include <unistd.h>

#include <cerrno>

namespace kiln::cli {
namespace {

constexpr std::size_t kMostPending = 64U << 10U;

}  // namespace

bool Output::put(std::string_view text) {
  if (error_ != 0) return false;
  pending_.append(text);
  return pending_.size() < kMostPending || write_out();
}

bool Output::write_out() {
  std::string_view rest = pending_;
  while (error_ == 0 && !rest.empty()) {
    const ssize_t wrote = write(descriptor_, rest.data(), rest.size());
    if (wrote >= 0) {
      rest.remove_prefix(static_cast<std::size_t>(wrote));
    } else if (errno != EINTR) {
      error_ = errno;
    }
  }
  pending_.clear();
  return error_ == 0;
}

Output::int_type Output::overflow(int_type character) {
  if (traits_type::eq_int_type(character, traits_type::eof())) return traits_type::not_eof(character);
  const char byte = traits_type::to_char_type(character);
  return put({&byte, 1}) ? character : traits_type::eof();
}

std::streamsize Output::xsputn(const char* text, std::streamsize size) {
  return put({text, static_cast<std::size_t>(size)}) ? size : 0;
}

int Output::sync() {
  return write_out() ? 0 : -1;
}

int flush_output(std::ostream& out) {
  out.flush();
  if (out.good()) return 0;
  const auto* output = dynamic_cast<const Output*>(out.rdbuf());
  return output != nullptr && output->error() != 0 ? output->error() : EIO;
}

}  // namespace kiln::cli
