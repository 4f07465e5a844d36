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
};

WranglerConfig with_wranglers_rule(const Named& read) {
  WranglerConfig config{read.name, {}};
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

Result<Named> read_json(const std::string& file, std::string_view text) {
  const Result<json::object> object = parse_json_file(file, text, JsonForm::with_comments);
  if (!object) return tl::unexpected<Error>(object.error());
  Named named;
  Result<std::optional<std::string>> name = name_in(file + ": name", *object);
  if (!name) return tl::unexpected<Error>(name.error());
  named.name = std::move(*name);
  const json::value* envs = object->if_contains("env");
  if (envs == nullptr || envs->is_null()) return named;
  if (!envs->is_object()) return wrong(file + ": env", "must be an object");
  for (const auto& [key, env] : envs->get_object()) {
    const std::string where = fmt::format("{}: env.{}", file, std::string_view(key));
    if (!env.is_object()) return wrong(where, "must be an object");
    Result<std::optional<std::string>> own = name_in(where + ".name", env.get_object());
    if (!own) return tl::unexpected<Error>(own.error());
    named.envs[std::string(key)] = std::move(*own);
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

Result<Named> names_of(const std::string& file, const toml::table& document) {
  Named named;
  Result<std::optional<std::string>> name = name_in(file, "name", document);
  if (!name) return tl::unexpected<Error>(name.error());
  named.name = std::move(*name);
  const toml::node* envs = document.get("env");
  if (envs == nullptr) return named;
  if (!envs->is_table()) return wrong(place(file, *envs), "env must be a table");
  for (const auto& [key, env] : *envs->as_table()) {
    const std::string path = fmt::format("env.{}", key.str());
    if (!env.is_table()) return wrong(place(file, env), path + " must be a table");
    Result<std::optional<std::string>> own = name_in(file, path + ".name", *env.as_table());
    if (!own) return tl::unexpected<Error>(own.error());
    named.envs[std::string(key.str())] = std::move(*own);
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
