// What is not there, as null in a record of the API. Pure; any thread.
#pragma once

#include <boost/json/value.hpp>
#include <optional>
#include <string>

#include "base/ids.h"

namespace kiln::wire {

[[nodiscard]] inline boost::json::value text_or_null(const std::string& text) {
  if (text.empty()) return nullptr;
  return boost::json::value(text);
}

[[nodiscard]] inline boost::json::value uuid_or_null(const std::optional<Uuid>& id) {
  if (!id) return nullptr;
  return boost::json::value(id->str());
}

}  // namespace kiln::wire
