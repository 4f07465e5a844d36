#include "cli/triggers_meant.h"

#include <fmt/format.h>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <map>

#include "cli/ids.h"
#include "cli/print.h"
#include "cli/worker_name.h"

namespace kiln::cli {
namespace {

namespace json = boost::json;

Result<std::map<std::string, std::string>> names_by_tag(Server& server) {
  const Result<json::value> scripts = server.get(server.scripts_path());
  if (!scripts) return tl::unexpected<Error>(scripts.error());
  std::map<std::string, std::string> names;
  if (!scripts->is_array()) return fail(Errc::corrupt, "the server's answer is no list of Workers");
  for (const json::value& one : scripts->get_array()) names[text_at(one, "tag")] = text_at(one, "id");
  return names;
}

}  // namespace

Result<json::array> all_triggers(Server& server) {
  const Result<json::value> found = server.get(server.builds_path() + "/triggers");
  if (!found) return tl::unexpected<Error>(found.error());
  if (!found->is_array()) return fail(Errc::corrupt, "the server's answer is no list of triggers");
  const auto names = names_by_tag(server);
  if (!names) return tl::unexpected<Error>(names.error());
  json::array out;
  for (const json::value& one : found->get_array()) {
    if (!one.is_object()) continue;
    json::object trigger = one.get_object();
    const auto name = names->find(text_at(one, "external_script_id"));
    trigger["worker_name"] = name == names->end() ? "" : name->second;
    out.push_back(std::move(trigger));
  }
  return out;
}

Result<json::array> triggers_meant(Server& server, const std::string& given) {
  const Result<json::array> all = all_triggers(server);
  if (!all) return all;
  json::array of_worker;
  for (const json::value& one : *all) {
    if (text_at(one, "worker_name") == given) of_worker.push_back(one);
  }
  if (!of_worker.empty()) return of_worker;
  const Result<json::value> found = pick(*all, {"trigger_uuid", "trigger_name"}, kTriggerIds, given);
  if (found) return json::array{*found};
  // Of a Worker that is there and has no trigger that is the better answer.
  const bool is_worker = found.error().code == Errc::not_found && worker_named(server, given).has_value();
  if (!is_worker) return tl::unexpected<Error>(found.error());
  return fail(Errc::not_found,
              fmt::format("the Worker {0} has no trigger; connect a repository: kiln connect "
                          "REPOSITORY --worker {0}",
                          safe_line(given, false)));
}

Result<json::value> trigger_meant(Server& server, const std::string& given) {
  const Result<json::array> found = triggers_meant(server, given);
  if (!found) return tl::unexpected<Error>(found.error());
  if (found->size() == 1) return found->front();
  std::string names;
  for (const json::value& one : *found) {
    names +=
        fmt::format("{}\"{}\" ({})", names.empty() ? "" : ", ", headline(text_at(one, "trigger_name"), 60),
                    headline(text_at(one, "trigger_uuid"), 36).substr(0, 8));
  }
  return fail(Errc::conflict, fmt::format("{} has {} triggers; name one of them: {}", safe_line(given, false),
                                          found->size(), names));
}

std::string trigger_path(const Server& server, const json::value& trigger) {
  return server.builds_path() + "/triggers/" + url_part(text_at(trigger, "trigger_uuid"));
}

std::string trigger_words(const json::value& trigger) {
  return fmt::format("{} of {}", headline(text_at(trigger, "trigger_name"), 60),
                     headline(text_at(trigger, "worker_name"), 63));
}

}  // namespace kiln::cli
