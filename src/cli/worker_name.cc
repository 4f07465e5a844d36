#include "cli/worker_name.h"

#include <fmt/format.h>

#include <boost/json/array.hpp>

#include "base/ids.h"
#include "cli/guide.h"
#include "cli/ids.h"
#include "cli/print.h"

namespace kiln::cli {
namespace {

namespace json = boost::json;

Error no_such_worker(Server& server, const std::string& name) {
  std::vector<std::string> names;
  if (const Result<json::value> all = server.get(server.scripts_path()); all && all->is_array()) {
    for (const json::value& one : all->get_array()) names.push_back(text_at(one, "id"));
  }
  const std::string meant = nearest(names, name);
  std::string words = fmt::format("there is no Worker {} here; ", safe_line(name, false));
  words += meant.empty() ? "" : fmt::format("did you mean {}? ", safe_line(meant, false));
  return {Errc::worker_not_found, words + "`kiln workers` lists them", "worker"};
}

}  // namespace

Result<json::value> worker_named(Server& server, const std::string& name) {
  Result<json::value> worker = server.get(server.workers_path() + "/" + url_part(name));
  const Errc code = worker ? Errc::internal : worker.error().code;
  if (worker || (code != Errc::not_found && code != Errc::worker_not_found)) return worker;
  return tl::unexpected<Error>(no_such_worker(server, name));
}

Result<std::string> build_meant(Server& server, const std::string& given) {
  if (const auto whole = Uuid::parse(given)) return whole->str();
  const Result<json::value> worker = worker_named(server, given);
  if (!worker && worker.error().code != Errc::worker_not_found) return tl::unexpected<Error>(worker.error());
  if (!worker && may_begin_an_id(given)) return whole_id(server, kBuildIds, given);
  if (!worker) return tl::unexpected<Error>(worker.error());
  const Result<json::value> newest = server.get(fmt::format(
      "{}/builds/list?limit=1&script_tag={}", server.builds_path(), url_part(text_at(*worker, "id"))));
  if (!newest) return tl::unexpected<Error>(newest.error());
  const json::array& builds = list_at(*newest, "builds");
  if (!builds.empty()) return text_at(builds[0], "build_uuid");
  return fail(Errc::not_found, fmt::format("the Worker {0} has no build yet; start one: kiln build {0}",
                                           safe_line(given, false)));
}

}  // namespace kiln::cli
