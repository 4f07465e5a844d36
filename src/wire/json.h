// Reading JSON bodies with errors that name the field, and writing the API's records. No I/O; any thread.
#pragma once

#include <boost/json/value.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace kiln::wire {

// Strict JSON: UTF-8, nesting at most 32, duplicate keys refused, nothing after the value. Errors:
// Errc::invalid with the place in words.
[[nodiscard]] Result<boost::json::value> parse_json(std::string_view text);

// A reader over one JSON object that collects what is wrong instead of stopping at the first: read all the
// fields, then ask status(). Unknown keys are not errors; unknown() lists them.
class Fields {
 public:
  // `within` is put before every field's name when the object itself is a field: "seed_repo.".
  explicit Fields(const boost::json::object& object, std::string within = {})
      : object_(object), within_(std::move(within)) {}

  struct Text {
    std::size_t min = 0;
    std::size_t max = 4096;
    bool line_breaks = false;  // control characters other than tab are refused unless this allows \n and \r
  };
  [[nodiscard]] std::string required_text(std::string_view name, Text rule);
  [[nodiscard]] std::optional<std::string> optional_text(std::string_view name,
                                                         Text rule);  // null counts as absent
  [[nodiscard]] std::optional<bool> optional_bool(std::string_view name);
  // A whole number from `min` to `max`, written without a fraction.
  [[nodiscard]] std::optional<std::int64_t> optional_integer(std::string_view name, std::int64_t min,
                                                             std::int64_t max);
  // Arrays of strings, at most `max_items`. One string stands for an array of it: an official client sends a
  // list so that its user gave one item of.
  [[nodiscard]] std::vector<std::string> required_list(std::string_view name, std::size_t max_items,
                                                       Text rule);
  [[nodiscard]] std::optional<std::vector<std::string>> optional_list(std::string_view name,
                                                                      std::size_t max_items, Text rule);
  [[nodiscard]] const boost::json::object* optional_object(std::string_view name);
  [[nodiscard]] std::vector<const boost::json::object*> optional_objects(std::string_view name,
                                                                         std::size_t max_items);
  // Notes a problem found by the caller.
  void refuse(std::string_view name, std::string_view why);

  // The first problem, as Errc::invalid with `field` set and a message "Invalid request body: <field> <why>".
  [[nodiscard]] Status status() const;
  [[nodiscard]] std::vector<std::string> unknown() const;

 private:
  const boost::json::value* find(std::string_view name);
  std::optional<std::string> text_of(std::string_view name, const boost::json::value& value, Text rule);

  const boost::json::object& object_;
  std::string within_;
  std::vector<std::string> asked_;
  std::vector<Error> problems_;
};

}  // namespace kiln::wire
