#include "provenance/subjects.h"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <system_error>

#include "base/hash.h"
#include "base/strings.h"

namespace kiln::provenance {
namespace {

namespace json = boost::json;

// A stored text of JSON as it is meant; one that is none stands as a text.
json::value value_of(const std::string& text) {
  if (text.empty()) return nullptr;
  boost::system::error_code error;
  json::value value = json::parse(text, error);
  return error ? json::value(json::string(to_valid_utf8(text))) : value;
}

}  // namespace

std::string version_subject(const Uuid& version) {
  return "version/" + version.str();
}

std::string settings_text(const model::Version& version) {
  json::array modules;
  for (const model::VersionModule& module : version.modules)
    modules.push_back(json::array{to_valid_utf8(module.name), to_valid_utf8(module.content_type)});
  return json::serialize(json::object{{"id", version.id.str()},
                                      {"main_module", to_valid_utf8(version.main_module)},
                                      {"body_part", to_valid_utf8(version.body_part)},
                                      {"modules", std::move(modules)},
                                      {"compatibility_date", to_valid_utf8(version.compatibility_date)},
                                      {"compatibility_flags", value_of(version.compatibility_flags_json)},
                                      {"bindings", value_of(version.bindings_json)},
                                      {"limits", value_of(version.limits_json)},
                                      {"assets_config", value_of(version.assets_config_json)}});
}

std::vector<Subject> subjects_of(const model::Version& version,
                                 const std::map<std::string, std::string>& assets,
                                 const DigestOf& digest_of) {
  std::vector<Subject> out;
  out.reserve(1 + version.modules.size() + version.assets.size());
  out.push_back({version_subject(version.id), sha256_hex(settings_text(version))});
  for (const model::VersionModule& module : version.modules)
    out.push_back({"modules/" + to_valid_utf8(module.name), digest_of(module.blob)});
  for (const model::AssetFile& file : version.assets) {
    const auto blob = assets.find(file.hash);
    out.push_back({"assets" + to_valid_utf8(file.path),
                   blob == assets.end() ? std::string() : digest_of(blob->second)});
  }
  return out;
}

}  // namespace kiln::provenance
