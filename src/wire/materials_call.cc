// What a build is made from, as a message of its runner's.
#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <string_view>

#include "wire/json.h"
#include "wire/message_reader.h"
#include "wire/runner_protocol.h"

namespace kiln::wire {
namespace {

namespace json = boost::json;

constexpr std::int64_t kMostPackagesNamed = 1'000'000'000;

bool is_hex_of(std::string_view text, std::size_t length) {
  return text.size() == length && text.find_first_not_of("0123456789abcdef") == text.npos;
}

std::optional<model::LockedPackage> package_of(const json::value& item) {
  const json::array* words = item.if_array();
  const auto fits = [](const json::value& word) {
    return word.is_string() && word.get_string().size() <= model::kLongestPackageWord;
  };
  if (words == nullptr || words->size() != 3 || !std::all_of(words->begin(), words->end(), fits))
    return std::nullopt;
  return model::LockedPackage{std::string((*words)[0].get_string()), std::string((*words)[1].get_string()),
                              std::string((*words)[2].get_string())};
}

}  // namespace

std::string encode(const MaterialsCall& call) {
  const model::Materials& materials = call.materials;
  json::array packages;
  packages.reserve(materials.packages.size());
  for (const model::LockedPackage& one : materials.packages)
    packages.push_back(json::array{one.name, one.version, one.integrity});
  return json::serialize(json::object{{"lease_id", call.lease_id.str()},
                                      {"repository", materials.repository},
                                      {"commit", materials.commit},
                                      {"lock_file", materials.lock_file},
                                      {"lock_sha256", materials.lock_sha256},
                                      {"packages", std::move(packages)},
                                      {"packages_named", materials.packages_named}});
}

Result<MaterialsCall> decode_materials(std::string_view body) {
  Result<json::value> value = parse_json(body);
  if (!value) return tl::unexpected<Error>(value.error());
  MessageReader reader(*value, "");
  MaterialsCall call;
  call.lease_id = reader.uuid("lease_id");
  model::Materials& materials = call.materials;
  materials.repository = reader.text("repository");
  if (materials.repository.size() > model::kLongestRepository) reader.refuse("repository", "is too long");
  materials.commit = reader.text("commit");
  if (!is_hex_of(materials.commit, 40) && !is_hex_of(materials.commit, 64))
    reader.refuse("commit", "must be the hash of a commit");
  materials.lock_file = reader.text("lock_file");
  if (materials.lock_file.size() > model::kLongestLockPath) reader.refuse("lock_file", "is too long");
  materials.lock_sha256 = reader.text("lock_sha256");
  if (!materials.lock_sha256.empty() && !is_hex_of(materials.lock_sha256, 64))
    reader.refuse("lock_sha256", "must be a SHA-256");
  for (const json::value& item : reader.list("packages", model::kMostLockedPackages)) {
    std::optional<model::LockedPackage> one = package_of(item);
    if (!one) {
      reader.refuse("packages", "must hold a name, a version and an integrity each");
      break;
    }
    materials.packages.push_back(*std::move(one));
  }
  materials.packages_named = reader.number("packages_named", 0, kMostPackagesNamed);
  if (Status status = reader.status(); !status) return tl::unexpected<Error>(status.error());
  return call;
}

}  // namespace kiln::wire
