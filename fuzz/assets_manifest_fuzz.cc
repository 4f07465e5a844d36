// The manifest of static assets: whatever is accepted is safe to use as a path.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "workers/assets.h"
#include "workers/metadata.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto body = kiln::workers::parse_object(text, "manifest");
  if (!body) return 0;
  const auto files = kiln::workers::parse_manifest(*body);
  if (!files) return 0;
  for (const kiln::model::AssetFile& file : *files) {
    const std::string framed = file.path + "/";
    const bool safe = file.path.front() == '/' && framed.find("/../") == std::string::npos &&
                      framed.find("//") == std::string::npos && framed.find('\0') == std::string::npos;
    if (!safe || file.hash.size() != 32 || file.size > kiln::workers::kMaxAssetBytes) std::abort();
  }
  return 0;
}
