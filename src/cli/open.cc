// `kiln open`: where a Worker answers, or the page of a build, in a browser.
#include <fmt/format.h>

#include <boost/json/object.hpp>
#include <memory>

#include "base/ids.h"
#include "cli/browser.h"
#include "cli/commands.h"
#include "cli/ids.h"
#include "cli/server.h"
#include "cli/worker_name.h"

namespace kiln::cli {
namespace {

namespace json = boost::json;

struct OpenOptions {
  std::string given;
  bool print = false;
};

// Where people reach the page: as the server tells its administrator, else where its API is.
std::string page_url(Server& server) {
  const Result<json::value> status = server.get("/kiln/v1/status");
  if (status && !text_at(*status, "public_url").empty()) return text_at(*status, "public_url");
  const std::string api = text_at(server.facts(), "api_base_url");
  return api.substr(0, api.find("/client/v4"));
}

Result<std::string> url_of_worker(const json::value& worker) {
  std::string url = text_at(worker, "subdomain/url");
  if (!url.empty() && is_true_at(worker, "subdomain/enabled")) return url;
  return fail(Errc::not_found,
              fmt::format("{} has no address of its own: it is switched off, or Workers are not served",
                          headline(text_at(worker, "name"), 63)));
}

Result<std::string> address_of(Server& server, const std::string& given) {
  if (!Uuid::parse(given)) {
    const Result<json::value> worker = worker_named(server, given);
    if (worker) return url_of_worker(*worker);
    if (worker.error().code != Errc::worker_not_found || !may_begin_an_id(given))
      return tl::unexpected<Error>(worker.error());
  }
  const Result<std::string> build = whole_id(server, kBuildIds, given);
  if (!build) return build;
  return fmt::format("{}/builds/{}", page_url(server), url_part(*build));
}

Status open(Context& context, const OpenOptions& options) {
  Result<Server> server = Server::find(context);
  if (!server) return tl::unexpected<Error>(server.error());
  const Result<std::string> url = address_of(*server, options.given);
  if (!url) return tl::unexpected<Error>(url.error());
  if (context.json) {
    context.out << pretty(json::object{{"url", *url}});
  } else {
    context.out << safe_line(*url, false) << std::endl;
  }
  return options.print || context.json ? Status() : open_in_browser(context, *url);
}

}  // namespace

void add_open(CLI::App& app, Context& context) {
  CLI::App* command =
      app.add_subcommand("open", "Open where a Worker answers, or a build's page, in a browser");
  const auto options = std::make_shared<OpenOptions>();
  command
      ->add_option("WORKER|BUILD", options->given, "A Worker, or a build by its id or the beginning of that")
      ->required();
  command->add_flag("--print", options->print, "Print the address and open nothing");
  finish_command(*command, context, [&context, options] { return open(context, *options); });
}

}  // namespace kiln::cli
