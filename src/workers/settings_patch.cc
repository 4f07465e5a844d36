#include "workers/settings_patch.h"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "workers/bindings.h"
#include "workers/draft.h"
#include "workers/metadata.h"
#include "workers/references.h"
#include "workers/secrets.h"
#include "workers/settings.h"

namespace kiln::workers {
namespace {

namespace json = boost::json;

// Bindings with nothing but their name and type, of a type that has more than that, become inherited ones.
json::array with_inherited(const json::array& bindings) {
  json::array out;
  for (const json::value& item : bindings) {
    json::object binding = item.get_object();
    const bool bare = binding.at("type") == "assets" || binding.at("type") == "version_metadata";
    if (binding.size() == 2 && !bare) binding["type"] = "inherit";
    out.push_back(std::move(binding));
  }
  return out;
}

// Which keys the text has: what it does not name stays.
struct Patch {
  json::object named;
  Metadata metadata;
};

Result<Patch> parse_patch(std::string_view text, TimeMs now) {
  Result<json::object> object = parse_object(text, "settings");
  if (!object) return tl::unexpected<Error>(object.error());
  Result<Metadata> metadata = metadata_of(*object, now);
  if (!metadata) return tl::unexpected<Error>(metadata.error());
  metadata->bindings = with_inherited(metadata->bindings);
  return Patch{*std::move(object), *std::move(metadata)};
}

bool is_of_version(const json::object& named) {
  return named.contains("bindings") || named.contains("compatibility_date") ||
         named.contains("compatibility_flags") || named.contains("limits");
}

Result<store::NewVersion> patched(Ports& ports, const Before& before, const Patch& patch) {
  if (!before.version) {
    return fail(Errc::worker_not_found, "This Worker does not exist on your account: it has no version yet.");
  }
  if (const Status live = check_deployed(ports, *before.version); !live) {
    return tl::unexpected<Error>(live.error());
  }
  store::NewVersion fresh;
  fresh.version = *before.version;
  fresh.version.annotations_json = "{}";
  fresh.secrets = before.bindings.secrets;
  if (patch.named.contains("bindings")) {
    Result<Bindings> bindings = resolve_bindings(patch.metadata, before.bindings, true);
    if (!bindings) return tl::unexpected<Error>(bindings.error());
    fresh.version.bindings_json = json::serialize(bindings->list);
    fresh.secrets = std::move(bindings->secrets);
  }
  const Metadata& metadata = patch.metadata;
  if (patch.named.contains("compatibility_date")) {
    fresh.version.compatibility_date = metadata.compatibility_date;
  }
  if (patch.named.contains("compatibility_flags")) {
    fresh.version.compatibility_flags_json = json::serialize(metadata.compatibility_flags);
  }
  if (patch.named.contains("limits")) fresh.version.limits_json = json::serialize(metadata.limits);
  if (ports.validator != nullptr) {
    const Status fits = ports.validator->check_compatibility(fresh.version.compatibility_date,
                                                             fresh.version.compatibility_flags_json);
    if (!fits) return tl::unexpected<Error>(fits.error());
  }
  return fresh;
}

}  // namespace

Status patch_settings(Ports& ports, const Actor& actor, const model::Worker& worker, std::string_view text) {
  const Result<Patch> patch = parse_patch(text, ports.clock.now());
  if (!patch) return tl::unexpected<Error>(patch.error());
  if (Status there = check_targets(ports, actor.account_id, worker.name, patch->metadata.bindings); !there) {
    return there;
  }
  if (is_of_version(patch->named)) {
    const Result<model::Version> made =
        commit_version(ports, worker, actor, {true, "secret", {}, nullptr},
                       [&](const Before& before) { return patched(ports, before, *patch); });
    if (!made) return tl::unexpected<Error>(made.error());
  }
  if (patch->metadata.settings.empty()) return {};
  const Result<model::Worker> changed = change_settings(ports, worker, patch->metadata.settings);
  if (!changed) return tl::unexpected<Error>(changed.error());
  return {};
}

}  // namespace kiln::workers
