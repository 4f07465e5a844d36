// Standard output, the one way by which results leave: buffered, every write looked at, so that a full disk
// or a reader that has gone is known at the end. Context::out is a stream over one. One thread.
#pragma once

#include <ostream>
#include <streambuf>
#include <string>
#include <string_view>

namespace kiln::cli {

// After a write that failed, the stream is bad() and takes nothing more.
class Output final : public std::streambuf {
 public:
  // `descriptor` stays the caller's, and open.
  explicit Output(int descriptor) : descriptor_(descriptor) {}

  // errno of the write that failed, or 0.
  [[nodiscard]] int error() const { return error_; }

 protected:
  int_type overflow(int_type character) override;
  std::streamsize xsputn(const char* text, std::streamsize size) override;
  int sync() override;

 private:
  bool put(std::string_view text);
  bool write_out();

  int descriptor_;
  int error_ = 0;
  std::string pending_;
};

// Writes out what waits. 0, or the errno of what was not written, EIO where the stream does not know it.
[[nodiscard]] int flush_output(std::ostream& out);

}  // namespace kiln::cli
