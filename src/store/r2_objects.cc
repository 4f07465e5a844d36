#include "store/r2_objects.h"

#include <algorithm>

#include "base/log.h"

namespace kiln::store {

Result<std::string> read_on(R2Reader& reader, model::R2Span& left) {
  constexpr std::uint64_t most = std::uint64_t{256} << 10U;
  Result<std::string> bytes = reader.read(left.offset, static_cast<std::size_t>(std::min(left.length, most)));
  if (bytes && bytes->empty()) bytes = fail(Errc::corrupt, "it ends too early");
  if (!bytes) {
    log::error("r2 cannot read an object error={}", log::quoted(bytes.error().message));
    return bytes;
  }
  left.offset += bytes->size();
  left.length -= bytes->size();
  return bytes;
}

}  // namespace kiln::store
