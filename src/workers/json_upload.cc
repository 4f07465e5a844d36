#include "workers/json_upload.h"

#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "base/hex.h"
#include "base/strings.h"

namespace kiln::workers {
namespace {

namespace json = boost::json;

tl::unexpected<Error> wrong_module(std::size_t index, const std::string& why) {
  const std::string field = "modules[" + std::to_string(index) + "]";
  return fail(Errc::invalid, field + " " + why, field);
}

const json::string* text_in(const json::object& module, std::string_view key) {
  const json::value* value = module.if_contains(key);
  return value == nullptr ? nullptr : value->if_string();
}

Status read_modules(const json::object& body, JsonUpload& out) {
  const json::value* value = body.if_contains("modules");
  if (value == nullptr || value->is_null()) return {};
  const json::array* list = value->if_array();
  if (list == nullptr || list->size() >= kMaxParts)
    return fail(Errc::invalid, "modules must be a list of at most 4095 modules", "modules");
  out.contents.reserve(list->size());
  for (std::size_t i = 0; i < list->size(); ++i) {
    const json::object* module = (*list)[i].if_object();
    const json::string* name = module == nullptr ? nullptr : text_in(*module, "name");
    const json::string* type = module == nullptr ? nullptr : text_in(*module, "content_type");
    const json::string* content = module == nullptr ? nullptr : text_in(*module, "content_base64");
    if (name == nullptr || type == nullptr || content == nullptr)
      return wrong_module(i, "must be an object {name, content_type, content_base64}");
    std::optional<std::string> bytes = from_base64(*content);
    if (!bytes) return wrong_module(i, "has a content_base64 that is not base64");
    out.contents.push_back(*std::move(bytes));
    Part part;
    part.name = std::string(*name);
    part.content_type = std::string(*type);
    part.content = out.contents.back();
    out.parts.push_back(std::move(part));
  }
  return {};
}

}  // namespace

Result<JsonUpload> read_json_upload(const json::object& body, std::string_view text, TimeMs now) {
  JsonUpload out;
  Result<Metadata> metadata = metadata_of(body, now);
  if (!metadata) return tl::unexpected<Error>(metadata.error());
  out.metadata = *std::move(metadata);
  if (const Status read = read_modules(body, out); !read) return tl::unexpected<Error>(read.error());
  move_rules_into_assets(out.parts, out.metadata);
  // What tells a repeated upload from another one is the parts.
  Part whole;
  whole.name = "metadata";
  whole.content = text;
  out.parts.push_back(std::move(whole));
  return out;
}

void move_rules_into_assets(std::vector<Part>& program, Metadata& metadata) {
  if (!metadata.assets) return;
  boost::system::error_code error;
  json::value stored = json::parse(metadata.assets->config_json, error);
  json::object config;
  if (!error && stored.is_object()) config = std::move(stored.get_object());
  std::erase_if(program, [&](const Part& part) {
    const bool is_rules =
        (part.name == "_headers" || part.name == "_redirects") && part.name != metadata.main_module;
    if (is_rules) config[part.name] = to_valid_utf8(part.content);
    return is_rules;
  });
  metadata.assets->config_json = json::serialize(config);
}

}  // namespace kiln::workers
