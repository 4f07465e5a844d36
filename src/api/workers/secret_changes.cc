#include "api/workers/secret_changes.h"

namespace kiln::api {

namespace json = boost::json;

Result<std::optional<std::string>> secret_text_of(const json::value& value) {
  if (value.is_null()) return std::optional<std::string>();
  const json::object* secret = value.if_object();
  const json::value* type = secret == nullptr ? nullptr : secret->if_contains("type");
  const json::value* text = secret == nullptr ? nullptr : secret->if_contains("text");
  if (text == nullptr || !text->is_string()) return fail(Errc::invalid, "A secret needs a text.", "text");
  if (type != nullptr && !(type->is_string() && type->get_string() == "secret_text")) {
    return fail(Errc::binding_unsupported, "Kiln stores secrets of type secret_text only.", "type");
  }
  return std::optional<std::string>(std::string(text->get_string()));
}

Result<SecretChanges> secret_changes_of(const json::object& body, std::string_view key) {
  const json::value* map = body.if_contains(key);
  if (map == nullptr || !map->is_object()) {
    return fail(Errc::invalid, "The request's body needs an object named " + std::string(key) + ".",
                std::string(key));
  }
  SecretChanges changes;
  for (const auto& [name, value] : map->get_object()) {
    Result<std::optional<std::string>> text = secret_text_of(value);
    if (!text) return tl::unexpected<Error>(text.error());
    changes[std::string(name)] = *std::move(text);
  }
  return changes;
}

}  // namespace kiln::api
