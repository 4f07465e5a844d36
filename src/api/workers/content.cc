// A Worker's modules: given back as they were uploaded, and replaced.
#include "workers/content.h"

#include <algorithm>
#include <cstddef>
#include <string>

#include "api/error_table.h"
#include "api/workers/handlers.h"
#include "api/workers/records.h"
#include "workers/multipart.h"

namespace kiln::api {
namespace {

// As browsers write names in multipart/form-data.
std::string quoted(const std::string& name) {
  std::string out = "\"";
  for (const char c : name) {
    if (c == '"') {
      out += "%22";
    } else if (c == '\r') {
      out += "%0D";
    } else if (c == '\n') {
      out += "%0A";
    } else {
      out += c;
    }
  }
  return out + "\"";
}

Result<std::string> multipart_of(const WorkersDeps& deps, const model::Version& version,
                                 const std::string& boundary) {
  std::string body;
  for (const model::VersionModule& module : version.modules) {
    Result<std::string> bytes = deps.ports.blobs.get(module.blob, module.size);
    if (!bytes) return bytes;
    body += "--" + boundary + "\r\nContent-Disposition: form-data; name=" + quoted(module.name) +
            "; filename=" + quoted(module.name) + "\r\nContent-Type: " + module.content_type + "\r\n\r\n" +
            *bytes + "\r\n";
  }
  return body + "--" + boundary + "--\r\n";
}

// Of ?version=, or of the newest one.
Result<model::Version> wanted_version(const WorkersDeps& deps, const Call& call,
                                      const model::Worker& worker) {
  if (const std::optional<std::string> id = call.request.query_value("version")) {
    return version_of(deps, worker, *id);
  }
  Result<std::optional<model::Version>> latest = deps.ports.versions.base_version(worker.tag);
  if (!latest) return tl::unexpected<Error>(latest.error());
  if (!*latest) return fail(Errc::version_not_found, "This Worker has no version yet.");
  return **std::move(latest);
}

Result<http::Reply> content_reply(const WorkersDeps& deps, const model::Version& version) {
  const std::string& entry = version.main_module.empty() ? version.body_part : version.main_module;
  const std::string boundary = "kiln-" + deps.ports.entropy.hex32();
  Result<std::string> body = multipart_of(deps, version, boundary);
  if (!body) return tl::unexpected<Error>(body.error());
  http::Headers headers = {{"content-type", "multipart/form-data; boundary=" + boundary}};
  if (!entry.empty()) headers.emplace_back("cf-entrypoint", entry);
  return http::Response{200, std::move(headers), *std::move(body)};
}

Result<http::Reply> get_content(const WorkersDeps& deps, const Call& call) {
  const Result<model::Worker> worker = worker_to_read(deps, call);
  if (!worker) return tl::unexpected<Error>(worker.error());
  const Result<model::Version> version = wanted_version(deps, call, *worker);
  if (!version) return tl::unexpected<Error>(version.error());
  return content_reply(deps, *version);
}

// What was uploaded last: of the older format the script itself, else its modules in one form.
Result<http::Reply> get_script(const WorkersDeps& deps, const Call& call) {
  const Result<model::Worker> worker = worker_to_read(deps, call);
  if (!worker) return tl::unexpected<Error>(worker.error());
  const Result<model::Version> version = wanted_version(deps, call, *worker);
  if (!version) return tl::unexpected<Error>(version.error());
  const auto script =
      std::find_if(version->modules.begin(), version->modules.end(),
                   [&](const model::VersionModule& module) { return module.name == version->body_part; });
  if (script == version->modules.end()) return content_reply(deps, *version);
  Result<std::string> bytes = deps.ports.blobs.get(script->blob, script->size);
  if (!bytes) return tl::unexpected<Error>(bytes.error());
  return http::Response{200, {{"content-type", "application/javascript"}}, *std::move(bytes)};
}

Result<http::Reply> put_content(const WorkersDeps& deps, const Call& call) {
  const Result<model::Worker> worker = worker_to_write(deps, call);
  if (!worker) return tl::unexpected<Error>(worker.error());
  const Result<std::vector<workers::Part>> parts =
      workers::parse_multipart(call.request.header("content-type"), call.request.body);
  if (!parts) return tl::unexpected<Error>(parts.error());
  const workers::Entry entry{std::string(call.request.header("cf-worker-main-module-part")),
                             std::string(call.request.header("cf-worker-body-part"))};
  const Result<model::Version> version =
      workers::replace_content(deps.ports, actor_of(call), *worker, *parts, entry);
  if (!version) return tl::unexpected<Error>(version.error());
  const Result<model::Worker> now = deps.ports.workers.worker(call.account_id, worker->name);
  if (!now) return tl::unexpected<Error>(now.error());
  return success_response(script_record(*now, &*version));
}

}  // namespace

void add_content_routes(const AddRoute& add, const WorkersDeps& deps) {
  add("GET", script_path(""), Needs::scripts_read, {.max_body = 1U << 20U, .work = http::Work::read},
      [deps](const Call& call) { return get_script(deps, call); });
  add("PUT", script_path("/content"), Needs::scripts_write,
      {.max_body = kMaxUpload, .work = http::Work::upload},
      [deps](const Call& call) { return put_content(deps, call); });
  add("GET", script_path("/content/v2"), Needs::scripts_read,
      {.max_body = 1U << 20U, .work = http::Work::read},
      [deps](const Call& call) { return get_content(deps, call); });
}

}  // namespace kiln::api
