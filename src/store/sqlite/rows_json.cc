#include "store/sqlite/rows_json.h"

#include <boost/json.hpp>

#include "base/strings.h"
#include "store/sqlite/database.h"

namespace kiln::store::sqlite {
namespace {

namespace json = boost::json;

[[noreturn]] void damaged(const char* what) {
  throw SqlError(SQLITE_CORRUPT, std::string("stored JSON is damaged: ") + what);
}

json::value parse(std::string_view text) {
  boost::system::error_code error;
  json::value value = json::parse({text.data(), text.size()}, error);
  if (error) damaged("it does not parse");
  return value;
}

const json::object& object_of(const json::value& value) {
  if (!value.is_object()) damaged("no object where one belongs");
  return value.get_object();
}

const json::array& array_of(const json::value& value) {
  if (!value.is_array()) damaged("no array where one belongs");
  return value.get_array();
}

std::string text_of(const json::value& value) {
  if (!value.is_string()) damaged("no text where some belongs");
  const json::string& text = value.get_string();
  return {text.data(), text.size()};
}

std::int64_t number_of(const json::value& value) {
  if (!value.is_int64()) damaged("no number where one belongs");
  return value.get_int64();
}

const json::value& member(const json::object& object, const char* name) {
  const json::value* value = object.if_contains(name);
  if (value == nullptr) damaged(name);
  return *value;
}

std::string text_in(const json::object& object, const char* name) {
  return text_of(member(object, name));
}

// Hostile bytes (a commit message, a log line) must not make a column that cannot be read back.
json::string clean(std::string_view text) {
  const std::string valid = to_valid_utf8(text);
  return json::string(valid.data(), valid.size());
}

}  // namespace

std::string environment_to_json(const std::vector<model::EnvVar>& environment) {
  json::array out;
  for (const model::EnvVar& variable : environment) {
    out.push_back(json::object{{"name", clean(variable.name)},
                               {"value", variable.is_secret ? json::string() : clean(variable.value)},
                               {"is_secret", variable.is_secret},
                               {"created_on", variable.created_on}});
  }
  return json::serialize(out);
}

std::vector<model::EnvVar> environment_from_json(std::string_view text) {
  std::vector<model::EnvVar> out;
  if (text == "[]") return out;
  const json::value value = parse(text);
  for (const json::value& item : array_of(value)) {
    const json::object& object = object_of(item);
    const json::value& secret = member(object, "is_secret");
    if (!secret.is_bool()) damaged("is_secret");
    out.push_back({text_in(object, "name"), text_in(object, "value"), secret.get_bool(),
                   number_of(member(object, "created_on"))});
  }
  return out;
}

std::string strings_to_json(const std::vector<std::string>& strings) {
  json::array array;
  for (const std::string& text : strings) array.emplace_back(clean(text));
  return json::serialize(array);
}

std::vector<std::string> strings_from_json(std::string_view text) {
  const json::value value = parse(text);
  std::vector<std::string> out;
  for (const json::value& item : array_of(value)) out.push_back(text_of(item));
  return out;
}

std::optional<std::string> pull_request_to_json(const std::optional<model::PullRequest>& request) {
  if (!request) return std::nullopt;
  return json::serialize(json::object{{"created_on", request->created_on}, {"url", clean(request->url)}});
}

std::optional<model::PullRequest> pull_request_from_json(std::string_view text) {
  if (text.empty()) return std::nullopt;
  const json::value value = parse(text);
  const json::object& object = object_of(value);
  return model::PullRequest{number_of(member(object, "created_on")), text_in(object, "url")};
}

std::string secrets_to_json(const std::map<std::string, std::string>& secrets) {
  json::object out;
  for (const auto& [name, value] : secrets) out[name] = clean(value);
  return json::serialize(out);
}

std::map<std::string, std::string> secrets_from_json(std::string_view text) {
  const json::value value = parse(text);
  std::map<std::string, std::string> out;
  for (const auto& item : object_of(value)) out[std::string(item.key())] = text_of(item.value());
  return out;
}

std::vector<model::LogLine> lines_from_json(std::string_view text) {
  const json::value value = parse(text);
  std::vector<model::LogLine> out;
  for (const json::value& item : array_of(value)) {
    const json::array& pair = array_of(item);
    if (pair.size() != 2) damaged("a log line");
    out.push_back({number_of(pair[0]), text_of(pair[1])});
  }
  return out;
}

}  // namespace kiln::store::sqlite
