// What is not there, as null in a record of the API. Pure; any thread.
#pragma once

#include <boost/json/value.hpp>
#include <optional>
#include <string>

#include "base/ids.h"
#include "base/time_format.h"

namespace kiln::wire {

[[nodiscard]] inline boost::json::value text_or_null(const std::string& text) {
  if (text.empty()) return nullptr;
  return boost::json::value(text);
}

[[nodiscard]] inline boost::json::value text_or_null(const std::optional<std::string>& text) {
  if (!text) return nullptr;
  return boost::json::value(*text);
}

[[nodiscard]] inline boost::json::value time_or_null(const std::optional<TimeMs>& time) {
  if (!time) return nullptr;
  return boost::json::value(format_rfc3339(*time));
}

template <typename Number>
[[nodiscard]] boost::json::value number_or_null(const std::optional<Number>& number) {
  if (!number) return nullptr;
  return boost::json::value(*number);
}

// The word of a value that has one, by to_string().
template <typename Word>
[[nodiscard]] boost::json::value word_or_null(const std::optional<Word>& word) {
  if (!word) return nullptr;
  return boost::json::value(to_string(*word));
}

[[nodiscard]] inline boost::json::value uuid_or_null(const std::optional<Uuid>& id) {
  if (!id) return nullptr;
  return boost::json::value(id->str());
}

}  // namespace kiln::wire
