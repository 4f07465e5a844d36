// The host of a CONNECT by which one Worker calls another: none but the one that was made is taken.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "serving/service_key.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view host(reinterpret_cast<const char*>(data), size);
  kiln::serving::Callee callee;
  if (!kiln::serving::read_connect_host(host, "secret", callee)) return 0;
  // Hex digits may be of either case.
  const std::string again = kiln::serving::connect_host("secret", callee);
  if (again.size() != host.size()) std::abort();
  return 0;
}
