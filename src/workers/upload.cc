#include "workers/upload.h"

#include <algorithm>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "base/hash.h"
#include "workers/assets.h"
#include "workers/bindings.h"
#include "workers/draft.h"
#include "workers/metadata.h"
#include "workers/modules.h"
#include "workers/names.h"
#include "workers/references.h"
#include "workers/settings.h"

namespace kiln::workers {
namespace {

namespace json = boost::json;

// Length before text, so that no two different lists of texts run together into one.
void mix(std::string& into, std::string_view text) {
  into += std::to_string(text.size());
  into += ':';
  into += text;
}

// What a repeated request has in common with the first: parts and purpose, whatever the boundary.
std::string hash_of(const Upload& upload) {
  std::string text = upload.deploy ? "deploy" : "upload";
  if (upload.preview != nullptr) mix(text, upload.preview->id.raw());
  for (const Part& part : upload.parts) {
    mix(text, part.name);
    mix(text, part.content_type);
    mix(text, sha256(part.content));
  }
  return sha256_hex(text);
}

std::string etag_of(const model::Version& version) {
  std::string text;
  mix(text, version.main_module);
  mix(text, version.body_part);
  mix(text, version.compatibility_date);
  mix(text, version.compatibility_flags_json);
  for (const model::VersionModule& module : version.modules) {
    mix(text, module.name);
    mix(text, module.content_type);
    mix(text, module.blob);
  }
  mix(text, version.assets_config_json);
  for (const model::AssetFile& file : version.assets) {
    mix(text, file.path);
    mix(text, file.hash);
  }
  return sha256_hex(text);
}

// A new version's own content, checked but not stored: modules[n] is program[n], its blob not named yet.
struct Content {
  model::Version version;
  std::vector<Part> program;
};

Status store_modules(Ports& ports, Content& content) {
  for (std::size_t i = 0; i < content.program.size(); ++i) {
    Result<std::string> blob = ports.blobs.put(content.program[i].content);
    if (!blob) return tl::unexpected<Error>(blob.error());
    content.version.modules[i].blob = *std::move(blob);
  }
  return {};
}

Status attach_assets(Ports& ports, const Actor& actor, const Upload& upload, const Metadata& metadata,
                     model::Version& version) {
  if (!metadata.assets) return {};
  Result<std::vector<model::AssetFile>> files =
      completed_manifest(ports, actor.account_id, upload.worker.name, metadata.assets->token,
                         actor.previews_only || upload.preview != nullptr);
  if (!files) return tl::unexpected<Error>(files.error());
  version.has_assets = true;
  version.assets = *std::move(files);
  version.assets_config_json = metadata.assets->config_json;
  return {};
}

// The part of the version that does not depend on the one before.
Result<Content> content_of(Ports& ports, const Actor& actor, const Upload& upload, const Metadata& metadata) {
  Result<std::vector<Part>> program = program_parts(metadata, upload.parts);
  if (!program) return tl::unexpected<Error>(program.error());
  Content content;
  model::Version& version = content.version;
  version.main_module = metadata.main_module;
  version.body_part = metadata.body_part;
  version.compatibility_date = metadata.compatibility_date;
  version.compatibility_flags_json = json::serialize(metadata.compatibility_flags);
  version.limits_json = json::serialize(metadata.limits);
  version.annotations_json = annotations_json(metadata.annotations);
  if (const Status done = attach_assets(ports, actor, upload, metadata, version); !done)
    return tl::unexpected<Error>(done.error());
  for (const Part& part : *program)
    version.modules.push_back({part.name, part.content_type, {}, part.content.size()});
  content.program = *std::move(program);
  return content;
}

Result<store::NewVersion> made_after(const Before& before, const model::Version& content,
                                     const Metadata& metadata, bool strict) {
  const bool keep_config = metadata.keep_config && before.version;
  Result<Bindings> bindings =
      keep_config ? Result<Bindings>(before.bindings) : resolve_bindings(metadata, before.bindings, strict);
  if (!bindings) return tl::unexpected<Error>(bindings.error());
  store::NewVersion fresh;
  fresh.version = content;
  if (keep_config) {
    fresh.version.compatibility_date = before.version->compatibility_date;
    fresh.version.compatibility_flags_json = before.version->compatibility_flags_json;
    fresh.version.limits_json = before.version->limits_json;
  }
  if (metadata.keep_assets && !metadata.assets && before.version && before.version->has_assets) {
    fresh.version.has_assets = true;
    fresh.version.assets = before.version->assets;
    fresh.version.assets_config_json = before.version->assets_config_json;
  }
  fresh.version.etag = etag_of(fresh.version);
  fresh.version.bindings_json = json::serialize(bindings->list);
  fresh.secrets = std::move(bindings->secrets);
  if (const auto alias = metadata.annotations.find("workers/alias"); alias != metadata.annotations.end()) {
    fresh.alias = alias->second;
  }
  return fresh;
}

// Makes the version as it would be now, without storing it, and starts it.
Result<Started> rehearse(Ports& ports, const Upload& upload, const Content& content,
                         const Metadata& metadata) {
  const Result<Before> before =
      upload.create ? Result<Before>(Before{}) : load_before(ports, upload.worker.tag, upload.preview);
  if (!before) return tl::unexpected<Error>(before.error());
  const Result<store::NewVersion> made =
      made_after(*before, content.version, metadata, upload.strict_inherit);
  if (!made) return tl::unexpected<Error>(made.error());
  if (ports.validator == nullptr) return Started{};
  return ports.validator->validate({made->version, content.program, made->secrets});
}

// Some releases of the TypeScript SDK send metadata in pieces.
tl::unexpected<Error> no_metadata(const std::vector<Part>& parts) {
  const bool in_pieces = std::any_of(parts.begin(), parts.end(),
                                     [](const Part& part) { return part.name.starts_with("metadata["); });
  return fail(Errc::invalid,
              in_pieces ? "The upload has its metadata in pieces, as parts named metadata[…], which lose "
                          "their types: send one part named metadata that is JSON."
                        : "The upload has no part named metadata.",
              "metadata");
}

}  // namespace

Result<model::Version> upload_version(Ports& ports, const Actor& actor, const Upload& upload) {
  const Part* part = find_part(upload.parts, "metadata");
  if (part == nullptr) return no_metadata(upload.parts);
  const Result<Metadata> metadata = parse_metadata(part->content, ports.clock.now());
  if (!metadata) return tl::unexpected<Error>(metadata.error());
  return upload_program(ports, actor, upload, *metadata);
}

Result<model::Version> upload_program(Ports& ports, const Actor& actor, const Upload& upload,
                                      const Metadata& metadata) {
  if (const auto alias = metadata.annotations.find("workers/alias"); alias != metadata.annotations.end()) {
    if (const Status fits = check_alias(alias->second, upload.worker.name); !fits) {
      return tl::unexpected<Error>(fits.error());
    }
  }
  if (const Status there = check_targets(ports, actor.account_id, upload.worker.name, metadata.bindings);
      !there) {
    return tl::unexpected<Error>(there.error());
  }
  if (const json::value* consumers = metadata.settings.if_contains("tail_consumers")) {
    if (const Status fit = check_tail_consumers(ports, actor.account_id, upload.worker.name, *consumers);
        !fit)
      return tl::unexpected<Error>(fit.error());
  }
  Result<Content> content = content_of(ports, actor, upload, metadata);
  if (!content) return tl::unexpected<Error>(content.error());
  Result<Started> started = rehearse(ports, upload, *content, metadata);
  if (!started) return tl::unexpected<Error>(started.error());
  content->version.startup_time_ms = started->ms;
  content->version.entrypoints = std::move(started->entrypoints);
  if (const Status kept = store_modules(ports, *content); !kept) return tl::unexpected<Error>(kept.error());
  const Result<model::Worker> worker =
      upload.create ? ports.workers.ensure_worker(upload.worker) : Result<model::Worker>(upload.worker);
  if (!worker) return tl::unexpected<Error>(worker.error());
  const DraftOptions options{upload.deploy, "upload", hash_of(upload), upload.preview};
  Result<model::Version> stored =
      commit_version(ports, upload.worker, actor, options, [&](const Before& before) {
        return made_after(before, content->version, metadata, upload.strict_inherit);
      });
  if (stored && upload.deploy && !metadata.settings.empty()) {
    const Result<model::Worker> changed = change_settings(ports, *worker, metadata.settings);
    if (!changed) return tl::unexpected<Error>(changed.error());
  }
  if (stored && upload.deploy && ports.start_ahead) ports.start_ahead(stored->id);
  return stored;
}

}  // namespace kiln::workers
