#include "cli/deployed.h"

#include <fmt/format.h>

#include <algorithm>

#include "cli/print.h"
#include "cli/worker_name.h"

namespace kiln::cli {
namespace {

namespace json = boost::json;

constexpr std::size_t kVersionsAtOnce = 20;  // the most versions that the API takes
constexpr std::size_t kVersionDigits = 8;

}  // namespace

std::string script_path(const Server& server, const std::string& worker, const char* what) {
  return fmt::format("{}/{}/{}", server.scripts_path(), url_part(worker), what);
}

Result<json::array> deployments_of(Server& server, const std::string& worker) {
  const Result<json::value> found = server.get(script_path(server, worker, "deployments"));
  if (found) return list_at(*found, "deployments");
  if (found.error().code != Errc::not_found) return tl::unexpected<Error>(found.error());
  const Result<json::value> known = worker_named(server, worker);
  return tl::unexpected<Error>(known ? found.error() : known.error());
}

Result<json::object> builds_of(Server& server, const std::string& builds_path,
                               const std::vector<std::string>& version_ids) {
  json::object all;
  for (std::size_t begin = 0; begin < version_ids.size(); begin += kVersionsAtOnce) {
    std::string ids;
    for (std::size_t i = begin; i < std::min(begin + kVersionsAtOnce, version_ids.size()); ++i)
      ids += (ids.empty() ? "" : ",") + version_ids[i];
    const Result<json::value> found = server.get(builds_path + "/builds?version_ids=" + ids);
    if (!found) return tl::unexpected<Error>(found.error());
    const json::value* builds = member(*found, "builds");
    if (builds == nullptr || !builds->is_object())
      return fail(Errc::corrupt, "the server's answer holds no builds");
    for (const auto& [id, build] : builds->get_object()) all[id] = build;
  }
  return all;
}

std::string annotation_of(const json::value& thing, std::string_view name) {
  const json::value* annotations = member(thing, "annotations");
  const json::object* object = annotations != nullptr ? annotations->if_object() : nullptr;
  const json::value* text = object != nullptr ? object->if_contains(name) : nullptr;
  return text != nullptr && text->is_string() ? std::string(text->get_string()) : std::string();
}

std::string percent_words(const json::value& target) {
  const json::value* share = member(target, "percentage");
  return share != nullptr && share->is_number() ? fmt::format("{:g} %", share->to_number<double>()) : "?";
}

std::string targets_words(const json::array& targets) {
  std::string words;
  for (const json::value& target : targets) {
    words +=
        (words.empty() ? "" : ", ") + headline(text_at(target, "version_id"), 36).substr(0, kVersionDigits);
    if (targets.size() > 1) words += " " + percent_words(target);
  }
  return words.empty() ? "nothing" : words;
}

}  // namespace kiln::cli
