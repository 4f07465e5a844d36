// How a line of the log is taken apart and put together. Pure functions: any thread.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace kiln::log {

// What was written, with the values as they are meant.
struct Line {
  std::string words;
  std::vector<std::pair<std::string, std::string>> fields;
};

// "words key=value …" and "key=value … words". Nothing of what stands behind a colon in the words is a field,
// since it may be other people's.
[[nodiscard]] Line take_apart(std::string_view written);

// Of `fields`, in their order, without the line break.
[[nodiscard]] std::string as_logfmt(const std::vector<std::pair<std::string, std::string>>& fields);
[[nodiscard]] std::string as_json(const std::vector<std::pair<std::string, std::string>>& fields);

// As JSON does it: control characters and, with `quotes`, quotes and backslashes.
[[nodiscard]] std::string escaped(std::string_view text, bool quotes);

}  // namespace kiln::log
