// The events that a subscription or a sink asks for, as a column has them. Pure; any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "model/event.h"
#include "store/sqlite/rows_json.h"

namespace kiln::store::sqlite {

[[nodiscard]] inline std::string events_to_json(const std::vector<model::EventKind>& events) {
  std::vector<std::string> names;
  for (const model::EventKind kind : events) names.emplace_back(model::name_of(kind));
  return strings_to_json(names);
}

// A name of a newer Kiln's is left out.
[[nodiscard]] inline std::vector<model::EventKind> events_from_json(std::string_view json) {
  std::vector<model::EventKind> events;
  for (const std::string& name : strings_from_json(json)) {
    if (const auto kind = model::event_of_name(name)) events.push_back(*kind);
  }
  return events;
}

}  // namespace kiln::store::sqlite
