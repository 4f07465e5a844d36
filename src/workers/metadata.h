// The `metadata` part of an upload, checked for shape. What it refers to (parts, older bindings, assets) is
// checked by modules.h, bindings.h and assets.h. Pure functions: any thread.
#pragma once

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"

namespace kiln::workers {

struct AssetsRef {
  std::string token;        // the completion token
  std::string config_json;  // "{}" when none was given
};

struct Metadata {
  std::string main_module;  // at most one of these two is set; neither: assets only
  std::string body_part;
  std::string compatibility_date;
  boost::json::array compatibility_flags;  // strings
  boost::json::array bindings;             // objects with string name and type
  std::set<std::string> keep_bindings;     // types
  boost::json::object limits;
  std::map<std::string, std::string> annotations;  // workers/message, workers/tag, workers/alias, …
  std::optional<AssetsRef> assets;
  bool keep_assets = false;
  bool keep_config =
      false;  // all but the program is that of the version before: dates, flags, limits, bindings
  boost::json::object settings;  // observability, logpush, tags, tail_consumers: the script settings among it
};

// One JSON object, nesting at most 32. Errors: Errc::invalid.
[[nodiscard]] Result<boost::json::object> parse_object(std::string_view text, std::string_view what);

// Errors: Errc::script_invalid or Errc::invalid with the field. Unknown keys are ignored.
[[nodiscard]] Result<Metadata> parse_metadata(std::string_view text, TimeMs now);
[[nodiscard]] Result<Metadata> metadata_of(const boost::json::object& object, TimeMs now);

// The annotations among `object`'s that Kiln keeps, as text; a number is written out. Errors: Errc::invalid.
[[nodiscard]] Result<std::map<std::string, std::string>> annotations_of(const boost::json::object& object);

// Those keys of `object` that are script settings, when their values have the right kind. Errors:
// Errc::invalid.
[[nodiscard]] Result<boost::json::object> script_settings_of(const boost::json::object& object);

}  // namespace kiln::workers
