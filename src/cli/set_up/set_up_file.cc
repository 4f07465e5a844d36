#include "cli/set_up/set_up_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/array.hpp>
#include <set>
#include <utility>

#include "cli/print.h"
#include "cli/set_up/kinds.h"
#include "wire/json.h"

namespace kiln::cli {
namespace {

namespace json = boost::json;

constexpr const char* kFormat = "kiln-set-up";
constexpr std::int64_t kFormatVersion = 1;
constexpr std::size_t kMostResources = 100'000;
constexpr std::size_t kLongestName = 1024;

using NameSet = std::set<std::pair<std::string, std::string>>;  // of a type and what it is called

bool is_name(const json::value* value) {
  return value != nullptr && value->is_string() && !value->get_string().empty() &&
         value->get_string().size() <= kLongestName;
}

Result<Resource> read_resource(const json::value& value, std::size_t number) {
  const auto wrong = [number](const char* why) {
    return fail(Errc::invalid, fmt::format("resource {} {}", number, why));
  };
  const json::object* object = value.if_object();
  if (object == nullptr) return wrong("is no object");
  const json::value* attributes = object->if_contains("attributes");
  if (!is_name(object->if_contains("type")) || !is_name(object->if_contains("name")))
    return wrong("has no type or no name");
  if (attributes != nullptr && !attributes->is_object()) return wrong("has attributes that are no object");
  Resource resource{text_at(value, "type"), text_at(value, "name"), {}};
  if (attributes != nullptr) resource.attributes = attributes->get_object();
  if (const Status fits = check(resource); !fits) return tl::unexpected<Error>(fits.error());
  return resource;
}

Status check_references(const Resource& resource, const NameSet& names) {
  for (const Attribute& attribute : kind_of(resource.type)->attributes) {
    const json::value* name = resource.attributes.if_contains(attribute.name);
    if (attribute.refers_to.empty() || name == nullptr) continue;
    const std::string meant(name->get_string());
    if (names.contains({std::string(attribute.refers_to), meant})) continue;
    return fail(Errc::invalid,
                fmt::format("{} {} names the {} {}, which is not in the file", resource.type,
                            headline(resource.name, 200), attribute.refers_to, headline(meant, 200)));
  }
  return {};
}

std::size_t order_of(const Resource& resource) {
  return static_cast<std::size_t>(kind_of(resource.type) - kinds().data());
}

Result<std::vector<Resource>> read_resources(const json::array& list) {
  if (list.size() > kMostResources) return fail(Errc::too_large, "the file has too many resources");
  std::vector<Resource> resources;
  NameSet names;
  for (const json::value& one : list) {
    Result<Resource> resource = read_resource(one, resources.size() + 1);
    if (!resource) return tl::unexpected<Error>(resource.error());
    if (!names.emplace(resource->type, resource->name).second) {
      return fail(Errc::invalid,
                  fmt::format("two resources are the {} {}", resource->type, headline(resource->name, 200)));
    }
    resources.push_back(*std::move(resource));
  }
  for (const Resource& one : resources) {
    if (const Status known = check_references(one, names); !known)
      return tl::unexpected<Error>(known.error());
  }
  std::stable_sort(resources.begin(), resources.end(),
                   [](const Resource& a, const Resource& b) { return order_of(a) < order_of(b); });
  return resources;
}

Result<LeftOver> read_left_over(const json::value& value) {
  LeftOver left{text_at(value, "type"), text_at(value, "name"), text_at(value, "why"), {}};
  for (const json::value& word : list_at(value, "command")) {
    if (!word.is_string()) return fail(Errc::invalid, "left_out has a command that is no list of words");
    left.command.emplace_back(word.get_string());
  }
  if (left.why.empty()) return fail(Errc::invalid, "left_out has an entry without why");
  return left;
}

}  // namespace

json::value left_over_json(const std::vector<LeftOver>& left_over) {
  json::array all;
  for (const LeftOver& one : left_over) {
    json::array command(one.command.begin(), one.command.end());
    all.push_back(
        {{"type", one.type}, {"name", one.name}, {"why", one.why}, {"command", std::move(command)}});
  }
  return all;
}

json::value set_up_json(const AccountSetUp& set_up) {
  json::array resources;
  for (const Resource& one : set_up.resources)
    resources.push_back({{"type", one.type}, {"name", one.name}, {"attributes", one.attributes}});
  return {{"format", kFormat},
          {"version", kFormatVersion},
          {"resources", std::move(resources)},
          {"left_out", left_over_json(set_up.left_over)}};
}

Result<AccountSetUp> read_set_up(std::string_view text) {
  const Result<json::value> value = wire::parse_json(text);
  if (!value) return tl::unexpected<Error>(value.error());
  if (text_at(*value, "format") != kFormat)
    return fail(Errc::invalid, "it is nothing that `kiln export` prints");
  if (number_at(*value, "version") != kFormatVersion)
    return fail(Errc::invalid, "it is of another version of Kiln: export it again");
  const json::value* list = member(*value, "resources");
  if (list == nullptr || !list->is_array()) return fail(Errc::invalid, "it has no list of resources");
  Result<std::vector<Resource>> resources = read_resources(list->get_array());
  if (!resources) return tl::unexpected<Error>(resources.error());
  AccountSetUp set_up{*std::move(resources), {}};
  for (const json::value& one : list_at(*value, "left_out")) {
    Result<LeftOver> left = read_left_over(one);
    if (!left) return tl::unexpected<Error>(left.error());
    set_up.left_over.push_back(*std::move(left));
  }
  return set_up;
}

}  // namespace kiln::cli
