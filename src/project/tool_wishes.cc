#include "project/tool_wishes.h"

#include <fmt/format.h>
#include <toml++/toml.h>

#include <algorithm>
#include <array>
#include <boost/json/array.hpp>
#include <boost/json/value.hpp>
#include <optional>
#include <utility>

#include "base/strings.h"
#include "project/toml_file.h"

namespace kiln::project {
namespace {

namespace json = boost::json;

constexpr const char* kToolVersions = ".tool-versions";
constexpr std::size_t kMostTools = 100;
constexpr std::size_t kLongestWord = 128;

std::string short_word(std::string_view text) {
  return std::string(trim(text).substr(0, kLongestWord));
}

std::string text_in(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains(name);
  return value != nullptr && value->is_string() ? short_word(std::string_view(value->get_string()))
                                                : std::string();
}

// Other names of the same tool, in one version manager or another.
std::string usual_name(std::string_view name) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 5> kAliases = {
      {{"nodejs", "node"},
       {"golang", "go"},
       {"gohugo", "hugo"},
       {"hugo-extended", "hugo"},
       {"core:node", "node"}}};
  const auto* const alias =
      std::find_if(kAliases.begin(), kAliases.end(), [name](const auto& one) { return one.first == name; });
  return std::string(alias == kAliases.end() ? name : alias->second);
}

// "latest:22", "prefix:22" → "22"; "lts-jod" → "lts/jod"; "extended_0.147.7" → "0.147.7". Empty for what no
// version stands behind: "system", "ref:…", "path:…".
std::string usual_version(std::string_view text) {
  std::string_view version = trim(text);
  if (version.starts_with("latest:")) version.remove_prefix(7);
  if (version.starts_with("prefix:")) version.remove_prefix(7);
  if (version.starts_with("extended_")) version.remove_prefix(9);
  if (version.starts_with("lts-")) return "lts/" + short_word(version.substr(4));
  if (version == "system" || version.find(':') != version.npos) return {};
  return short_word(version);
}

// 22, "22", ["22", "20"], { version = "22" }
std::string version_of(const toml::node& node) {
  if (const auto* text = node.as_string()) return usual_version(text->get());
  if (const auto* number = node.as_integer()) return std::to_string(number->get());
  if (const auto* number = node.as_floating_point()) return fmt::format("{}", number->get());
  if (const auto* list = node.as_array(); list != nullptr && !list->empty())
    return list->get(0)->is_array() ? std::string() : version_of(*list->get(0));
  if (const auto* table = node.as_table()) {
    const toml::node* version = table->get("version");
    if (version != nullptr && version->is_string()) return usual_version(version->as_string()->get());
  }
  return {};
}

std::optional<toml::table> toml_of(const std::string& file, std::string_view text) {
  if (!check_toml_depth(file, text)) return std::nullopt;
  try {
    return toml::parse(text);
  } catch (const toml::parse_error&) {
    return std::nullopt;
  }
}

std::vector<NamedTool> tools_of_mise(const std::string& file, std::string_view text) {
  std::vector<NamedTool> tools;
  const std::optional<toml::table> document = toml_of(file, text);
  const toml::table* list = document ? (*document)["tools"].as_table() : nullptr;
  if (list == nullptr) return tools;
  for (const auto& [key, node] : *list) {
    if (tools.size() < kMostTools) tools.push_back({usual_name(short_word(key.str())), version_of(node), {}});
  }
  return tools;
}

std::string with_blanks(std::string_view text) {
  std::string line(text);
  std::replace(line.begin(), line.end(), '\t', ' ');
  return line;
}

std::vector<NamedTool> tools_of_lines(std::string_view text) {
  std::vector<NamedTool> tools;
  for (const std::string& line : split(text, '\n')) {
    std::vector<std::string> words;
    for (std::string& word :
         split(with_blanks(trim(std::string_view(line).substr(0, line.find('#')))), ' ')) {
      if (const std::string_view bare = trim(word); !bare.empty()) words.emplace_back(bare);
    }
    if (words.size() < 2 || tools.size() == kMostTools) continue;
    tools.push_back({usual_name(short_word(words[0])), usual_version(words[1]), {}});
  }
  return tools;
}

}  // namespace

std::vector<NamedTool> dev_engines(const json::object& package_json, std::string_view field) {
  std::vector<NamedTool> tools;
  const json::value* engines = package_json.if_contains("devEngines");
  const json::value* found =
      engines != nullptr && engines->is_object() ? engines->get_object().if_contains(field) : nullptr;
  const auto take = [&tools](const json::value& value) {
    if (!value.is_object() || tools.size() == kMostTools) return;
    const json::object& object = value.get_object();
    NamedTool tool{text_in(object, "name"), text_in(object, "version"), text_in(object, "onFail")};
    if (!tool.name.empty()) tools.push_back(std::move(tool));
  };
  if (found != nullptr && found->is_array()) {
    for (const json::value& one : found->get_array()) take(one);
  } else if (found != nullptr) {
    take(*found);
  }
  return tools;
}

std::vector<NamedTool> tools_in_field(const json::object& package_json, std::string_view field) {
  std::vector<NamedTool> tools;
  const json::value* found = package_json.if_contains(field);
  if (found == nullptr || !found->is_object()) return tools;
  for (const auto& [key, value] : found->get_object()) {
    if (!value.is_string() || tools.size() == kMostTools) continue;
    tools.push_back(
        {short_word(std::string_view(key)), short_word(std::string_view(value.get_string())), {}});
  }
  return tools;
}

const std::vector<std::string>& tool_files() {
  static const std::vector<std::string> names{kToolVersions, "mise.toml", ".mise.toml"};
  return names;
}

std::vector<NamedTool> tools_in_file(const std::string& file, std::string_view text) {
  text = without_byte_order_mark(text);
  return file == kToolVersions ? tools_of_lines(text) : tools_of_mise(file, text);
}

bool is_python_project(std::string_view pyproject) {
  const std::optional<toml::table> document = toml_of("pyproject.toml", pyproject);
  // One that cannot be read is the installer's to complain about.
  if (!document) return true;
  return document->contains("project") || document->contains("build-system");
}

}  // namespace kiln::project
