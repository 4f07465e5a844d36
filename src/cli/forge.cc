// `kiln forge`: the source hosts that the account has set up, which Kiln tells of builds.
#include <fmt/format.h>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <chrono>
#include <memory>
#include <thread>

#include "cli/commands.h"
#include "cli/secret_file.h"
#include "cli/server.h"

namespace kiln::cli {
namespace {

namespace json = boost::json;

constexpr std::chrono::seconds kLookForApp{1};

struct ForgeOptions {
  std::string provider;
  std::string url;
  std::string api_url;
  std::string organization;
  std::string name;
  std::string app_id;
  std::string key_file;
  std::string webhook_secret_file;
  std::string token_file;
  std::string ca_file;
  std::string forge;
  bool again = false;
};

json::object place_of_forge(const ForgeOptions& options) {
  json::object body{{"provider", options.provider}};
  if (!options.url.empty()) body["web_url"] = options.url;
  if (!options.api_url.empty()) body["api_url"] = options.api_url;
  return body;
}

std::string kind_of(const json::value& forge) {
  const std::string app = safe_line(text_at(forge, "app_slug"), false);
  return app.empty() ? std::string("token") : "App " + app;
}

void show_forge(Context& context, const json::value& forge) {
  const std::string installation = safe_line(text_at(forge, "installation_url"), false);
  context.out << facts(context.style,
                       {{{"forge", Colour::dim}, {safe_line(text_at(forge, "web_url"), false), Colour::cyan}},
                        {{"as", Colour::dim}, {kind_of(forge)}},
                        {{"API", Colour::dim}, {safe_line(text_at(forge, "api_url"), false)}},
                        {{"deliveries to", Colour::dim}, {safe_line(text_at(forge, "hook_url"), false)}}});
  if (!installation.empty()) context.out << "\nLet it see repositories:  " << installation << "\n";
  context.out << fmt::format("Connect one:              kiln connect {}/OWNER/REPOSITORY --worker NAME\n",
                             safe_line(text_at(forge, "web_url"), false));
  for (const json::value& note : list_at(forge, "notes")) {
    if (note.is_string()) context.out << "\nNote: " << safe_line(note.get_string(), false) << "\n";
  }
}

Result<json::value> forge_of_uuid(Server& server, const std::string& uuid) {
  Result<json::value> all = server.get(server.builds_path() + "/forges");
  if (!all) return all;
  if (all->is_array()) {
    for (const json::value& one : all->get_array()) {
      if (text_at(one, "forge_uuid") == uuid) return one;
    }
  }
  return fail(
      Errc::not_found,
      "the App was made and its forge is gone again; kiln forge list shows those that are set up, kiln forge "
      "add begins anew");
}

// The walk: a link for a browser, and then the host's answer, which comes to the server.
Result<json::value> make_app(Context& context, Server& server, const ForgeOptions& options) {
  json::object body = place_of_forge(options);
  if (!options.organization.empty()) body["organization"] = options.organization;
  if (!options.name.empty()) body["name"] = options.name;
  if (const Status read = put_file(body, "ca", options.ca_file); !read)
    return tl::unexpected<Error>(read.error());
  Result<json::value> begun = server.call("POST", server.builds_path() + "/forge_apps", body);
  if (!begun) return begun;
  context.err << "Open this in a browser that reaches both, and click (the link is good for an hour):\n\n  "
              << safe_line(text_at(*begun, "url"), false) << "\n\nWaiting for the App …\n";
  const std::string path = server.builds_path() + "/forge_apps/" + url_part(text_at(*begun, "state"));
  while (true) {
    Result<json::value> state = server.get(path);
    if (!state) return state;
    if (const std::string made = text_at(*state, "forge_uuid"); !made.empty())
      return forge_of_uuid(server, made);
    if (const std::string problem = text_at(*state, "error"); !problem.empty()) {
      return fail(Errc::unavailable, fmt::format("the App is not set up: {}; kiln forge add begins anew",
                                                 safe_line(problem, false)));
    }
    std::this_thread::sleep_for(kLookForApp);
  }
}

Result<json::value> add_known(Server& server, const ForgeOptions& options) {
  json::object body = place_of_forge(options);
  if (!options.app_id.empty()) body["app_id"] = options.app_id;
  for (const auto& [field, file] : {std::pair{"private_key", &options.key_file},
                                    {"webhook_secret", &options.webhook_secret_file},
                                    {"token", &options.token_file},
                                    {"ca", &options.ca_file}}) {
    if (const Status read = put_file(body, field, *file); !read) return tl::unexpected<Error>(read.error());
  }
  return server.call("POST", server.builds_path() + "/forges", body);
}

Status add(Context& context, const ForgeOptions& options) {
  Result<Server> server = Server::find(context);
  if (!server) return tl::unexpected<Error>(server.error());
  const bool walks = options.app_id.empty() && options.token_file.empty();
  const Result<json::value> made = walks ? make_app(context, *server, options) : add_known(*server, options);
  if (!made) return tl::unexpected<Error>(made.error());
  if (context.json) {
    context.out << pretty(*made);
  } else {
    show_forge(context, *made);
  }
  return {};
}

Result<json::value> all_forges(Server& server) {
  Result<json::value> all = server.get(server.builds_path() + "/forges");
  if (all && !all->is_array()) return fail(Errc::corrupt, "the server's answer is no list of forges");
  return all;
}

Status list_forges(Context& context) {
  Result<Server> server = Server::find(context);
  if (!server) return tl::unexpected<Error>(server.error());
  const Result<json::value> all = all_forges(*server);
  if (!all) return tl::unexpected<Error>(all.error());
  if (context.json) {
    context.out << pretty(*all);
    return {};
  }
  if (all->get_array().empty()) {
    context.out << "No forge is set up: kiln forge add github (or gitlab, gitea, bitbucket)\n";
    return {};
  }
  std::vector<std::vector<Cell>> rows = {
      {{"FORGE", Colour::dim}, {"KIND", Colour::dim}, {"AS", Colour::dim}, {"MADE", Colour::dim}}};
  for (const json::value& forge : all->get_array()) {
    rows.push_back({{safe_line(text_at(forge, "web_url"), false), Colour::cyan},
                    {safe_line(text_at(forge, "provider"), false)},
                    {kind_of(forge)},
                    {relative_time(text_at(forge, "created_on"), context.clock.now())}});
  }
  context.out << table(context.style, rows);
  return {};
}

// By its URL, its host or its uuid; of one that is alone, by nothing.
Result<json::value> chosen_forge(Server& server, const std::string& wanted) {
  Result<json::value> all = all_forges(server);
  if (!all) return all;
  const json::array& list = all->get_array();
  if (wanted.empty() && list.size() == 1) return list.front();
  for (const json::value& forge : list) {
    const std::string url = text_at(forge, "web_url");
    const std::string host = url.substr(url.find("://") == url.npos ? 0 : url.find("://") + 3);
    if (!wanted.empty() && (wanted == url || wanted == host || wanted == text_at(forge, "forge_uuid")))
      return forge;
  }
  return fail(Errc::not_found,
              wanted.empty()
                  ? fmt::format("say which of the {} forges; kiln forge list shows them", list.size())
                  : fmt::format("there is no forge {}; kiln forge list shows those that are set up",
                                safe_line(wanted, false)));
}

Status remove(Context& context, const ForgeOptions& options) {
  Result<Server> server = Server::find(context);
  if (!server) return tl::unexpected<Error>(server.error());
  const Result<json::value> forge = chosen_forge(*server, options.forge);
  if (!forge) return tl::unexpected<Error>(forge.error());
  const Result<json::value> gone = server->call(
      "DELETE", server->builds_path() + "/forges/" + url_part(text_at(*forge, "forge_uuid")), nullptr);
  if (!gone) return tl::unexpected<Error>(gone.error());
  if (context.json) {
    context.out << pretty(*gone);
  } else {
    context.out << "removed " << safe_line(text_at(*forge, "web_url"), false)
                << "; it is told nothing any more. An App stays there until it is deleted on its page.\n";
  }
  return {};
}

Status repositories(Context& context, const ForgeOptions& options) {
  Result<Server> server = Server::find(context);
  if (!server) return tl::unexpected<Error>(server.error());
  const Result<json::value> forge = chosen_forge(*server, options.forge);
  if (!forge) return tl::unexpected<Error>(forge.error());
  const Result<json::value> all = server->get(server->builds_path() + "/forges/" +
                                              url_part(text_at(*forge, "forge_uuid")) + "/repositories");
  if (!all) return tl::unexpected<Error>(all.error());
  if (context.json) {
    context.out << pretty(*all);
    return {};
  }
  if (!all->is_array() || all->get_array().empty()) {
    context.out << "The App is installed nowhere yet: "
                << safe_line(text_at(*forge, "installation_url"), false) << "\n";
    return {};
  }
  std::vector<std::vector<Cell>> rows = {{{"ACCOUNT", Colour::dim}, {"REPOSITORY", Colour::dim}}};
  for (const json::value& installation : all->get_array()) {
    const std::string account = safe_line(text_at(installation, "account"), false);
    const json::array& seen = list_at(installation, "repositories");
    if (seen.empty()) rows.push_back({{account, Colour::cyan}, {"(none)", Colour::dim}});
    for (const json::value& repository : seen)
      rows.push_back({{account, Colour::cyan}, {safe_line(text_at(repository, "full_name"), false)}});
  }
  context.out << table(context.style, rows);
  return {};
}

Status reports(Context& context) {
  Result<Server> server = Server::find(context);
  if (!server) return tl::unexpected<Error>(server.error());
  const Result<json::value> all = server->get(server->builds_path() + "/forge_reports");
  if (!all) return tl::unexpected<Error>(all.error());
  if (context.json) {
    context.out << pretty(*all);
    return {};
  }
  if (!all->is_array() || all->get_array().empty()) {
    context.out << "Every forge has been told all that there is to tell, or is being told now.\n";
    return {};
  }
  for (const json::value& report : all->get_array()) {
    const std::string build = safe_line(text_at(report, "build_uuid"), false);
    const std::string next = text_at(report, "next_try_on");
    context.out << fmt::format(
        "{}  {}\n    {}\n", build.empty() ? "comment of a pull request" : "build " + build,
        next.empty() ? std::string("given up until it moves again, or kiln forge reports --again")
                     : "tried again " + relative_time(next, context.clock.now()),
        safe_line(text_at(report, "error"), false));
  }
  return {};
}

Status resend(Context& context) {
  Result<Server> server = Server::find(context);
  if (!server) return tl::unexpected<Error>(server.error());
  const Result<json::value> told =
      server->call("POST", server->builds_path() + "/forge_reports/resend", nullptr);
  if (!told) return tl::unexpected<Error>(told.error());
  if (context.json) {
    context.out << pretty(*told);
    return {};
  }
  const json::value* count = told->is_object() ? told->get_object().if_contains("reports") : nullptr;
  const std::int64_t reports = count != nullptr && count->is_int64() ? count->get_int64() : 0;
  context.out << (reports == 0 ? std::string("No report is told again: none was given up, or its host is not "
                                             "set up any more (kiln forge "
                                             "list).\n")
                               : fmt::format("{} {} told again; kiln forge reports shows what fails.\n",
                                             reports, reports == 1 ? "report is" : "reports are"));
  return {};
}

}  // namespace

void add_forge(CLI::App& app, Context& context) {
  CLI::App* group = app.add_subcommand("forge", "Set up source hosts, which are told of builds");
  group->require_subcommand(1);
  const auto options = std::make_shared<ForgeOptions>();
  CLI::App* adding = group->add_subcommand(
      "add",
      "Set up a host: without more, make an App there in a browser; or take an App or a token that is there");
  adding->add_option("PROVIDER", options->provider, "github, gitlab, gitea, bitbucket or bitbucket_server")
      ->required();
  adding->add_option("--url", options->url, "Where it is (default: the public one of its kind)");
  adding->add_option("--api-url", options->api_url, "Where its API is, if that is not the usual place");
  adding->add_option("--organization", options->organization,
                     "Who is to own the App (default: whoever clicks)");
  adding->add_option("--name", options->name, "What the App is to be called (the host asks once more)");
  adding->add_option("--app-id", options->app_id, "The number of an App that is there");
  adding->add_option("--key-file", options->key_file, "Its private key, a .pem file; - is standard input");
  adding->add_option("--webhook-secret-file", options->webhook_secret_file,
                     "What its deliveries are signed with");
  adding->add_option("--token-file", options->token_file, "A token instead of an App; - is standard input");
  adding->add_option("--ca", options->ca_file,
                     "Certificates (PEM) to trust at this host besides the machine's");
  finish_command(*adding, context, [&context, options] { return add(context, *options); });
  CLI::App* listing = group->add_subcommand("list", "List the hosts that are set up");
  finish_command(*listing, context, [&context] { return list_forges(context); });
  CLI::App* seeing = group->add_subcommand("repositories", "List what an App may see");
  seeing->add_option("FORGE", options->forge, "Its URL or host, where there are several");
  finish_command(*seeing, context, [&context, options] { return repositories(context, *options); });
  CLI::App* failing = group->add_subcommand("reports", "List what a host could not be told, and why");
  failing->add_flag("--again", options->again, "Tell again what was given up");
  finish_command(*failing, context,
                 [&context, options] { return options->again ? resend(context) : reports(context); });
  CLI::App* removing = group->add_subcommand("remove", "Forget a host and its keys");
  removing->add_option("FORGE", options->forge, "Its URL or host")->required();
  finish_command(*removing, context, [&context, options] { return remove(context, *options); });
}

}  // namespace kiln::cli
