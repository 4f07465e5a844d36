// Bodies of the agent's command frames: whatever decodes must encode to the very same body.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "runner/agent/protocol.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view body(reinterpret_cast<const char*>(data), size);
  const auto command = kiln::agent::decode(body);
  if (!command) return 0;
  const auto frame = kiln::agent::encode(command->argv, command->environment, command->directory);
  if (!frame || frame->substr(kiln::agent::kLengthSize) != body) std::abort();
  return 0;
}
