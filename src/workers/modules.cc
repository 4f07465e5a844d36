#include "workers/modules.h"

#include <algorithm>
#include <array>
#include <set>

#include "base/strings.h"
#include "workers/names.h"

namespace kiln::workers {
namespace {

constexpr std::string_view kModuleType = "application/javascript+module";
constexpr std::string_view kScriptType = "application/javascript";
constexpr std::array<std::string_view, 6> kTypes = {
    kModuleType, kScriptType, "application/wasm", "text/plain", "application/octet-stream", kSourceMapType};

tl::unexpected<Error> refuse(const std::string& why) {
  return fail(Errc::script_invalid, why);
}

// "text/plain" of "text/plain; charset=utf-8".
std::string media_type(std::string_view content_type) {
  return to_lower(trim(content_type.substr(0, content_type.find(';'))));
}

Status check_part(const Part& part) {
  if (Status name = check_module_name(part.name); !name) return name;
  if (std::find(kTypes.begin(), kTypes.end(), media_type(part.content_type)) != kTypes.end()) return {};
  if (media_type(part.content_type).starts_with("text/x-python")) {
    return refuse("The module '" + part.name + "' is Python, which Kiln does not run.");
  }
  return refuse("The module '" + part.name + "' has the unknown content type '" +
                to_valid_utf8(part.content_type.substr(0, 100)) + "'.");
}

Status check_entry(const std::vector<Part>& program, const std::string& name, std::string_view role,
                   std::string_view type) {
  if (name.empty()) return {};
  const Part* entry = find_part(program, name);
  if (entry == nullptr)
    return refuse("The " + std::string(role) + " '" + name + "' is not among the uploaded parts.");
  if (media_type(entry->content_type) == type) return {};
  return refuse("The " + std::string(role) + " '" + name + "' must have the content type " +
                std::string(type) + ".");
}

Status check_blob_bindings(const Metadata& metadata, const std::vector<Part>& program) {
  for (const auto& item : metadata.bindings) {
    const auto* part = item.get_object().if_contains("part");
    if (part == nullptr || !part->is_string() || find_part(program, part->get_string()) != nullptr) continue;
    return refuse("The binding '" + std::string(item.at("name").get_string()) + "' names the part '" +
                  std::string(part->get_string()) + "', which was not uploaded.");
  }
  return {};
}

// Some clients name modules by their parts, some by the parts' filenames: the entry tells which.
bool by_filename(const Metadata& metadata, const std::vector<Part>& parts) {
  const std::string& entry = metadata.main_module.empty() ? metadata.body_part : metadata.main_module;
  return !entry.empty() && find_part(parts, entry) == nullptr &&
         std::any_of(parts.begin(), parts.end(), [&](const Part& part) { return part.filename == entry; });
}

}  // namespace

Result<std::vector<Part>> program_parts(const Metadata& metadata, const std::vector<Part>& parts) {
  const bool filenames = by_filename(metadata, parts);
  std::vector<Part> program;
  std::set<std::string> names;
  std::size_t total = 0;
  bool code = false;
  for (Part part : parts) {
    if (part.name == "metadata") continue;
    if (filenames && part.filename && !part.filename->empty()) part.name = *part.filename;
    if (const Status fits = check_part(part); !fits) return tl::unexpected<Error>(fits.error());
    if (!names.insert(part.name).second) return refuse("There are two modules named '" + part.name + "'.");
    if (media_type(part.content_type) != kSourceMapType) {
      total += part.content.size();
      code = true;
    }
    program.push_back(std::move(part));
  }
  if (total > kMaxScriptBytes) {
    return fail(Errc::too_large, "Your Worker exceeded the size limit of 64 MiB: its modules have " +
                                     std::to_string(total) + " bytes. Use fewer or smaller dependencies.");
  }
  const bool has_entry = !metadata.main_module.empty() || !metadata.body_part.empty();
  if (code && !has_entry) return refuse("The metadata names neither a main_module nor a body_part.");
  if (!has_entry && !metadata.assets && !metadata.keep_assets) {
    return refuse("The upload holds neither a script nor static assets.");
  }
  Status fits = check_entry(program, metadata.main_module, "main module", kModuleType);
  if (fits) fits = check_entry(program, metadata.body_part, "script", kScriptType);
  if (fits) fits = check_blob_bindings(metadata, program);
  if (!fits) return tl::unexpected<Error>(fits.error());
  return program;
}

}  // namespace kiln::workers
