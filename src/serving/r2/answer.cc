#include "serving/r2/answer.h"

#include <array>
#include <boost/json.hpp>

#include "base/hex.h"
#include "base/log.h"
#include "base/strings.h"

namespace kiln::serving {
namespace {

namespace json = boost::json;

// workerd takes no more than a MiB.
constexpr std::size_t kLargestR2List = std::size_t{960} << 10U;
constexpr std::size_t kRoomForCursor = std::size_t{16} << 10U;

struct R2Code {
  int status;
  int code;
};

// The hosted platform's numbers, by the rule that an error names.
R2Code r2_code_of(const Error& error) {
  struct Rule {
    Errc code;
    const char* field;
    R2Code answer;
  };
  static const std::array rules = {Rule{Errc::not_found, store::kNoR2Space, {404, 10006}},
                                   Rule{Errc::not_found, store::kNoR2Upload, {400, 10024}},
                                   Rule{Errc::not_found, model::kR2Key, {404, 10007}},
                                   Rule{Errc::conflict, store::kR2Precondition, {412, 10031}},
                                   Rule{Errc::invalid, store::kBadR2Digest, {400, 10037}},
                                   Rule{Errc::invalid, store::kNoR2Part, {400, 10025}},
                                   Rule{Errc::invalid, store::kSmallR2Part, {400, 10011}},
                                   Rule{Errc::invalid, store::kUnevenR2Parts, {400, 10048}},
                                   Rule{Errc::invalid, model::kR2Key, {400, 10020}},
                                   Rule{Errc::invalid, model::kR2Range, {416, 10039}},
                                   Rule{Errc::invalid, kR2MaxKeys, {400, 10022}},
                                   Rule{Errc::too_large, store::kLargeR2Object, {400, 100100}},
                                   Rule{Errc::too_large, model::kR2Metadata, {400, 10012}}};
  for (const Rule& rule : rules) {
    if (rule.code == error.code && error.field == rule.field) return rule.answer;
  }
  switch (error.code) {
    case Errc::invalid:
    case Errc::not_offered:
    case Errc::too_large:
      return {400, 10029};
    case Errc::disk_full:
      return {507, 10001};
    default:
      return {500, 10001};
  }
}

json::object http_json(const model::R2HttpFields& http) {
  json::object out;
  for (const auto& [name, field] : model::kR2HttpTexts) {
    if (!(http.*field).empty()) out[name] = http.*field;
  }
  if (http.cache_expiry) out["cacheExpiry"] = *http.cache_expiry;
  return out;
}

json::array custom_json(const model::R2CustomFields& custom) {
  json::array out;
  for (const auto& [name, value] : custom) out.push_back({{"k", name}, {"v", value}});
  return out;
}

}  // namespace

json::object r2_object_json(const model::R2Object& object, bool http, bool custom,
                            const std::optional<model::R2Span>& span) {
  json::object out{{"name", object.key},          {"version", object.version},
                   {"size", object.size},         {"etag", object.etag},
                   {"uploaded", object.uploaded}, {"storageClass", object.about.storage_class}};
  if (http) out["httpFields"] = http_json(object.about.http);
  if (custom) out["customFields"] = custom_json(object.about.custom);
  if (span) out["range"] = {{"offset", span->offset}, {"length", span->length}};
  json::object& checksums = out["checksums"].emplace_object();
  for (std::size_t kind = 0; kind < model::kDigestKinds; ++kind) {
    if (!object.checksums[kind].empty()) checksums[std::to_string(kind)] = to_hex(object.checksums[kind]);
  }
  return out;
}

std::string r2_list_text(const store::R2Page& page, const R2Request& request) {
  std::string objects;
  std::string prefixes;
  std::string cursor;
  bool complete = page.complete;
  for (const store::R2Entry& entry : page.entries) {
    const auto* const object = std::get_if<model::R2Object>(&entry.what);
    std::string text =
        object != nullptr ? json::serialize(r2_object_json(*object, request.lists_http, request.lists_custom))
                          : json::serialize(json::value(std::get<std::string>(entry.what)));
    if (!cursor.empty() && objects.size() + prefixes.size() + text.size() > kLargestR2List - kRoomForCursor) {
      complete = false;
      break;
    }
    std::string& list = object != nullptr ? objects : prefixes;
    if (!list.empty()) list += ',';
    list += text;
    cursor = entry.cursor;
  }
  std::string out = "{\"objects\":[" + objects + "],\"delimitedPrefixes\":[" + prefixes + "],\"truncated\":";
  out += complete ? "false" : "true,\"cursor\":\"" + cursor + '"';
  out += '}';
  return out;
}

http::Response r2_answer(std::string text) {
  http::Response out{200,
                     {{"content-type", "application/json"}, {kR2MetadataSize, std::to_string(text.size())}},
                     std::move(text)};
  return out;
}

http::Response r2_refusal(const Error& error, const model::R2Object* there) {
  const R2Code code = r2_code_of(error);
  std::string words = to_valid_utf8(error.message);
  if (code.code == 10001) {
    log::error("r2 fault error={}", log::quoted(error.message));
    words = error.code == Errc::disk_full ? "The bucket has reached its limit, or the server's disk is full."
                                          : "We encountered an internal error. Please try again.";
  }
  http::Response out;
  if (there != nullptr) out = r2_answer(json::serialize(r2_object_json(*there, true, true)));
  out.status = code.status;
  out.headers.emplace_back("cf-r2-error", json::serialize(json::object{
                                              {"version", 1}, {"v4code", code.code}, {"message", words}}));
  return out;
}

}  // namespace kiln::serving
