#include <algorithm>

#include "scm/forge/apis.h"
#include "scm/forge/forge.h"
#include "scm/forge/hooks/readers.h"

namespace kiln::scm {

const std::vector<Forge>& forges() {
  // Gitea and Forgejo send GitHub's headers too: they stand before it.
  static const std::vector<Forge> all = {
      {"gitea", "Gitea or Forgejo", "", "/compare/{}...{}", &gitea_hooks(), &gitea_api(), nullptr},
      {"github", "GitHub", "https://github.com", "/compare/{}...{}", &github_hooks(), &github_api(),
       &github_apps()},
      {"gitlab", "GitLab", "https://gitlab.com", "/-/compare/{}...{}", &gitlab_hooks(), &gitlab_api(),
       nullptr},
      {"gitlab_internal", "GitLab", "", "/-/compare/{}...{}", &gitlab_hooks(), &gitlab_api(), nullptr},
      {"bitbucket", "Bitbucket", "https://bitbucket.org", "", &bitbucket_hooks(), &bitbucket_api(), nullptr},
      {"bitbucket_server", "Bitbucket Data Center", "", "", &bitbucket_server_hooks(),
       &bitbucket_server_api(), nullptr},
      {"git", "plain git"}};
  return all;
}

const Forge* forge_of(std::string_view provider) {
  const std::vector<Forge>& all = forges();
  const auto found =
      std::find_if(all.begin(), all.end(), [&](const Forge& forge) { return forge.provider == provider; });
  return found == all.end() ? nullptr : &*found;
}

std::vector<const Forge*> forges_like(const Forge& forge) {
  std::vector<const Forge*> alike;
  for (const Forge& one : forges()) {
    if (one.hooks == forge.hooks) alike.push_back(&one);
  }
  return alike;
}

}  // namespace kiln::scm
