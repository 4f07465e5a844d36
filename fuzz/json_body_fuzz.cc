// Request bodies of the Builds API: parsed strictly, then read as a trigger; whatever is accepted is accepted
// again when written back.
#include <boost/json.hpp>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "api/builds/trigger_body.h"
#include "wire/json.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto value = kiln::wire::parse_json(text);
  if (!value) return 0;
  const std::string written = boost::json::serialize(*value);
  if (!kiln::wire::parse_json(written)) std::abort();
  if (!value->is_object()) return 0;
  (void)kiln::api::builds::read_new_trigger(value->get_object());
  (void)kiln::api::builds::read_changed_trigger(value->get_object(), {});
  return 0;
}
