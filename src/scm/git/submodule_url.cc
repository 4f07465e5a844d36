#include "scm/git/submodule_url.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <string_view>

#include "base/strings.h"
#include "scm/git/git.h"
#include "scm/git/git_command.h"

namespace kiln::scm {
namespace {

tl::unexpected<Error> refuse_submodule(const std::string& why) {
  return fail(Errc::invalid, why, "url");
}

// scheme://host[:port], in lower case, of an HTTP(S) address; empty for others.
std::string origin(const std::string& url) {
  const std::string clean = strip_userinfo(url);
  if (!clean.starts_with("http://") && !clean.starts_with("https://")) return {};
  return to_lower(std::string_view(clean).substr(0, clean.find('/', clean.find("://") + 3)));
}

// `place` is `folder` or below it. By their words: what is opened is a name, which the machine's owner gave.
bool is_within(const std::filesystem::path& place, const std::string& folder) {
  const std::filesystem::path top = std::filesystem::path(folder + "/").lexically_normal().parent_path();
  return std::mismatch(top.begin(), top.end(), place.begin(), place.end()).first == top.end();
}

}  // namespace

Result<std::string> submodule_url(const std::string& base_url, const std::string& written,
                                  const std::vector<std::string>& folders) {
  const bool is_local = base_url.starts_with('/');
  std::string url = written;
  if (written.starts_with("./") || written.starts_with("../")) {
    std::string_view rest = written;
    std::string_view base = base_url;
    while (base.ends_with('/')) base.remove_suffix(1);
    const std::size_t scheme = base.find("://");
    std::size_t top = scheme == base.npos ? base.find(':') : base.find('/', scheme + 3);
    if (is_local) top = 0;
    while (rest.starts_with("./") || rest.starts_with("../")) {
      const bool up = rest.starts_with("../");
      rest.remove_prefix(up ? 3 : 2);
      if (!up) continue;
      const std::size_t slash = base.rfind('/');
      if (slash == base.npos || top == base.npos || slash < top) {
        return refuse_submodule(
            fmt::format(fmt::runtime(is_local ? "its address \"{}\" leads above the machine's top folder"
                                              : "its address \"{}\" leads above the top of its host"),
                        written));
      }
      base = base.substr(0, slash);
    }
    url = fmt::format("{}/{}", base, rest);
  }
  if (Status fits = check_remote_url(url); !fits) return tl::unexpected<Error>(fits.error());
  if (!url.starts_with('/')) return url;
  if (!is_local) return refuse_submodule("its address is a folder of the runner's machine");
  const std::filesystem::path place = std::filesystem::path(url).lexically_normal();
  // git takes "lib" for "lib.git", too.
  const bool is_open = std::any_of(folders.begin(), folders.end(), [&](const std::string& folder) {
    return is_within(place, folder) || is_within(place.string() + ".git", folder);
  });
  if (is_open) return place.string();
  // Only what is written in the repository itself: the log is not to tell where it stands on this machine.
  return refuse_submodule(fmt::format(
      "its address \"{}\" is a repository of the runner's machine that is not connected here. Connect it too "
      "(kiln connect), or open the folder it is in: allow = [\"/FOLDER\"] below [git] in the server's "
      "settings",
      written));
}

bool is_same_host(const std::string& base_url, const std::string& url) {
  const std::string base = origin(base_url);
  return !base.empty() && base == origin(url);
}

}  // namespace kiln::scm
