#include "scm/git/lfs_api.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>

#include "base/strings.h"

namespace kiln::scm {
namespace {

namespace json = boost::json;

constexpr std::size_t kDeepestAnswer = 16;
constexpr std::size_t kLongestReason = 200;

Result<json::object> object_of(std::string_view text) {
  json::parse_options options;
  options.max_depth = kDeepestAnswer;
  boost::system::error_code error;
  json::value value = json::parse(text, error, {}, options);
  if (error || !value.is_object()) return fail(Errc::unavailable, "the LFS server did not answer with JSON");
  return std::move(value.get_object());
}

std::string text_of_field(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains(name);
  return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

bool is_field_text(std::string_view text) {
  return std::none_of(text.begin(), text.end(), [](char c) { return c == '\r' || c == '\n' || c == '\0'; });
}

LfsHeaders headers_in(const json::object& object) {
  LfsHeaders headers;
  const json::value* found = object.if_contains("header");
  if (found == nullptr || !found->is_object()) return headers;
  for (const auto& [key, value] : found->get_object()) {
    if (!value.is_string()) continue;
    const std::string_view text = value.get_string();
    const std::string_view name = key;
    if (is_field_text(name) && is_field_text(text)) headers.emplace_back(name, text);
  }
  return headers;
}

LfsPlace place_in(const LfsObject& object, const json::object& answer) {
  LfsPlace place{object, {}, {}, {}};
  if (const json::value* error = answer.if_contains("error"); error != nullptr && error->is_object()) {
    place.refused = to_valid_utf8(text_of_field(error->get_object(), "message").substr(0, kLongestReason));
    if (place.refused.empty()) place.refused = "the LFS server does not have it";
    return place;
  }
  const json::value* actions = answer.if_contains("actions");
  const json::value* download =
      actions != nullptr && actions->is_object() ? actions->get_object().if_contains("download") : nullptr;
  if (download != nullptr && download->is_object()) {
    place.href = text_of_field(download->get_object(), "href");
    place.headers = headers_in(download->get_object());
  }
  if (place.href.empty()) place.refused = "the LFS server says no place to download it from";
  return place;
}

}  // namespace

std::string lfs_server_of(const std::string& url) {
  std::string_view base = url;
  while (base.ends_with('/')) base.remove_suffix(1);
  return fmt::format("{}{}/info/lfs", base, base.ends_with(".git") ? "" : ".git");
}

Result<std::string> lfs_ssh_command(const std::string& url) {
  const std::size_t scheme = url.find("://");
  std::string path;
  if (scheme == url.npos) {
    // [user@]host:path, where an IPv6 address stands in brackets.
    const std::size_t bracket = url.find(']');
    const std::size_t slash = url.find('/');
    path = url.substr(url.find(':', bracket < slash ? bracket : 0) + 1);
  } else {
    const std::size_t slash = url.find('/', scheme + 3);
    path = slash == url.npos ? std::string() : url.substr(slash + 1);
  }
  if (path.empty() || path.find_first_of("'\\\n") != path.npos)
    return fail(Errc::invalid, "the repository's path cannot be given to its host");
  return fmt::format("git-lfs-authenticate '{}' download", path);
}

Result<LfsServer> parse_lfs_server(std::string_view text) {
  const Result<json::object> object = object_of(text);
  if (!object) return tl::unexpected<Error>(object.error());
  LfsServer server{text_of_field(*object, "href"), headers_in(*object)};
  if (server.url.empty()) return fail(Errc::unavailable, "the host did not say where its LFS server is");
  return server;
}

std::string lfs_batch_body(const std::vector<LfsObject>& wanted) {
  json::array objects;
  for (const LfsObject& one : wanted) objects.push_back(json::object{{"oid", one.oid}, {"size", one.size}});
  return json::serialize(json::object{{"operation", "download"},
                                      {"transfers", json::array{"basic"}},
                                      {"hash_algo", "sha256"},
                                      {"objects", std::move(objects)}});
}

Result<std::vector<LfsPlace>> parse_lfs_batch(std::string_view text, const std::vector<LfsObject>& wanted) {
  const Result<json::object> answer = object_of(text);
  if (!answer) return tl::unexpected<Error>(answer.error());
  const json::value* objects = answer->if_contains("objects");
  if (objects == nullptr || !objects->is_array())
    return fail(Errc::unavailable, "the LFS server's answer names no objects");
  std::vector<LfsPlace> places;
  for (const LfsObject& one : wanted) {
    const json::array& list = objects->get_array();
    const auto* const found = std::find_if(list.begin(), list.end(), [&](const json::value& value) {
      return value.is_object() && text_of_field(value.get_object(), "oid") == one.oid;
    });
    if (found == list.end()) {
      places.push_back({one, {}, {}, "the LFS server says nothing of it"});
    } else {
      places.push_back(place_in(one, found->get_object()));
    }
  }
  return places;
}

}  // namespace kiln::scm
