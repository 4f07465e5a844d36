#include "workers/previews.h"

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "base/hash.h"
#include "base/strings.h"
#include "workers/json_upload.h"
#include "workers/names.h"
#include "workers/upload.h"

namespace kiln::workers {
namespace {

namespace json = boost::json;

constexpr std::size_t kMark = 5;  // "-" and 4 hex digits
constexpr std::size_t kMaxName = 255;
constexpr int kSlugTries = 20;

// Lower-case letters, digits and single hyphens, none at an end.
std::string dashed(std::string_view name) {
  std::string out;
  for (const char c : to_lower(name)) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    if (plain) {
      out += c;
    } else if (!out.empty() && out.back() != '-') {
      out += '-';
    }
  }
  while (!out.empty() && out.back() == '-') out.pop_back();
  return out;
}

std::string cut_to(std::string text, std::size_t most) {
  text.resize(std::min(text.size(), most));
  while (!text.empty() && text.back() == '-') text.pop_back();
  return text;
}

Result<std::string> name_of(const json::object& body) {
  const json::value* name = body.if_contains("name");
  const bool fits = name != nullptr && name->is_string() && !name->get_string().empty() &&
                    name->get_string().size() <= kMaxName && is_valid_utf8(name->get_string()) &&
                    std::none_of(name->get_string().begin(), name->get_string().end(),
                                 [](char c) { return (c >= 0 && c < 0x20) || c == 0x7f; });
  if (fits) return std::string(name->get_string());
  return fail(Errc::invalid, "A preview needs a name of 1 to 255 bytes without control characters.", "name");
}

// The bindings array that an upload has, out of the object `env`.
Result<json::array> bindings_of(const json::object& object) {
  json::array bindings;
  const json::value* env = object.if_contains("env");
  if (env == nullptr || env->is_null()) return bindings;
  if (!env->is_object()) return fail(Errc::invalid, "metadata.env must be an object.", "env");
  for (const auto& [name, value] : env->get_object()) {
    if (!value.is_object()) {
      return fail(Errc::invalid, "metadata.env must map names to bindings.", "env");
    }
    json::object binding = value.get_object();
    binding["name"] = name;
    bindings.push_back(std::move(binding));
  }
  return bindings;
}

// The parts as an upload has them.
std::vector<Part> program_of(const std::vector<Part>& parts, Metadata& metadata) {
  std::vector<Part> program;
  for (const Part& part : parts) {
    if (part.name == "metadata") program.push_back(part);
    if (part.name != "files") continue;
    program.push_back(part);
    program.back().name = part.filename.value_or("");
  }
  move_rules_into_assets(program, metadata);
  return program;
}

}  // namespace

Result<std::string> slug_of(std::string_view name, std::string_view worker_name, int attempt) {
  const std::size_t room = worker_name.size() + 1 < kHostLabel ? kHostLabel - worker_name.size() - 1 : 0;
  if (room < kMark) {
    return fail(Errc::invalid,
                "The Worker's name is too long for previews: with a preview's label and a hyphen it may have "
                "63 characters.",
                "script_name");
  }
  const std::string plain = dashed(name);
  if (attempt == 0 && plain.size() <= room && check_alias(plain, worker_name)) return plain;
  const std::string mark = sha256_hex(std::string(name) + '\n' + std::to_string(attempt)).substr(0, 4);
  const std::string start = cut_to(plain, room - kMark);
  // A mark alone begins with a letter.
  return start.empty() ? "p" + mark : start + "-" + mark;
}

Result<model::Preview> create_preview(Ports& ports, const model::Worker& worker, const json::object& body) {
  const Result<std::string> name = name_of(body);
  if (!name) return tl::unexpected<Error>(name.error());
  const Result<json::object> settings = script_settings_of(body);
  if (!settings) return tl::unexpected<Error>(settings.error());
  model::Preview preview;
  preview.worker_tag = worker.tag;
  preview.name = *name;
  preview.settings_json = json::serialize(*settings);
  for (int attempt = 0; attempt < kSlugTries; ++attempt) {
    Result<std::string> slug = slug_of(*name, worker.name, attempt);
    if (!slug) return tl::unexpected<Error>(slug.error());
    preview.id = ports.entropy.uuid();
    preview.slug = *std::move(slug);
    preview.created_on = preview.modified_on = ports.clock.now();
    const Status added = ports.previews.add_preview(preview);
    if (added) return preview;
    if (added.error().code != Errc::conflict || added.error().field != "slug") {
      return tl::unexpected<Error>(added.error());
    }
  }
  return fail(Errc::conflict, "No address is free for a preview of this name; choose another name.", "name");
}

json::object settings_of(const model::Preview& preview) {
  boost::system::error_code error;
  json::value value = json::parse(preview.settings_json, error);
  return !error && value.is_object() ? value.get_object() : json::object();
}

Result<model::Preview> change_preview(Ports& ports, model::Preview preview, const json::object& body) {
  const Result<json::object> changes = script_settings_of(body);
  if (!changes) return tl::unexpected<Error>(changes.error());
  json::object settings = settings_of(preview);
  for (const auto& [key, value] : *changes) {
    if (value.is_null()) {
      settings.erase(key);
    } else {
      settings[key] = value;
    }
  }
  preview.settings_json = json::serialize(settings);
  preview.modified_on = ports.clock.now();
  if (const Status stored = ports.previews.update_preview(preview); !stored) {
    return tl::unexpected<Error>(stored.error());
  }
  return preview;
}

Result<Metadata> parse_preview_metadata(std::string_view text, TimeMs now) {
  Result<json::object> object = parse_object(text, "metadata");
  if (!object) return tl::unexpected<Error>(object.error());
  Result<json::array> bindings = bindings_of(*object);
  if (!bindings) return tl::unexpected<Error>(bindings.error());
  (*object)["bindings"] = *std::move(bindings);
  Result<Metadata> metadata = metadata_of(*object, now);
  if (metadata) metadata->annotations.erase("workers/alias");
  return metadata;
}

Result<model::Version> deploy_preview(Ports& ports, const Actor& actor, const model::Worker& worker,
                                      const model::Preview& preview, const std::vector<Part>& parts) {
  const Part* part = find_part(parts, "metadata");
  if (part == nullptr) return fail(Errc::invalid, "The upload has no part named metadata.", "metadata");
  Result<Metadata> metadata = parse_preview_metadata(part->content, ports.clock.now());
  if (!metadata) return tl::unexpected<Error>(metadata.error());
  const std::vector<Part> program = program_of(parts, *metadata);
  Upload upload{worker, false, program, true, false, &preview};
  return upload_program(ports, actor, upload, *metadata);
}

}  // namespace kiln::workers
