// The metadata of an upload, and the bindings that come of it: never a secret's text in what is shown.
#include <boost/json/serialize.hpp>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "workers/bindings.h"
#include "workers/metadata.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto metadata = kiln::workers::parse_metadata(text, 1'767'323'045'678);
  if (!metadata) return 0;
  const auto bindings = kiln::workers::resolve_bindings(*metadata, {}, false);
  if (!bindings) return 0;
  for (const auto& binding : bindings->list) {
    const auto& object = binding.get_object();
    if (object.at("type") == "secret_text" && (object.contains("text") || object.size() != 2)) std::abort();
  }
  const auto stored = kiln::workers::parse_stored(boost::json::serialize(bindings->list));
  if (!stored || *stored != bindings->list) std::abort();
  // What one version has, the next one can keep: the same metadata over it must resolve as well.
  if (!kiln::workers::resolve_bindings(*metadata, *bindings, true)) {
    for (const auto& binding : metadata->bindings) {
      if (binding.get_object().at("type") == "inherit") return 0;
    }
    std::abort();
  }
  return 0;
}
