// Workers, their immutable versions and the deployments that route traffic to them. Values: any thread.
// JSON texts here are opaque to everything but workers/ and the Workers API.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/ids.h"

namespace kiln::model {

struct Worker {
  std::string tag;  // 32 hex, immutable: external_script_id of the Builds API
  std::string account_id;
  std::string name;
  TimeMs created_on = 0;
  TimeMs modified_on = 0;
  bool subdomain_enabled = true;
  bool previews_enabled = true;
  std::string settings_json = "{}";   // script settings: tags, observability, logpush, tail_consumers
  std::string schedules_json = "[]";  // cron triggers
};

// A part of an upload; its bytes are the blob of that SHA-256.
struct VersionModule {
  std::string name;
  std::string content_type;
  std::string blob;  // sha256, lower-case hex
  std::size_t size = 0;
};

// A file of a static-assets manifest.
struct AssetFile {
  std::string path;  // raw UTF-8, begins with '/'
  std::string hash;  // the client's 32-hex content hash
  std::size_t size = 0;
};

struct Version {
  Uuid id;
  std::string worker_tag;
  int number = 0;  // 1, 2, … per Worker; -1, -2, … for deployments of its previews
  TimeMs created_on = 0;
  std::string source;  // "wrangler", "api", "workersci"
  std::string author_email;
  std::string main_module;  // empty: assets only, or service-worker format
  std::string body_part;    // service-worker format
  std::string compatibility_date;
  std::string compatibility_flags_json = "[]";
  std::string bindings_json = "[]";     // without secret texts; secret_text bindings stand with their name
  std::string annotations_json = "{}";  // workers/message, workers/tag, workers/alias, workers/triggered_by
  std::string limits_json = "{}";
  std::string assets_config_json;  // empty: no assets
  std::string etag;
  std::vector<std::string> handlers;
  std::vector<std::string>
      entrypoints;  // what the main module exports, beside its default, that can be called
  bool has_assets = false;
  std::vector<VersionModule> modules;
  std::vector<AssetFile> assets;
  std::optional<Uuid> build_uuid;  // the build whose token uploaded it
  int startup_time_ms = 0;         // of its trial start at the upload; 0: it had none
  std::optional<Uuid> preview_id;  // a deployment of that named preview: number is negative, and no list of
                                   // versions has it
};

// Where a preview host label leads; branches and named previews have one each.
struct Alias {
  std::string label;
  Uuid version_id;
  TimeMs modified_on = 0;  // of the last upload under it
};

// A named preview of a Worker, with settings of its own. Its slug is its host label.
struct Preview {
  Uuid id;
  std::string worker_tag;
  std::string name;  // a branch, or whatever a person chose; unique per Worker
  std::string slug;  // a DNS label, unique per Worker
  TimeMs created_on = 0;
  TimeMs modified_on = 0;
  std::string settings_json = "{}";  // observability, logpush, tail_consumers
};

struct DeploymentTarget {
  Uuid version_id;
  double percentage = 100;
};

struct Deployment {
  Uuid id;
  std::string worker_tag;
  TimeMs created_on = 0;
  std::string source;
  std::string author_email;
  std::string annotations_json = "{}";
  std::vector<DeploymentTarget> versions;
  std::optional<Uuid> build_uuid;
};

}  // namespace kiln::model
