// Frames of a WebSocket client: read in one go or byte by byte they are the same, never longer than what has
// come, and what answers them is well formed.
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "http/web_socket.h"

namespace {

namespace http = kiln::http;

void expect(bool holds) {
  if (!holds) std::abort();
}

// What we send is read back as it was.
void check_own(const http::Frame& frame) {
  if ((frame.opcode == http::Opcode::close || frame.opcode >= http::Opcode::ping) &&
      frame.payload.size() > 125)
    std::abort();
  std::string out;
  http::append_frame(out, frame.opcode, frame.payload);
  const auto again = http::read_frame(out);
  expect(again && *again && (*again)->opcode == frame.opcode && (*again)->payload == frame.payload);
  expect((*again)->size == out.size());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  std::string_view bytes(reinterpret_cast<const char*>(data), size);
  expect(http::close_answer(bytes).size() <= 2);
  while (!bytes.empty()) {
    const auto frame = http::read_frame(bytes);
    // A shorter beginning is the same frame, none yet, or the same refusal.
    for (std::size_t part = 0; part < bytes.size() && part < 16; ++part) {
      const auto begun = http::read_frame(bytes.substr(0, part));
      if (!begun) expect(!frame && frame.error().code == begun.error().code);
      if (begun && *begun) expect(frame && *frame && (*frame)->size == (*begun)->size);
    }
    if (!frame || !*frame) return 0;
    expect((*frame)->size >= 2 && (*frame)->size <= bytes.size());
    expect((*frame)->payload.size() <= http::kMaxClientFrame);
    expect(!*http::read_frame(bytes.substr(0, (*frame)->size - 1)));
    check_own(**frame);
    if ((*frame)->opcode == http::Opcode::close) {
      const std::string_view code = http::close_answer((*frame)->payload);
      expect(code.empty() == (*frame)->payload.empty() && code.size() != 1);
    }
    bytes.remove_prefix((*frame)->size);
  }
  return 0;
}
