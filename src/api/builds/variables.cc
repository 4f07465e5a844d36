// A trigger's environment variables. Both body forms of the upsert are understood:
//   {"KEY": {"is_secret", "value"}} and {"variables": [{"key", "value", "type": "text"|"secret"}]}.
// A secret's value may be null, as the API itself shows it: the secret stays as it is.
#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>

#include "api/builds/handlers.h"
#include "api/error_table.h"
#include "wire/json.h"

namespace kiln::api::builds {
namespace {

namespace json = boost::json;

constexpr std::size_t kMostVariables = 64;
constexpr std::size_t kLongestValue = std::size_t{5} * 1024;
constexpr std::size_t kLongestVariable = 256;
constexpr wire::Fields::Text kValue{0, kLongestValue, true};

bool is_variable_name(std::string_view name) {
  const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; };
  const auto fits = [&](char c) { return letter(c) || (c >= '0' && c <= '9'); };
  return !name.empty() && name.size() <= kLongestVariable && letter(name.front()) &&
         std::all_of(name.begin(), name.end(), fits);
}

tl::unexpected<Error> refuse(const std::string& field, const std::string& why) {
  return fail(Errc::invalid, fmt::format("Invalid request body: {} {}", field, why), field);
}

// What a body asks for, and the names of its fields that nobody knows.
struct AskedVariables {
  std::vector<model::EnvVar> variables;
  std::vector<std::string> kept;  // secrets whose value is null: they stay as they are
  std::vector<std::string> unknown;
};

bool is_null(const json::object& object) {
  const json::value* value = object.if_contains("value");
  return value != nullptr && value->is_null();
}

Status take(AskedVariables& asked, wire::Fields& fields, model::EnvVar variable, bool keep) {
  if (Status fine = fields.status(); !fine) return fine;
  if (!is_variable_name(variable.name)) {
    return refuse(variable.name.empty() ? "key" : variable.name,
                  "is not a variable name: letters, digits and _, not beginning with a digit");
  }
  if (keep) {
    asked.kept.push_back(std::move(variable.name));
  } else {
    asked.variables.push_back(std::move(variable));
  }
  for (std::string& name : fields.unknown()) asked.unknown.push_back(std::move(name));
  return {};
}

Status read_keyed(const std::string& name, const json::value& value, AskedVariables& asked) {
  const json::object* object = value.if_object();
  if (object == nullptr) return refuse(name, "must be an object {is_secret, value}");
  wire::Fields fields(*object, name + ".");
  model::EnvVar variable;
  variable.name = name;
  variable.is_secret = fields.optional_bool("is_secret").value_or(false);
  const bool keep = variable.is_secret && is_null(*object);
  variable.value =
      keep ? fields.optional_text("value", kValue).value_or("") : fields.required_text("value", kValue);
  return take(asked, fields, std::move(variable), keep);
}

Status read_listed(std::size_t index, const json::value& value, AskedVariables& asked) {
  const std::string place = fmt::format("variables[{}]", index);
  const json::object* object = value.if_object();
  if (object == nullptr) return refuse(place, "must be an object {key, value, type}");
  wire::Fields fields(*object, place + ".");
  model::EnvVar variable;
  variable.name = fields.required_text("key", {1, kLongestVariable, false});
  const std::string type = fields.optional_text("type", {1, 16, false}).value_or("text");
  if (type != "text" && type != "secret") fields.refuse("type", "must be \"text\" or \"secret\"");
  variable.is_secret = type == "secret";
  const bool keep = variable.is_secret && is_null(*object);
  variable.value =
      keep ? fields.optional_text("value", kValue).value_or("") : fields.required_text("value", kValue);
  return take(asked, fields, std::move(variable), keep);
}

Result<AskedVariables> read_variables(const json::object& body) {
  AskedVariables asked;
  const json::value* list = body.if_contains("variables");
  if (list != nullptr && list->is_array()) {
    const json::array& items = list->get_array();
    for (std::size_t i = 0; i < items.size(); ++i) {
      if (Status taken = read_listed(i, items[i], asked); !taken) return tl::unexpected<Error>(taken.error());
    }
    for (const auto& [name, value] : body) {
      if (name != "variables") asked.unknown.emplace_back(name);
    }
  } else {
    for (const auto& [name, value] : body) {
      if (Status taken = read_keyed(std::string(name), value, asked); !taken)
        return tl::unexpected<Error>(taken.error());
    }
  }
  if (asked.variables.empty() && asked.kept.empty()) return refuse("body", "names no variable");
  return asked;
}

// The trigger of the path, which must be the account's.
Result<model::Trigger> trigger_of(const BuildsDeps& deps, const Call& call) {
  const Result<Uuid> uuid = path_uuid(call, "trigger_uuid");
  if (!uuid) return tl::unexpected<Error>(uuid.error());
  return deps.triggers.trigger(call.account_id, *uuid);
}

Result<http::Reply> answer_all(const BuildsDeps& deps, const Uuid& trigger,
                               std::vector<std::string> unknown = {}) {
  const Result<std::vector<model::EnvVar>> variables = deps.triggers.variables(trigger, false);
  if (!variables) return tl::unexpected<Error>(variables.error());
  return success_with_unknown(wire::variables_json(*variables), std::move(unknown));
}

Result<http::Reply> list_variables(const BuildsDeps& deps, const Call& call) {
  const Result<model::Trigger> trigger = trigger_of(deps, call);
  if (!trigger) return tl::unexpected<Error>(trigger.error());
  return answer_all(deps, trigger->uuid);
}

// A secret that is to stay must be there.
Status check_kept(const BuildsDeps& deps, const Uuid& trigger, const std::vector<std::string>& kept) {
  if (kept.empty()) return {};
  const Result<std::vector<model::EnvVar>> variables = deps.triggers.variables(trigger, false);
  if (!variables) return tl::unexpected<Error>(variables.error());
  for (const std::string& name : kept) {
    const bool there = std::any_of(variables->begin(), variables->end(), [&](const model::EnvVar& variable) {
      return variable.name == name && variable.is_secret;
    });
    if (!there)
      return refuse(name + ".value", "is null, and there is no secret of that name that could stay");
  }
  return {};
}

Result<http::Reply> upsert_variables(const BuildsDeps& deps, const Call& call) {
  const Result<model::Trigger> trigger = trigger_of(deps, call);
  if (!trigger) return tl::unexpected<Error>(trigger.error());
  const Result<json::object> object = object_body(call);
  if (!object) return tl::unexpected<Error>(object.error());
  Result<AskedVariables> asked = read_variables(*object);
  if (!asked) return tl::unexpected<Error>(asked.error());
  if (const Status there = check_kept(deps, trigger->uuid, asked->kept); !there) {
    return tl::unexpected<Error>(there.error());
  }
  for (model::EnvVar& variable : asked->variables) variable.created_on = deps.clock.now();
  if (!asked->variables.empty()) {
    const Status stored = deps.triggers.upsert_variables(trigger->uuid, asked->variables, kMostVariables);
    if (!stored) return tl::unexpected<Error>(stored.error());
  }
  return answer_all(deps, trigger->uuid, std::move(asked->unknown));
}

Result<http::Reply> remove_variable(const BuildsDeps& deps, const Call& call) {
  const Result<model::Trigger> trigger = trigger_of(deps, call);
  if (!trigger) return tl::unexpected<Error>(trigger.error());
  const Status done = deps.triggers.delete_variable(trigger->uuid, call.request.param("key"));
  if (!done) return tl::unexpected<Error>(done.error());
  return success_response(nullptr);
}

}  // namespace

void add_variables(Adder& routes, const Deps& deps) {
  const std::string path = "/triggers/{trigger_uuid}/environment_variables";
  routes.add("GET", path, Needs::ci_read, [deps](const Call& call) { return list_variables(*deps, call); });
  routes.add("PATCH", path, Needs::ci_write,
             [deps](const Call& call) { return upsert_variables(*deps, call); });
  routes.add("DELETE", path + "/{key}", Needs::ci_write,
             [deps](const Call& call) { return remove_variable(*deps, call); });
}

}  // namespace kiln::api::builds
