// What ssh-keyscan, known_hosts and people write of a host's key: whatever is taken is one line of two words,
// and is the same when it is read again.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "base/ssh_key.h"
#include "base/strings.h"
#include "connect/credentials.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto wish = kiln::connect::parse_host_key_wish(text);
  if (!wish) return 0;
  if (wish->keys.empty() == wish->fingerprint.empty()) std::abort();
  for (const std::string& line : kiln::split(wish->keys, '\n')) {
    if (line.empty()) continue;
    const auto again = kiln::parse_ssh_key(line);
    if (!again || *again != line || kiln::split(line, ' ').size() != 2) std::abort();
    if (!kiln::ssh_fingerprint(line).starts_with("SHA256:")) std::abort();
  }
  return 0;
}
