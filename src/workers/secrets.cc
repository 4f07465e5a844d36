#include "workers/secrets.h"

#include <boost/json/serialize.hpp>

#include "workers/bindings.h"
#include "workers/draft.h"

namespace kiln::workers {
namespace {

constexpr std::size_t kMaxSecretName = 1024;
constexpr std::size_t kMaxSecretText = std::size_t{128} << 10U;

Status check_changes(const SecretsEdit& edit) {
  for (const auto& [name, text] : edit.changes) {
    if (name.empty() || name.size() > kMaxSecretName)
      return fail(Errc::invalid, "A secret needs a name.", "name");
    if (text && text->size() > kMaxSecretText) {
      return fail(Errc::invalid, "The secret '" + name + "' is larger than 128 KiB.", "text");
    }
  }
  return {};
}

// Why there is nothing to make the new version from.
tl::unexpected<Error> nothing_before(const SecretsEdit& edit) {
  if (edit.preview != nullptr) {
    return fail(Errc::preview_empty, "The preview '" + edit.preview->name + "' has no deployment yet.");
  }
  if (edit.deploy) {
    return fail(Errc::worker_not_found, "This Worker does not exist on your account: it has no version yet.");
  }
  return fail(Errc::version_not_found, "This Worker has no version yet: upload one before its secrets.");
}

}  // namespace

Status check_deployed(Ports& ports, const model::Version& latest) {
  const Result<store::Paged<model::Deployment>> newest =
      ports.versions.deployments(latest.worker_tag, {1, 1});
  if (!newest) return tl::unexpected<Error>(newest.error());
  const bool live = !newest->items.empty() && newest->items[0].versions.size() == 1 &&
                    newest->items[0].versions[0].version_id == latest.id;
  if (live) return {};
  return fail(Errc::not_latest,
              "The latest version of your Worker is not the one that is deployed. Deploy it first, or change "
              "the secret in a new version with `wrangler versions secret`.");
}

Result<model::Version> edit_worker_secrets(Ports& ports, const Actor& actor, const model::Worker& worker,
                                           const SecretsEdit& edit) {
  if (const Status fits = check_changes(edit); !fits) return tl::unexpected<Error>(fits.error());
  const auto make = [&](const Before& before) -> Result<store::NewVersion> {
    if (!before.version) return nothing_before(edit);
    if (edit.deploy) {
      if (const Status live = check_deployed(ports, *before.version); !live)
        return tl::unexpected<Error>(live.error());
    }
    Result<Bindings> bindings = edit_secrets(before.bindings, edit.changes);
    if (!bindings) return tl::unexpected<Error>(bindings.error());
    store::NewVersion fresh;
    fresh.version = *before.version;
    fresh.version.bindings_json = boost::json::serialize(bindings->list);
    fresh.version.annotations_json = annotations_json(edit.annotations);
    fresh.secrets = std::move(bindings->secrets);
    return fresh;
  };
  return commit_version(ports, worker, actor, {edit.deploy, "secret", {}, edit.preview}, make);
}

}  // namespace kiln::workers
