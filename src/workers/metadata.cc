#include "workers/metadata.h"

#include <array>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "workers/names.h"

namespace kiln::workers {
namespace {

namespace json = boost::json;

constexpr std::size_t kMaxText = 1024;
constexpr std::size_t kMaxBindings = 1000;
constexpr std::array<const char*, 8> kAnnotations = {"workers/message",
                                                     "workers/tag",
                                                     "workers/alias",
                                                     "workers/commit_sha",
                                                     "workers/repository_url",
                                                     "workers/pull_request_number",
                                                     "workers/pull_request_title",
                                                     "workers/pull_request_url"};

tl::unexpected<Error> wrong(std::string_view field, std::string_view rule) {
  return fail(Errc::invalid, "metadata." + std::string(field) + " " + std::string(rule), std::string(field));
}

Result<std::string> text_of(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains(name);
  if (value == nullptr || value->is_null()) return std::string();
  if (!value->is_string() || value->get_string().size() > kMaxText)
    return wrong(name, "must be a short string");
  return std::string(value->get_string());
}

Result<json::array> list_of(const json::object& object, std::string_view name, std::size_t max_items) {
  const json::value* value = object.if_contains(name);
  if (value == nullptr || value->is_null()) return json::array();
  if (!value->is_array()) return wrong(name, "must be a list");
  if (value->get_array().size() > max_items) return wrong(name, "has too many items");
  return value->get_array();
}

Result<json::array> words_of(const json::object& object, std::string_view name) {
  Result<json::array> list = list_of(object, name, 100);
  if (!list) return list;
  for (const json::value& item : *list) {
    if (!item.is_string() || item.get_string().size() > kMaxText)
      return wrong(name, "must be a list of strings");
  }
  return list;
}

Status read_bindings(const json::object& object, Metadata& out) {
  Result<json::array> list = list_of(object, "bindings", kMaxBindings);
  if (!list) return tl::unexpected<Error>(list.error());
  for (const json::value& item : *list) {
    const json::object* binding = item.if_object();
    const auto has_text = [&](std::string_view key) {
      const json::value* value = binding->if_contains(key);
      return value != nullptr && value->is_string() && !value->get_string().empty() &&
             value->get_string().size() <= kMaxText;
    };
    if (binding == nullptr || !has_text("name") || !has_text("type")) {
      return wrong("bindings", "must be objects with a name and a type");
    }
  }
  out.bindings = *std::move(list);
  return {};
}

Status read_annotations(const json::object& object, Metadata& out) {
  Result<std::map<std::string, std::string>> annotations = annotations_of(object);
  if (!annotations) return tl::unexpected<Error>(annotations.error());
  out.annotations = *std::move(annotations);
  return {};
}

Status read_assets(const json::object& object, Metadata& out) {
  if (const json::value* keep = object.if_contains("keep_assets")) {
    if (!keep->is_bool()) return wrong("keep_assets", "must be true or false");
    out.keep_assets = keep->get_bool();
  }
  const json::value* value = object.if_contains("assets");
  if (value == nullptr || value->is_null()) return {};
  const json::object* assets = value->if_object();
  if (assets == nullptr) return wrong("assets", "must be an object");
  const Result<std::string> token = text_of(*assets, "jwt");
  if (!token || token->empty()) return wrong("assets.jwt", "must be the completion token of an asset upload");
  AssetsRef ref{*token, "{}"};
  if (const json::value* config = assets->if_contains("config"); config != nullptr && !config->is_null()) {
    if (!config->is_object()) return wrong("assets.config", "must be an object");
    ref.config_json = json::serialize(*config);
  }
  out.assets = std::move(ref);
  return {};
}

Status read_program(const json::object& object, TimeMs now, Metadata& out) {
  const std::array<std::pair<const char*, std::string*>, 3> texts = {
      {{"main_module", &out.main_module},
       {"body_part", &out.body_part},
       {"compatibility_date", &out.compatibility_date}}};
  for (const auto& [name, target] : texts) {
    const Result<std::string> text = text_of(object, name);
    if (!text) return tl::unexpected<Error>(text.error());
    *target = *text;
  }
  if (!out.main_module.empty() && !out.body_part.empty()) {
    return wrong("main_module", "and body_part cannot both be set");
  }
  if (Status date = check_compatibility_date(out.compatibility_date, now); !date) return date;
  Result<json::array> flags = words_of(object, "compatibility_flags");
  if (!flags) return tl::unexpected<Error>(flags.error());
  out.compatibility_flags = *std::move(flags);
  const Result<json::array> kept = words_of(object, "keep_bindings");
  if (!kept) return tl::unexpected<Error>(kept.error());
  for (const json::value& type : *kept) out.keep_bindings.insert(std::string(type.get_string()));
  if (const json::value* limits = object.if_contains("limits"); limits != nullptr && !limits->is_null()) {
    if (!limits->is_object()) return wrong("limits", "must be an object");
    out.limits = limits->get_object();
  }
  return {};
}

}  // namespace

Result<json::object> parse_object(std::string_view text, std::string_view what) {
  boost::system::error_code error;
  json::parse_options options;
  options.max_depth = 32;
  json::value value = json::parse(text, error, {}, options);
  if (error || !value.is_object())
    return fail(Errc::invalid, std::string(what) + " must be a JSON object", std::string(what));
  return std::move(value.get_object());
}

Result<Metadata> parse_metadata(std::string_view text, TimeMs now) {
  const Result<json::object> object = parse_object(text, "metadata");
  if (!object) return tl::unexpected<Error>(object.error());
  return metadata_of(*object, now);
}

Result<Metadata> metadata_of(const json::object& object, TimeMs now) {
  Metadata out;
  Status read = read_program(object, now, out);
  if (read) read = read_bindings(object, out);
  if (read) read = read_annotations(object, out);
  if (read) read = read_assets(object, out);
  if (!read) return tl::unexpected<Error>(read.error());
  Result<json::object> settings = script_settings_of(object);
  if (!settings) return tl::unexpected<Error>(settings.error());
  out.settings = *std::move(settings);
  return out;
}

Result<std::map<std::string, std::string>> annotations_of(const json::object& object) {
  std::map<std::string, std::string> annotations;
  const json::value* value = object.if_contains("annotations");
  if (value == nullptr || value->is_null()) return annotations;
  const json::object* given = value->if_object();
  if (given == nullptr) return wrong("annotations", "must be an object");
  for (const char* key : kAnnotations) {
    const json::value* number = given->if_contains(key);
    const bool written = number != nullptr && (number->is_int64() || number->is_uint64());
    const Result<std::string> text = written ? json::serialize(*number) : text_of(*given, key);
    if (!text) return tl::unexpected<Error>(text.error());
    if (!text->empty()) annotations[key] = *text;
  }
  return annotations;
}

Result<json::object> script_settings_of(const json::object& object) {
  json::object settings;
  const auto take = [&](std::string_view name, bool (json::value::*fits)() const noexcept) -> Status {
    const json::value* value = object.if_contains(name);
    if (value == nullptr) return {};
    if (!value->is_null() && !(value->*fits)()) return wrong(name, "has a value of the wrong kind");
    settings[name] = *value;
    return {};
  };
  Status taken = take("observability", &json::value::is_object);
  if (taken) taken = take("logpush", &json::value::is_bool);
  if (taken) taken = take("tail_consumers", &json::value::is_array);
  if (taken && object.contains("tags") && !object.at("tags").is_null()) {
    const Result<json::array> tags = words_of(object, "tags");
    if (!tags) return tl::unexpected<Error>(tags.error());
    settings["tags"] = *tags;
  }
  if (!taken) return tl::unexpected<Error>(taken.error());
  return settings;
}

}  // namespace kiln::workers
