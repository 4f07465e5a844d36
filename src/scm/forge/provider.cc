#include "scm/forge/provider.h"

#include <array>
#include <utility>

#include "base/hex.h"
#include "base/strings.h"
#include "scm/forge/forge.h"

namespace kiln::scm {
namespace {

using Words = std::pair<std::string_view, std::string_view>;

// What a host's name may hold, and the kind that it then is of.
constexpr std::array kSigns = {Words{"github", "github"},
                               Words{"gitlab", "gitlab"},
                               Words{"gitea", "gitea"},
                               Words{"forgejo", "gitea"},
                               Words{"codeberg", "gitea"},
                               Words{"bitbucket.org", "bitbucket"},
                               Words{"bitbucket", "bitbucket_server"}};

constexpr std::string_view kGitlabPlace =
    "in the repository's Settings → Repository → Deploy keys, without write access";
constexpr std::array kKeyPlaces = {
    Words{"github", "in the repository's Settings → Deploy keys, without write access"},
    Words{"gitlab", kGitlabPlace},
    Words{"gitlab_internal", kGitlabPlace},
    Words{"gitea", "in the repository's Settings → Deploy Keys, without write access"},
    Words{"bitbucket", "in the repository's settings, Access keys"},
    Words{"bitbucket_server", "in the repository's settings, Access keys, for reading"}};

std::string web_host(std::string_view url) {
  url.remove_prefix(url.find("://") + 3);
  url = url.substr(0, url.find_first_of("/?#"));
  if (const std::size_t at = url.rfind('@'); at != url.npos) url.remove_prefix(at + 1);
  return to_lower(url);
}

}  // namespace

std::string provider_choice() {
  std::string all;
  for (std::size_t i = 0; i < forges().size(); ++i) {
    if (i > 0) all += i + 1 == forges().size() ? " or " : ", ";
    all += forges()[i].provider;
  }
  return all;
}

std::optional<std::string> provider_by_name(const std::string& url) {
  if (!url.starts_with("https://") && !url.starts_with("http://")) return "git";
  const std::string host = web_host(url);
  for (const auto& [in_host, provider] : kSigns) {
    if (host.find(in_host) != std::string::npos) return std::string(provider);
  }
  return std::nullopt;
}

std::string clone_authorization(std::string_view provider, const std::string& token) {
  if (const Forge* forge = forge_of(provider); forge != nullptr && forge->api != nullptr)
    return forge->api->clone_authorization(token);
  // A host of git alone takes the password of whatever user.
  return "Basic " + to_base64("kiln:" + token);
}

std::string_view deploy_key_place(std::string_view provider) {
  for (const auto& [of, place] : kKeyPlaces) {
    if (of == provider) return place;
  }
  return "in ~/.ssh/authorized_keys of the user in the address, on the repository's host";
}

}  // namespace kiln::scm
