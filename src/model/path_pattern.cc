#include "model/path_pattern.h"

#include "model/pattern.h"

namespace kiln::model {

Result<std::string> clean_path_pattern(std::string_view pattern) {
  std::string_view rest = pattern;
  while (rest.starts_with("/") || rest.starts_with("./")) rest.remove_prefix(rest.front() == '/' ? 1 : 2);
  if (rest.empty() && !pattern.empty())
    return fail(Errc::invalid, "no file has this name; use * for all files");
  while (rest.ends_with("**")) rest.remove_suffix(1);
  if (const Status fits = check_pattern(rest); !fits) return tl::unexpected<Error>(fits.error());
  if (rest == ".." || rest.starts_with("../")) {
    return fail(Errc::invalid, "files are named from the top of the repository, and none is above it");
  }
  if (rest == "." || rest.ends_with("/")) {
    return fail(Errc::invalid, "this names a folder, and only files are compared; put * behind it");
  }
  return std::string(rest);
}

}  // namespace kiln::model
