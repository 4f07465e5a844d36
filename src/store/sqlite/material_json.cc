#include "store/sqlite/material_json.h"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <stdexcept>

#include "base/strings.h"
#include "store/sqlite/database.h"

namespace kiln::store::sqlite {

namespace json = boost::json;

std::string materials_to_json(const model::Materials& materials) {
  json::array packages;
  packages.reserve(materials.packages.size());
  for (const model::LockedPackage& one : materials.packages)
    packages.push_back(
        json::array{to_valid_utf8(one.name), to_valid_utf8(one.version), to_valid_utf8(one.integrity)});
  return json::serialize(json::object{{"repository", to_valid_utf8(materials.repository)},
                                      {"commit", materials.commit},
                                      {"lock_file", to_valid_utf8(materials.lock_file)},
                                      {"lock_sha256", materials.lock_sha256},
                                      {"packages", std::move(packages)},
                                      {"packages_named", materials.packages_named}});
}

model::Materials materials_from_json(std::string_view text) {
  model::Materials out;
  try {
    const json::value value = json::parse(text);
    const json::object& object = value.as_object();
    out.repository = std::string(object.at("repository").as_string());
    out.commit = std::string(object.at("commit").as_string());
    out.lock_file = std::string(object.at("lock_file").as_string());
    out.lock_sha256 = std::string(object.at("lock_sha256").as_string());
    out.packages_named = object.at("packages_named").as_int64();
    for (const json::value& item : object.at("packages").as_array()) {
      const json::array& words = item.as_array();
      out.packages.push_back({std::string(words.at(0).as_string()), std::string(words.at(1).as_string()),
                              std::string(words.at(2).as_string())});
    }
  } catch (const std::exception&) {
    throw SqlError(SQLITE_CORRUPT, "what a build is made from is damaged");
  }
  return out;
}

}  // namespace kiln::store::sqlite
