#include "workers/draft.h"

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

namespace kiln::workers {
namespace {

namespace json = boost::json;

constexpr int kTries = 20;

std::string with_trigger(const std::string& annotations, const std::string& triggered_by) {
  boost::system::error_code error;
  json::value value = json::parse(annotations, error);
  json::object object = !error && value.is_object() ? value.get_object() : json::object();
  if (!triggered_by.empty()) object["workers/triggered_by"] = triggered_by;
  return json::serialize(object);
}

void fill_in(store::NewVersion& fresh, Ports& ports, const model::Worker& worker, const Actor& actor,
             const DraftOptions& options) {
  model::Version& version = fresh.version;
  version.id = ports.entropy.uuid();
  version.worker_tag = worker.tag;
  version.created_on = ports.clock.now();
  version.source = actor.source;
  version.author_email = actor.author_email;
  version.build_uuid = actor.build;
  version.annotations_json = with_trigger(version.annotations_json, options.triggered_by);
  version.preview_id.reset();
  fresh.previews_only = actor.previews_only;
  if (options.preview != nullptr) {
    version.preview_id = options.preview->id;
    fresh.alias = options.preview->slug;
  }
  fresh.max_aliases = ports.max_aliases;
  fresh.upload_hash = options.upload_hash;
  fresh.has_preview = worker.previews_enabled;
  if (!options.deploy) return;
  model::Deployment deployment;
  deployment.id = ports.entropy.uuid();
  deployment.worker_tag = worker.tag;
  deployment.created_on = version.created_on;
  deployment.source = actor.source;
  deployment.author_email = actor.author_email;
  deployment.annotations_json = version.annotations_json;
  deployment.versions = {{version.id, 100}};
  deployment.build_uuid = actor.build;
  fresh.deployment = std::move(deployment);
}

}  // namespace

Result<Before> load_before(Ports& ports, const std::string& worker_tag, const model::Preview* preview) {
  Result<std::optional<model::Version>> latest = preview != nullptr
                                                     ? ports.previews.latest_of_preview(preview->id)
                                                     : ports.versions.base_version(worker_tag);
  if (!latest) return tl::unexpected<Error>(latest.error());
  Before before;
  if (!*latest) return before;
  Result<json::array> list = parse_stored((*latest)->bindings_json);
  if (!list) return tl::unexpected<Error>(list.error());
  Result<Secrets> secrets = ports.versions.version_secrets((*latest)->id);
  if (!secrets) return tl::unexpected<Error>(secrets.error());
  before.version = *std::move(latest);
  before.bindings = {*std::move(list), *std::move(secrets)};
  return before;
}

Result<model::Version> commit_version(Ports& ports, const model::Worker& worker, const Actor& actor,
                                      const DraftOptions& options,
                                      const std::function<Result<store::NewVersion>(const Before&)>& make) {
  for (int left = kTries; left > 0; --left) {
    const Result<Before> before = load_before(ports, worker.tag, options.preview);
    if (!before) return tl::unexpected<Error>(before.error());
    Result<store::NewVersion> fresh = make(*before);
    if (!fresh) return tl::unexpected<Error>(fresh.error());
    fill_in(*fresh, ports, worker, actor, options);
    fresh->after = before->version ? before->version->id : Uuid{};
    Result<model::Version> stored = ports.versions.add_version(*fresh);
    if (stored || stored.error().code != Errc::conflict) return stored;
  }
  return fail(Errc::unavailable, "Other uploads of this Worker keep coming in between; try again.");
}

std::string annotations_json(const std::map<std::string, std::string>& annotations) {
  json::object object;
  for (const auto& [key, value] : annotations) {
    if (!value.empty()) object[key] = value;
  }
  return json::serialize(object);
}

}  // namespace kiln::workers
