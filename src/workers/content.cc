#include "workers/content.h"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "workers/bindings.h"
#include "workers/metadata.h"
#include "workers/upload.h"

namespace kiln::workers {
namespace {

// Nothing but the name of the entry counts of the metadata.
Result<Metadata> entry_metadata(const std::vector<Part>& parts, const Entry& entry, TimeMs now) {
  Metadata out;
  out.main_module = entry.main_module;
  out.body_part = entry.body_part;
  if (const Part* part = find_part(parts, "metadata"); part != nullptr) {
    const Result<Metadata> given = parse_metadata(part->content, now);
    if (!given) return tl::unexpected<Error>(given.error());
    if (!given->main_module.empty() || !given->body_part.empty()) {
      out.main_module = given->main_module;
      out.body_part = given->body_part;
    }
  }
  if (out.main_module.empty() && out.body_part.empty()) {
    return fail(
        Errc::script_invalid,
        "Neither metadata nor the headers CF-WORKER-MAIN-MODULE-PART and CF-WORKER-BODY-PART say which "
        "part is the program.",
        "metadata");
  }
  if (!out.main_module.empty()) out.body_part.clear();
  out.keep_assets = true;
  out.keep_config = true;
  return out;
}

}  // namespace

Result<model::Version> replace_content(Ports& ports, const Actor& actor, const model::Worker& worker,
                                       const std::vector<Part>& parts, const Entry& entry) {
  Result<Metadata> metadata = entry_metadata(parts, entry, ports.clock.now());
  if (!metadata) return tl::unexpected<Error>(metadata.error());
  const Result<std::optional<model::Version>> base = ports.versions.base_version(worker.tag);
  if (!base) return tl::unexpected<Error>(base.error());
  if (!*base) {
    return fail(Errc::worker_not_found, "This Worker does not exist on your account: it has no version yet.");
  }
  const Result<boost::json::array> bindings = parse_stored((*base)->bindings_json);
  if (!bindings) return tl::unexpected<Error>(bindings.error());
  // Those that are parts of the program must come with it.
  for (const boost::json::value& binding : *bindings) {
    if (binding.as_object().contains("part")) metadata->bindings.push_back(binding);
  }
  return upload_program(ports, actor, {worker, false, parts, false, true}, *metadata);
}

}  // namespace kiln::workers
