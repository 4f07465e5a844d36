// A version's modules, given back as they were uploaded.
#include <cstddef>
#include <string>

#include "api/workers/handlers.h"

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
  Result<std::optional<model::Version>> latest = deps.ports.store.base_version(worker.tag);
  if (!latest) return tl::unexpected<Error>(latest.error());
  if (!*latest) return fail(Errc::version_not_found, "This Worker has no version yet.");
  return **std::move(latest);
}

Result<http::Reply> get_content(const WorkersDeps& deps, const Call& call) {
  const Result<model::Worker> worker = worker_to_read(deps, call);
  if (!worker) return tl::unexpected<Error>(worker.error());
  const Result<model::Version> version = wanted_version(deps, call, *worker);
  if (!version) return tl::unexpected<Error>(version.error());
  const std::string& entry = version->main_module.empty() ? version->body_part : version->main_module;
  const std::string boundary = "kiln-" + deps.ports.entropy.hex32();
  Result<std::string> body = multipart_of(deps, *version, boundary);
  if (!body) return tl::unexpected<Error>(body.error());
  http::Headers headers = {{"content-type", "multipart/form-data; boundary=" + boundary}};
  if (!entry.empty()) headers.emplace_back("cf-entrypoint", entry);
  return http::Response{200, std::move(headers), *std::move(body)};
}

}  // namespace

void add_content_routes(const AddRoute& add, const WorkersDeps& deps) {
  add("GET", script_path("/content/v2"), Needs::scripts_read,
      {.max_body = 1U << 20U, .work = http::Work::read},
      [deps](const Call& call) { return get_content(deps, call); });
}

}  // namespace kiln::api
