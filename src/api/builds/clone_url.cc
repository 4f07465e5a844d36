#include "api/builds/clone_url.h"

#include <fmt/format.h>

#include "scm/forge/forge.h"
#include "scm/git/git.h"

namespace kiln::api::builds {

void check_provider(wire::Fields& fields, std::string_view field, const std::string& provider) {
  if (provider.empty() || scm::forge_of(provider) != nullptr) return;
  std::string known;
  for (const scm::Forge& forge : scm::forges()) {
    known.append(known.empty() ? "" : ", ").append(forge.provider);
  }
  fields.refuse(field, "must be one of " + known);
}

std::string default_clone_url(const std::string& provider, const std::string& owner,
                              const std::string& name) {
  const scm::Forge* forge = scm::forge_of(provider);
  if (forge == nullptr || forge->usual_url.empty()) return {};
  return fmt::format("{}/{}/{}.git", forge->usual_url, owner, name);
}

void check_clone_url(wire::Fields& fields, const Call& call, const std::string& url) {
  if (const Status fits = scm::check_remote_url(url); !fits) {
    fields.refuse("clone_url", fits.error().message);
  } else if (url.compare(0, 7, "http://") != 0 && url.compare(0, 8, "https://") != 0 && !call.who.is_admin) {
    fields.refuse("clone_url",
                  "must be http:// or https://; local and SSH repositories are connected with kiln connect");
  }
}

Result<model::CleanUrl> reachable_url(const BuildsDeps& deps, const std::string& url,
                                      const std::string& field) {
  Result<model::CleanUrl> clean = model::split_credentials(url);
  if (!clean) return fail(Errc::invalid, "Invalid request body: " + clean.error().message, field);
  const Status open = deps.may_reach ? deps.may_reach(clean->url) : Status();
  if (!open && open.error().code != Errc::unavailable) {
    return fail(Errc::invalid, "Invalid request body: " + open.error().message, field);
  }
  return clean;
}

}  // namespace kiln::api::builds
