// Bytes of the runner protocol: whatever decodes must encode to something that decodes to the same.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "wire/runner_protocol.h"

namespace {

template <typename Message>
void check(const kiln::Result<Message>& decoded, kiln::Result<Message> (*decode)(std::string_view)) {
  if (!decoded) return;
  const std::string once = kiln::wire::encode(*decoded);
  const kiln::Result<Message> again = decode(once);
  if (!again || kiln::wire::encode(*again) != once) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  namespace wire = kiln::wire;
  const std::string_view body(reinterpret_cast<const char*>(data), size);
  check(wire::decode_claim(body), &wire::decode_claim);
  check(wire::decode_lease(body), &wire::decode_lease);
  check(wire::decode_step(body), &wire::decode_step);
  check(wire::decode_log(body), &wire::decode_log);
  check(wire::decode_materials(body), &wire::decode_materials);
  check(wire::decode_finish(body), &wire::decode_finish);
  check(wire::decode_job(body), &wire::decode_job);
  (void)wire::decode_error(409, body);
  return 0;
}
