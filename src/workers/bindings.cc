#include "workers/bindings.h"

#include <algorithm>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>

#include "model/binding.h"

namespace kiln::workers {
namespace {

namespace json = boost::json;

constexpr const char* kSecret = "secret_text";

std::string name_of(const json::value& binding) {
  return std::string(binding.at("name").get_string());
}
std::string type_of(const json::value& binding) {
  return std::string(binding.at("type").get_string());
}

const json::value* find_binding(const json::array& list, std::string_view name) {
  const auto found =
      std::find_if(list.begin(), list.end(), [&](const json::value& b) { return name_of(b) == name; });
  return found == list.end() ? nullptr : &*found;
}

std::string text_field(const json::object& binding, std::string_view key) {
  const json::value* value = binding.if_contains(key);
  return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

json::object secret_binding(std::string_view name) {
  return {{"name", name}, {"type", kSecret}};
}

// The field that a binding of this type must have as a string, or nothing.
std::string_view needed_text(std::string_view type) {
  if (type == "plain_text" || type == kSecret) return "text";
  if (type == "text_blob" || type == "wasm_module" || type == "data_blob") return "part";
  if (type == "kv_namespace") return "namespace_id";
  if (type == "d1") return "id";
  if (type == "r2_bucket") return "bucket_name";
  if (type == "queue") return "queue_name";
  return type == "service" ? "service" : "";
}

Status check_supported(const json::object& binding) {
  const std::string name = text_field(binding, "name");
  const std::string type = text_field(binding, "type");
  if (!model::is_supported_binding(type)) {
    return fail(Errc::binding_unsupported,
                "The binding '" + name + "' is of type " + type +
                    ", which Kiln does not support. Remove it from the wrangler configuration, or switch off "
                    "what asks for it in the framework's own, or deploy this Worker elsewhere. Supported are "
                    "variables, secrets, assets, version metadata, services, KV namespaces, D1 databases, R2 "
                    "buckets, queues and the parts of a service-worker script.",
                "bindings");
  }
  const std::string_view needed = needed_text(type);
  const json::value* value = needed.empty() ? nullptr : binding.if_contains(needed);
  if ((!needed.empty() && (value == nullptr || !value->is_string())) ||
      (type == "json" && !binding.contains("json"))) {
    return fail(Errc::script_invalid, "The binding '" + name + "' of type " + type + " lacks its value.",
                "bindings");
  }
  return {};
}

void add_from_before(Bindings& out, const json::value& binding, const std::string& name,
                     const Bindings& before) {
  json::object copy = binding.get_object();
  copy["name"] = name;
  const auto secret = before.secrets.find(name_of(binding));
  if (secret != before.secrets.end()) out.secrets[name] = secret->second;
  out.list.push_back(std::move(copy));
}

Status inherit(Bindings& out, const json::object& binding, const Bindings& before, bool strict) {
  const std::string name = text_field(binding, "name");
  const std::string old_name = text_field(binding, "old_name");
  const json::value* found = find_binding(before.list, old_name.empty() ? name : old_name);
  if (found != nullptr) {
    add_from_before(out, *found, name, before);
    return {};
  }
  if (!strict) return {};
  return fail(
      Errc::inherit_invalid,
      "inherit binding '" + name + "' is invalid: the Worker's latest version has no binding of that name");
}

}  // namespace

Result<Bindings> resolve_bindings(const Metadata& metadata, const Bindings& before, bool strict) {
  Bindings out;
  std::set<std::string> names;
  for (const json::value& item : metadata.bindings) {
    const json::object& binding = item.get_object();
    const std::string name = name_of(item);
    if (!names.insert(name).second) {
      return fail(Errc::script_invalid, "There are two bindings named '" + name + "'.", "bindings");
    }
    Status added;
    if (type_of(item) == "inherit") {
      added = inherit(out, binding, before, strict);
    } else if (added = check_supported(binding); added && type_of(item) == kSecret) {
      out.secrets[name] = text_field(binding, "text");
      out.list.push_back(secret_binding(name));
    } else if (added) {
      out.list.push_back(binding);
    }
    if (!added) return tl::unexpected<Error>(added.error());
  }
  const bool keeps_secrets =
      metadata.keep_bindings.contains(kSecret) || !metadata.keep_bindings.contains("secret_key");
  for (const json::value& binding : before.list) {
    const bool kept =
        type_of(binding) == kSecret ? keeps_secrets : metadata.keep_bindings.contains(type_of(binding));
    if (kept && names.insert(name_of(binding)).second)
      add_from_before(out, binding, name_of(binding), before);
  }
  return out;
}

Result<Bindings> edit_secrets(const Bindings& before,
                              const std::map<std::string, std::optional<std::string>>& changes) {
  Bindings out = before;
  for (const auto& [name, text] : changes) {
    const json::value* there = find_binding(out.list, name);
    if (there != nullptr && type_of(*there) != kSecret) {
      return fail(Errc::invalid, "Binding name '" + name + "' is in use by a binding that is not a secret.",
                  "name");
    }
    if (!text && there == nullptr) {
      return fail(Errc::secret_not_found, "The Worker has no secret named '" + name + "'.", "name");
    }
    if (!text) {
      out.list.erase(out.list.begin() + (there - &out.list[0]));
      out.secrets.erase(name);
      continue;
    }
    if (there == nullptr) out.list.push_back(secret_binding(name));
    out.secrets[name] = *text;
  }
  return out;
}

Result<json::array> parse_stored(const std::string& bindings_json) {
  boost::system::error_code error;
  json::value value = json::parse(bindings_json, error);
  bool fits = !error && value.is_array();
  if (fits) {
    for (const json::value& item : value.get_array()) {
      const json::object* binding = item.if_object();
      fits = fits && binding != nullptr && !text_field(*binding, "name").empty() &&
             !text_field(*binding, "type").empty();
    }
  }
  if (!fits) return fail(Errc::corrupt, "a version's stored bindings do not parse");
  return std::move(value.get_array());
}

}  // namespace kiln::workers
