#include "store/r2/about.h"

#include <array>
#include <boost/json.hpp>

#include "base/hex.h"

namespace kiln::store::r2 {
namespace {

namespace json = boost::json;
using model::R2HttpFields;

constexpr std::array kTexts = {
    std::pair{"type", &R2HttpFields::content_type}, std::pair{"language", &R2HttpFields::content_language},
    std::pair{"disposition", &R2HttpFields::content_disposition},
    std::pair{"encoding", &R2HttpFields::content_encoding}, std::pair{"cache", &R2HttpFields::cache_control}};
using model::kDigestNames;

std::string text_in(const json::object& from, const char* name) {
  const json::value* value = from.if_contains(name);
  return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

}  // namespace

std::string about_text(const model::R2About& about, const model::DigestSet& checksums) {
  json::object out;
  for (const auto& [name, field] : kTexts) {
    if (!(about.http.*field).empty()) out[name] = about.http.*field;
  }
  if (about.http.cache_expiry) out["expiry"] = *about.http.cache_expiry;
  for (std::size_t kind = 0; kind < model::kDigestKinds; ++kind) {
    if (!checksums[kind].empty()) out[kDigestNames[kind]] = to_hex(checksums[kind]);
  }
  if (about.storage_class != model::kR2Standard) out["class"] = about.storage_class;
  if (!about.custom.empty()) {
    json::array& custom = out["custom"].emplace_array();
    for (const auto& [name, value] : about.custom) custom.push_back({name, value});
  }
  return json::serialize(out);
}

Status read_about(std::string_view text, model::R2About& about, model::DigestSet& checksums) {
  boost::system::error_code error;
  const json::value read = json::parse(text, error);
  const json::object* from = error ? nullptr : read.if_object();
  if (from == nullptr) return fail(Errc::corrupt, "what an R2 object's row says of it does not parse");
  for (const auto& [name, field] : kTexts) about.http.*field = text_in(*from, name);
  if (const json::value* expiry = from->if_contains("expiry"); expiry != nullptr && expiry->is_int64())
    about.http.cache_expiry = expiry->get_int64();
  for (std::size_t kind = 0; kind < model::kDigestKinds; ++kind) {
    checksums[kind] = from_hex(text_in(*from, kDigestNames[kind])).value_or("");
  }
  if (const std::string kept = text_in(*from, "class"); !kept.empty()) about.storage_class = kept;
  const json::value* custom = from->if_contains("custom");
  if (custom == nullptr || !custom->is_array()) return {};
  for (const json::value& pair : custom->get_array()) {
    const json::array* both = pair.if_array();
    if (both == nullptr || both->size() != 2 || !(*both)[0].is_string() || !(*both)[1].is_string())
      return fail(Errc::corrupt, "the metadata in an R2 object's row does not parse");
    about.custom.emplace_back((*both)[0].get_string(), (*both)[1].get_string());
  }
  return {};
}

}  // namespace kiln::store::r2
