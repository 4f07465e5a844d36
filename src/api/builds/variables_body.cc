#include "api/builds/variables_body.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <set>

#include "wire/json.h"

namespace kiln::api::builds {
namespace {

namespace json = boost::json;

constexpr std::size_t kLongestValue = std::size_t{5} * 1024;
constexpr std::size_t kLongestVariable = 256;
constexpr wire::Fields::Text kValue{0, kLongestValue, true};

bool is_variable_name(std::string_view name) {
  const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; };
  const auto fits = [&](char c) { return letter(c) || (c >= '0' && c <= '9'); };
  return !name.empty() && name.size() <= kLongestVariable && letter(name.front()) &&
         std::all_of(name.begin(), name.end(), fits);
}

tl::unexpected<Error> refuse_variable(const std::string& field, const std::string& why) {
  return fail(Errc::invalid, fmt::format("Invalid request body: {} {}", field, why), field);
}

Status take_variable(AskedVariables& asked, wire::Fields& fields, model::EnvVar variable) {
  const std::optional<std::string> value = fields.optional_text("value", kValue);
  if (Status fine = fields.status(); !fine) return fine;
  if (!is_variable_name(variable.name)) {
    return refuse_variable(variable.name.empty() ? "key" : variable.name,
                           "is not a variable name: letters, digits and _, not beginning with a digit");
  }
  if (value) variable.value = *value;
  (value ? asked.variables : asked.kept).push_back(std::move(variable));
  for (std::string& name : fields.unknown()) asked.unknown.push_back(std::move(name));
  return {};
}

Status read_keyed(const std::string& name, const std::string& place, const json::value& value,
                  AskedVariables& asked) {
  const json::object* object = value.if_object();
  if (object == nullptr) return refuse_variable(place, "must be an object {is_secret, value}");
  wire::Fields fields(*object, place + ".");
  const std::optional<bool> is_secret = fields.optional_bool("is_secret");
  if (!is_secret && fields.status()) fields.refuse("is_secret", "is required: true or false");
  model::EnvVar variable;
  variable.name = name;
  variable.is_secret = is_secret.value_or(true);
  return take_variable(asked, fields, std::move(variable));
}

Status read_listed(std::size_t index, const json::value& value, AskedVariables& asked) {
  const std::string place = fmt::format("variables[{}]", index);
  const json::object* object = value.if_object();
  if (object == nullptr) return refuse_variable(place, "must be an object {key, value, type}");
  wire::Fields fields(*object, place + ".");
  model::EnvVar variable;
  variable.name = fields.required_text("key", {1, kLongestVariable, false});
  const std::string type = fields.optional_text("type", {1, 16, false}).value_or("text");
  if (type != "text" && type != "secret") fields.refuse("type", "must be \"text\" or \"secret\"");
  variable.is_secret = type == "secret";
  return take_variable(asked, fields, std::move(variable));
}

}  // namespace

Result<AskedVariables> read_keyed_variables(const json::object& keyed, const std::string& within) {
  AskedVariables asked;
  for (const auto& [name, value] : keyed) {
    const std::string key(name);
    if (Status taken = read_keyed(key, within + key, value, asked); !taken)
      return tl::unexpected<Error>(taken.error());
  }
  return asked;
}

Result<AskedVariables> read_variables(const json::object& body) {
  const json::value* list = body.if_contains("variables");
  Result<AskedVariables> asked;
  if (list != nullptr && list->is_array()) {
    const json::array& items = list->get_array();
    for (std::size_t i = 0; i < items.size(); ++i) {
      if (Status taken = read_listed(i, items[i], *asked); !taken)
        return tl::unexpected<Error>(taken.error());
    }
    for (const auto& [name, value] : body) {
      if (name != "variables") asked->unknown.emplace_back(name);
    }
  } else {
    asked = read_keyed_variables(body, "");
  }
  if (asked && asked->empty()) return refuse_variable("body", "names no variable");
  return asked;
}

Status check_variables(const AskedVariables& asked, const std::vector<model::EnvVar>& there) {
  for (const model::EnvVar& kept : asked.kept) {
    const bool found = std::any_of(there.begin(), there.end(), [&](const model::EnvVar& variable) {
      return variable.name == kept.name && variable.is_secret == kept.is_secret;
    });
    if (found) continue;
    return refuse_variable(kept.name + ".value",
                           fmt::format("is not given, and there is no {} of that name that could stay",
                                       kept.is_secret ? "secret" : "plain variable"));
  }
  std::set<std::string> names;
  for (const model::EnvVar& variable : there) names.insert(variable.name);
  for (const model::EnvVar& variable : asked.variables) names.insert(variable.name);
  if (names.size() <= kMostVariables) return {};
  return refuse_variable("body", fmt::format("would make {} variables of the trigger; {} is the most",
                                             names.size(), kMostVariables));
}

}  // namespace kiln::api::builds
