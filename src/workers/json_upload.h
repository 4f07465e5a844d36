// An upload whose modules stand in a JSON body, base64-encoded, beside what is metadata elsewhere. Pure; any
// thread.
#pragma once

#include <boost/json/object.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "workers/metadata.h"
#include "workers/multipart.h"

namespace kiln::workers {

struct JsonUpload {
  Metadata metadata;
  std::vector<std::string> contents;  // of the modules, in their order
  std::vector<Part> parts;            // into `contents` and into the body, which must outlive them
};

// {"main_module","modules":[{"name","content_type","content_base64"}],"bindings":[…],"assets":{"jwt","config"},
// …}. Modules named _headers and _redirects belong to the assets. `text` is the body as it came. Errors:
// Errc::invalid with the field, Errc::script_invalid.
[[nodiscard]] Result<JsonUpload> read_json_upload(const boost::json::object& body, std::string_view text,
                                                  TimeMs now);

// Modules named _headers and _redirects move from the program into the configuration of the assets, where
// there are any.
void move_rules_into_assets(std::vector<Part>& program, Metadata& metadata);

}  // namespace kiln::workers
