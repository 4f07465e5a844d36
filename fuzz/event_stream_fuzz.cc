// Any bytes as server-sent events and as log lines: no crash, and nothing but colours reaches a terminal.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "cli/event_stream.h"
#include "cli/print.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  kiln::cli::EventStream stream;
  stream.feed(bytes.substr(0, size / 2), [](const kiln::cli::ServerEvent&) {});
  stream.feed(bytes.substr(size / 2), [](const kiln::cli::ServerEvent&) {});
  if (kiln::cli::safe_line(bytes, false).find('\x1b') != std::string::npos) std::abort();
  return 0;
}
