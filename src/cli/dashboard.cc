// `kiln dashboard`: a link that signs in to the page, once.
#include <fmt/format.h>

#include <boost/json/value.hpp>
#include <filesystem>
#include <memory>

#include "base/fs.h"
#include "cli/browser.h"
#include "cli/commands.h"
#include "cli/server.h"

namespace kiln::cli {
namespace {

struct DashboardOptions {
  bool open = false;
  bool read_only = false;
};

// The code stands in the fragment, which no server, log or Referer ever sees. Nor shall the list of
// processes: the browser is given a file of the owner's alone, which leads on.
Status open_link(Context& context, const std::string& link, bool is_remote) {
  const std::filesystem::path file =
      (is_remote ? login_file().parent_path() : context.data_dir) / "dashboard.html";
  const std::string page =
      fmt::format("<!doctype html><meta http-equiv=\"refresh\" content=\"0;url={}\">\n", link);
  if (is_remote) {
    if (Status made = make_directory(file.parent_path(), 0700); !made) return made;
  }
  if (Status written = write_file_durably(file, page, 0600); !written) return written;
  return open_in_browser(context, file.string());
}

Status print_link(Context& context, const DashboardOptions& options) {
  Result<Server> server = Server::find(context);
  if (!server) return tl::unexpected<Error>(server.error());
  const Result<boost::json::value> status = server->get("/kiln/v1/status");
  if (!status) return tl::unexpected<Error>(status.error());
  boost::json::object asked;
  // With an account the link opens that one alone; without, everything on this server.
  if (!context.account.empty() || options.read_only) asked["account_id"] = server->account_id();
  if (options.read_only) asked["permissions"] = "ci:read,scripts:read";
  const Result<boost::json::value> made = server->call("POST", "/kiln/v1/login_codes", asked);
  if (!made) return tl::unexpected<Error>(made.error());
  const std::string link = fmt::format("{}/login#{}", text_at(*status, "public_url"), text_at(*made, "code"));
  if (context.json) {
    context.out << pretty({{"url", link}, {"expires_on", text_at(*made, "expires_on")}});
  } else {
    context.out << safe_line(link, false) << '\n';
    context.err << "This link signs in once, within 5 minutes.\n";
  }
  return options.open ? open_link(context, link, server->is_remote()) : Status();
}

}  // namespace

void add_dashboard(CLI::App& app, Context& context) {
  CLI::App* command = app.add_subcommand("dashboard", "Print a link that signs in to the page, once");
  const auto options = std::make_shared<DashboardOptions>();
  command->add_flag("--open", options->open, "Open it in a browser");
  command->add_flag("--read-only", options->read_only, "It may look and change nothing");
  finish_command(*command, context, [&context, options] { return print_link(context, *options); });
}

}  // namespace kiln::cli
