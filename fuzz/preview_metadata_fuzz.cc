// The metadata of a preview's deployment: whatever it maps names to, the bindings are well formed and keep
// their names, and a preview's name always gives a slug that may be a host label.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "workers/bindings.h"
#include "workers/names.h"
#include "workers/previews.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  for (int attempt = 0; attempt < 2; ++attempt) {
    const auto slug = kiln::workers::slug_of(text, "worker", attempt);
    if (!slug || !kiln::workers::check_alias(*slug, "worker")) std::abort();
  }
  const auto metadata = kiln::workers::parse_preview_metadata(text, 1'767'323'045'678);
  if (!metadata) return 0;
  if (metadata->annotations.contains("workers/alias")) std::abort();
  const auto bindings = kiln::workers::resolve_bindings(*metadata, {}, false);
  if (bindings && bindings->list.size() > metadata->bindings.size()) std::abort();
  return 0;
}
