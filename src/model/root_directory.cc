#include "model/root_directory.h"

#include <algorithm>

#include "base/strings.h"

namespace kiln::model {
namespace {

constexpr std::size_t kLongestName = 255;  // of a file system's

tl::unexpected<Error> refuse_root(const char* why) {
  return fail(Errc::invalid, why, "root_directory");
}

}  // namespace

Result<std::string> clean_root_directory(std::string_view text) {
  const bool has_control = std::any_of(
      text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; });
  if (has_control) return refuse_root("must not have a control character in it");
  std::string clean;
  for (const std::string& part : split(text, '/')) {
    if (part.empty() || part == ".") continue;
    if (part == "..") {
      return refuse_root(
          "must be a folder inside the repository, written from its top without \"..\", such as apps/web");
    }
    // git refuses to keep or to check out a file of that name, in any case.
    if (to_lower(part) == ".git")
      return refuse_root("must not lead into \".git\", which no commit can have as a folder");
    if (part.size() > kLongestName) return refuse_root("must not have a name of more than 255 bytes in it");
    if (!clean.empty()) clean.push_back('/');
    clean += part;
  }
  return clean;
}

}  // namespace kiln::model
