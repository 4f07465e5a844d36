#include "cli/set_up/set_up.h"

#include <fmt/format.h>

#include <algorithm>

#include "cli/print.h"

namespace kiln::cli {

const Resource* find(const AccountSetUp& set_up, const std::string& type, const std::string& name) {
  const auto found = std::find_if(set_up.resources.begin(), set_up.resources.end(),
                                  [&](const Resource& one) { return one.type == type && one.name == name; });
  return found == set_up.resources.end() ? nullptr : &*found;
}

std::string unused_name(const AccountSetUp& set_up, const std::string& type, const std::string& name) {
  std::string unused = name;
  for (int number = 2; find(set_up, type, unused) != nullptr; ++number)
    unused = fmt::format("{} ({})", name, number);
  return unused;
}

std::string usual_clone_url(const boost::json::value& repository) {
  const std::string provider = text_at(repository, "provider_type");
  const std::string path =
      text_at(repository, "provider_account_name") + "/" + text_at(repository, "repo_name");
  if (provider == "github") return "https://github.com/" + path + ".git";
  return provider == "gitlab" ? "https://gitlab.com/" + path + ".git" : "";
}

}  // namespace kiln::cli
