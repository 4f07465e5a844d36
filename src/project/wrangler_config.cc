#include "project/wrangler_config.h"

#include <fmt/format.h>
#include <toml++/toml.h>

#include <boost/json.hpp>

#include "base/strings.h"
#include "project/json_file.h"
#include "project/toml_file.h"

namespace kiln::project {
namespace {

namespace json = boost::json;

constexpr std::size_t kLongestWhy = 300;

tl::unexpected<Error> wrong(const std::string& where, const std::string& what) {
  return fail(Errc::invalid, to_valid_utf8(fmt::format("{}: {}", where, what)));
}

// The two forms as one: what `name` holds, and the environments.
struct Named {
  std::optional<std::string> name;
  std::map<std::string, std::optional<std::string>> envs;
  std::vector<WranglerRoute> routes;
  std::map<std::string, std::vector<WranglerRoute>> env_routes;
};

// Of an environment as well: wrangler takes those of the top where it has neither.
template <typename Table>
bool has_routes(const Table& table) {
  return table.contains("route") || table.contains("routes");
}

WranglerConfig with_wranglers_rule(const Named& read) {
  WranglerConfig config{read.name, {}, read.routes, read.env_routes};
  for (const auto& [env, own] : read.envs) {
    if (own) {
      config.env_names[env] = *own;
    } else if (read.name) {
      config.env_names[env] = fmt::format("{}-{}", *read.name, env);
    }
  }
  return config;
}

Result<std::optional<std::string>> name_in(const std::string& where, const json::object& object) {
  const json::value* name = object.if_contains("name");
  if (name == nullptr || name->is_null()) return std::optional<std::string>();
  if (!name->is_string()) return wrong(where, "must be a string");
  return std::optional<std::string>(std::string(name->get_string()));
}

void add_route(const json::value& value, std::vector<WranglerRoute>& routes) {
  if (value.is_string()) routes.push_back({false, std::string(value.get_string())});
  const json::object* object = value.if_object();
  const json::value* pattern = object == nullptr ? nullptr : object->if_contains("pattern");
  if (pattern == nullptr || !pattern->is_string()) return;
  const json::value* whole = object->if_contains("custom_domain");
  routes.push_back(
      {whole != nullptr && whole->is_bool() && whole->get_bool(), std::string(pattern->get_string())});
}

std::vector<WranglerRoute> routes_in(const json::object& object) {
  std::vector<WranglerRoute> routes;
  if (const json::value* one = object.if_contains("route")) add_route(*one, routes);
  const json::value* list = object.if_contains("routes");
  if (list != nullptr && list->is_array()) {
    for (const json::value& item : list->get_array()) add_route(item, routes);
  }
  return routes;
}

Result<Named> read_json(const std::string& file, std::string_view text) {
  const Result<json::object> object = parse_json_file(file, text, JsonForm::with_comments);
  if (!object) return tl::unexpected<Error>(object.error());
  Named named;
  Result<std::optional<std::string>> name = name_in(file + ": name", *object);
  if (!name) return tl::unexpected<Error>(name.error());
  named.name = std::move(*name);
  named.routes = routes_in(*object);
  const json::value* envs = object->if_contains("env");
  if (envs == nullptr || envs->is_null()) return named;
  if (!envs->is_object()) return wrong(file + ": env", "must be an object");
  for (const auto& [key, env] : envs->get_object()) {
    const std::string where = fmt::format("{}: env.{}", file, std::string_view(key));
    if (!env.is_object()) return wrong(where, "must be an object");
    Result<std::optional<std::string>> own = name_in(where + ".name", env.get_object());
    if (!own) return tl::unexpected<Error>(own.error());
    named.envs[std::string(key)] = std::move(*own);
    if (has_routes(env.get_object())) named.env_routes[std::string(key)] = routes_in(env.get_object());
  }
  return named;
}

std::string place(const std::string& file, const toml::node& node) {
  return fmt::format("{}, line {}", file, node.source().begin.line);
}

Result<std::optional<std::string>> name_in(const std::string& file, const std::string& key,
                                           const toml::table& table) {
  const toml::node* name = table.get("name");
  if (name == nullptr) return std::optional<std::string>();
  if (!name->is_string()) return wrong(place(file, *name), key + " must be a string");
  return std::optional<std::string>(name->as_string()->get());
}

void add_route(const toml::node& node, std::vector<WranglerRoute>& routes) {
  if (node.is_string()) routes.push_back({false, node.as_string()->get()});
  const toml::table* table = node.as_table();
  const toml::node* pattern = table == nullptr ? nullptr : table->get("pattern");
  if (pattern == nullptr || !pattern->is_string()) return;
  const toml::node* whole = table->get("custom_domain");
  routes.push_back(
      {whole != nullptr && whole->is_boolean() && whole->as_boolean()->get(), pattern->as_string()->get()});
}

std::vector<WranglerRoute> routes_in(const toml::table& table) {
  std::vector<WranglerRoute> routes;
  if (const toml::node* one = table.get("route")) add_route(*one, routes);
  const toml::node* list = table.get("routes");
  if (list != nullptr && list->is_array()) {
    for (const toml::node& item : *list->as_array()) add_route(item, routes);
  }
  return routes;
}

Result<Named> names_of(const std::string& file, const toml::table& document) {
  Named named;
  Result<std::optional<std::string>> name = name_in(file, "name", document);
  if (!name) return tl::unexpected<Error>(name.error());
  named.name = std::move(*name);
  named.routes = routes_in(document);
  const toml::node* envs = document.get("env");
  if (envs == nullptr) return named;
  if (!envs->is_table()) return wrong(place(file, *envs), "env must be a table");
  for (const auto& [key, env] : *envs->as_table()) {
    const std::string path = fmt::format("env.{}", key.str());
    if (!env.is_table()) return wrong(place(file, env), path + " must be a table");
    Result<std::optional<std::string>> own = name_in(file, path + ".name", *env.as_table());
    if (!own) return tl::unexpected<Error>(own.error());
    named.envs[std::string(key.str())] = std::move(*own);
    if (has_routes(*env.as_table())) named.env_routes[std::string(key.str())] = routes_in(*env.as_table());
  }
  return named;
}

Result<Named> read_toml(const std::string& file, std::string_view text) {
  if (Status shallow = check_toml_depth(file, text); !shallow) return tl::unexpected<Error>(shallow.error());
  try {
    return names_of(file, toml::parse(text));
  } catch (const toml::parse_error& error) {
    return wrong(fmt::format("{}, line {}", file, error.source().begin.line),
                 std::string(error.description().substr(0, kLongestWhy)));
  }
}

}  // namespace

const std::vector<WranglerRoute>& WranglerConfig::routes_of(const std::string& env) const {
  const auto own = env_routes.find(env);
  return own == env_routes.end() ? routes : own->second;
}

const std::vector<std::string>& wrangler_config_files() {
  static const std::vector<std::string> names = {"wrangler.json", "wrangler.jsonc", "wrangler.toml"};
  return names;
}

Result<WranglerConfig> parse_wrangler_config(const std::string& file, std::string_view text) {
  const Result<Named> named = file.ends_with(".toml") ? read_toml(file, text) : read_json(file, text);
  if (!named) return tl::unexpected<Error>(named.error());
  return with_wranglers_rule(*named);
}

}  // namespace kiln::project
