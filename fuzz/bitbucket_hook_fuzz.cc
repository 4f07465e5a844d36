// Deliveries of the kind of host that is called bitbucket.
#include "hook_reader.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  return kiln::fuzz::try_reader("bitbucket", data, size);
}
