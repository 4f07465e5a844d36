#include "scm/git/submodule_url.h"

#include <fmt/format.h>

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

}  // namespace

Result<std::string> submodule_url(const std::string& base_url, const std::string& written) {
  std::string url = written;
  if (written.starts_with("./") || written.starts_with("../")) {
    std::string_view rest = written;
    std::string_view base = base_url;
    while (base.ends_with('/')) base.remove_suffix(1);
    const std::size_t scheme = base.find("://");
    const std::size_t top = scheme == base.npos ? base.find(':') : base.find('/', scheme + 3);
    while (rest.starts_with("./") || rest.starts_with("../")) {
      const bool up = rest.starts_with("../");
      rest.remove_prefix(up ? 3 : 2);
      if (!up) continue;
      const std::size_t slash = base.rfind('/');
      if (slash == base.npos || top == base.npos || slash < top)
        return refuse_submodule(fmt::format("its address \"{}\" leads out of its host", written));
      base = base.substr(0, slash);
    }
    url = fmt::format("{}/{}", base, rest);
  }
  if (Status fits = check_remote_url(url); !fits) return tl::unexpected<Error>(fits.error());
  if (url.starts_with('/')) return refuse_submodule("its address is a folder of the runner's machine");
  return url;
}

bool is_same_host(const std::string& base_url, const std::string& url) {
  const std::string base = origin(base_url);
  return !base.empty() && base == origin(url);
}

}  // namespace kiln::scm
