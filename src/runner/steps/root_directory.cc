#include "runner/steps/root_directory.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/strings.h"

namespace kiln::runner {

Result<std::string> clean_root_directory(std::string_view text) {
  const bool has_control = std::any_of(
      text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; });
  if (has_control)
    return fail(Errc::invalid, "The root directory holds a control character.", "root_directory");
  std::string clean;
  for (const std::string& part : split(text, '/')) {
    if (part.empty() || part == ".") continue;
    if (part == ".." || to_lower(part) == ".git") {
      return fail(
          Errc::invalid,
          fmt::format(
              "The root directory \"{}\" must be a folder inside the repository, written from its top "
              "without \"..\", such as apps/web.",
              text),
          "root_directory");
    }
    if (!clean.empty()) clean.push_back('/');
    clean += part;
  }
  return clean;
}

}  // namespace kiln::runner
