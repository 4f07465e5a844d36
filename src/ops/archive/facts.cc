#include "ops/archive/facts.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <limits>

#include "base/ids.h"
#include "base/time_format.h"
#include "wire/json.h"

namespace kiln::ops {
namespace {

namespace json = boost::json;

constexpr std::int64_t kForm = 1;
constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();
constexpr std::size_t kHashDigits = 64;

bool is_hash_name(std::string_view text) {
  return text.size() == kHashDigits && std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
         });
}

bool is_hex_digit(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
}

// <32 hex digits>[.<version>]
bool is_space_name(std::string_view name) {
  constexpr std::size_t digits = 32;
  constexpr std::size_t longest = 97;
  if (name.size() > longest || name.size() < digits) return false;
  const std::string_view version = name.substr(digits);
  return std::all_of(name.begin(), name.begin() + digits, is_hex_digit) &&
         (version.empty() || version.front() == '.') &&
         std::all_of(version.begin() + (version.empty() ? 0 : 1), version.end(),
                     [](char c) { return is_hex_digit(c) || c == '-'; });
}

bool is_kv_name(std::string_view name) {
  constexpr std::string_view end = ".db";
  return name.ends_with(end) && is_space_name(name.substr(0, name.size() - end.size()));
}

// <32 hex digits>[.<version>]/index.db, or …/blobs/<32 hex digits>
bool is_r2_name(std::string_view name) {
  constexpr std::size_t blob_digits = 32;
  const std::size_t slash = name.find('/');
  if (slash == std::string_view::npos || !is_space_name(name.substr(0, slash))) return false;
  std::string_view file = name.substr(slash + 1);
  if (file == kR2Index) return true;
  if (!file.starts_with(kR2Blobs)) return false;
  file.remove_prefix(kR2Blobs.size());
  return file.size() == blob_digits && std::all_of(file.begin(), file.end(), is_hex_digit);
}

// <uuid>[.<uuid>]/files/d1/<64 hex digits>.sqlite
bool is_d1_name(std::string_view name) {
  constexpr std::string_view end = ".sqlite";
  const std::size_t inside = name.find(kD1Inside);
  if (inside == std::string_view::npos || !name.ends_with(end)) return false;
  const std::string_view space = name.substr(0, inside);
  std::string_view file = name.substr(inside + kD1Inside.size());
  file.remove_suffix(std::min(end.size(), file.size()));
  const std::size_t point = space.find('.');
  return is_hash_name(file) && Uuid::parse(space.substr(0, point)) &&
         (point == std::string_view::npos || Uuid::parse(space.substr(point + 1)));
}

}  // namespace

std::string blob_entry(std::string_view hash) {
  return fmt::format("blobs/{}/{}", hash.substr(0, 2), hash);
}

std::optional<EntryKind> entry_kind(std::string_view name) {
  if (name == kFactsEntry) return EntryKind::facts;
  if (name == kDatabaseEntry) return EntryKind::database;
  if (name == kKeyEntry) return EntryKind::key;
  if (name == kMissingEntry) return EntryKind::missing;
  if (name == kSumsEntry) return EntryKind::sums;
  if (name.starts_with(kKvFolder))
    return is_kv_name(name.substr(kKvFolder.size())) ? std::optional(EntryKind::kv) : std::nullopt;
  if (name.starts_with(kD1Folder))
    return is_d1_name(name.substr(kD1Folder.size())) ? std::optional(EntryKind::d1) : std::nullopt;
  if (name.starts_with(kR2Folder))
    return is_r2_name(name.substr(kR2Folder.size())) ? std::optional(EntryKind::r2) : std::nullopt;
  const std::size_t slash = name.rfind('/');
  if (slash == name.npos) return std::nullopt;
  const std::string_view hash = name.substr(slash + 1);
  if (!is_hash_name(hash) || name != blob_entry(hash)) return std::nullopt;
  return EntryKind::blob;
}

std::string facts_json(const BackupFacts& facts) {
  return json::serialize(json::object{{"form", kForm},
                                      {"kiln", facts.kiln},
                                      {"made_on", format_rfc3339(facts.made_on)},
                                      {"schema", facts.schema},
                                      {"key", facts.with_key ? "included" : "apart"},
                                      {"bytes", facts.bytes},
                                      {"entries", facts.entries},
                                      {"left_out", {"mirrors", "runner", "runtime"}}}) +
         "\n";
}

Result<BackupFacts> parse_facts(std::string_view text) {
  const Result<json::value> value = wire::parse_json(text);
  const json::object* object = value ? value->if_object() : nullptr;
  if (object == nullptr) return fail(Errc::corrupt, "the backup's facts are no JSON object");
  wire::Fields fields(*object);
  const std::int64_t form = fields.optional_integer("form", 1, kMost).value_or(0);
  BackupFacts facts;
  facts.kiln = fields.required_text("kiln", {1, 100, false});
  if (fields.status() && form > kForm) {
    return fail(Errc::conflict,
                fmt::format("the backup has form {} and this Kiln knows {}; restore it with Kiln {} or newer",
                            form, kForm, facts.kiln));
  }
  const Result<TimeMs> made_on = parse_rfc3339(fields.required_text("made_on", {1, 40, false}));
  facts.schema = fields.optional_integer("schema", 1, kMost).value_or(0);
  const std::string key = fields.required_text("key", {1, 10, false});
  facts.bytes = static_cast<std::uint64_t>(fields.optional_integer("bytes", 0, kMost).value_or(0));
  facts.entries = static_cast<std::uint64_t>(fields.optional_integer("entries", 0, kMost).value_or(0));
  const bool known_key = key == "included" || key == "apart";
  if (!fields.status() || !made_on || form < 1 || facts.schema < 1 || !known_key)
    return fail(Errc::corrupt, "the backup's facts are incomplete");
  facts.made_on = *made_on;
  facts.with_key = key == "included";
  return facts;
}

}  // namespace kiln::ops
