// `kiln repository`: what is connected, how its hosts are asked, and its credentials replaced.
#include <fmt/format.h>

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <memory>

#include "base/time_format.h"
#include "cli/commands.h"
#include "cli/repository.h"
#include "cli/repository_meant.h"
#include "cli/secret_file.h"
#include "cli/server.h"

namespace kiln::cli {
namespace {

namespace json = boost::json;

struct RotateOptions {
  std::string repository;
  std::string token_file;
  std::string signing_token_file;
  std::string known_host;
  bool deploy_key = false;
  bool hook_secret = false;
};

std::string path_of(Server& server, const json::value& repository, const char* what) {
  return fmt::format("{}/repositories/{}/{}", server.own_path(),
                     url_part(text_at(repository, "repo_connection_uuid")), what);
}

std::string polled_words(const json::value& repository) {
  const json::value* seconds = member(repository, "watch/poll_seconds");
  if (seconds == nullptr || !seconds->is_int64() || seconds->get_int64() == 0) return "-";
  return fmt::format("every {} s", seconds->get_int64());
}

// "in 40 s", "-".
std::string until(const std::string& rfc3339, TimeMs now) {
  const Result<TimeMs> time = parse_rfc3339(rfc3339);
  if (!time) return "-";
  return fmt::format("in {} s", std::max<TimeMs>(0, *time - now + 999) / 1'000);
}

Status list_repositories(Context& context) {
  Result<Server> server = Server::find(context);
  if (!server) return tl::unexpected<Error>(server.error());
  const Result<json::array> all = repositories_of(*server);
  if (!all) return tl::unexpected<Error>(all.error());
  if (context.json) {
    context.out << pretty(*all);
    return {};
  }
  std::vector<std::vector<Cell>> rows = {{{"REPOSITORY", Colour::dim},
                                          {"KIND", Colour::dim},
                                          {"WORKERS", Colour::dim},
                                          {"POLLED", Colour::dim, true},
                                          {"LAST LOOK", Colour::dim, true},
                                          {"NEXT", Colour::dim, true},
                                          {"ERROR", Colour::dim}}};
  const TimeMs now = context.clock.now();
  for (const json::value& one : *all) {
    std::string workers;
    for (const json::value& name : list_at(one, "workers")) {
      if (name.is_string()) workers += (workers.empty() ? "" : ", ") + safe_line(name.get_string(), false);
    }
    const std::string error = text_at(one, "watch/error");
    rows.push_back(
        {{headline(text_at(one, "clone_url"), 80), Colour::cyan},
         {headline(text_at(one, "provider_type"), 20)},
         {workers},
         {polled_words(one)},
         {relative_time(text_at(one, "watch/looked_on"), now)},
         {until(text_at(one, "watch/next_on"), now)},
         {error.empty() ? "-" : headline(error, 120), error.empty() ? Colour::none : Colour::red}});
  }
  context.out << table(context.style, rows);
  return {};
}

Result<json::object> rotation_body(const RotateOptions& options) {
  json::object body;
  for (const auto& [field, file] :
       {std::pair{"token", &options.token_file}, {"signing_token", &options.signing_token_file}}) {
    if (const Status read = put_file(body, field, *file); !read) return tl::unexpected<Error>(read.error());
  }
  if (!options.known_host.empty()) {
    const Result<std::string> known = read_known_host(options.known_host);
    if (!known) return tl::unexpected<Error>(known.error());
    body["known_host"] = *known;
  }
  if (options.deploy_key) body["deploy_key"] = true;
  if (options.hook_secret) body["hook_secret"] = true;
  if (body.empty()) {
    return fail(
        Errc::invalid,
        "say what is to be replaced: --token-file, --deploy-key, --hook-secret, --signing-token-file or "
        "--known-host");
  }
  return body;
}

// Where the hook stands in the repository it is written again; elsewhere a person enters the new secret.
Result<std::string> renew_hook(Context& context, const std::string& url, const json::value& made) {
  const bool is_own = text_at(made, "hook/kind") == "git" && !is_web_url(url);
  const scm::HookAddress address{text_at(made, "hook/url"), text_at(made, "hook/secret")};
  if (!is_own && is_true_at(made, "hook/made_at_host")) {
    return std::string(
        "The webhook at the host has the new secret, nothing is left to do; the one before is good for a "
        "day.\n");
  }
  if (!is_own) {
    return fmt::format(
        "Enter the new secret at the host, beside the webhook's URL {}; the one before is good for a day:\n  "
        "{}\n",
        safe_line(address.url, false), safe_line(address.secret, false));
  }
  if (const Status installed = install_hook(context.processes, url, address); !installed)
    return fail(installed.error().code, installed.error().message + "\nthe secret before is good for a day");
  return std::string("The repository's hook has the new secret; the one before is good for a day.\n");
}

Status rotate(Context& context, const RotateOptions& options) {
  const Result<json::object> body = rotation_body(options);
  if (!body) return tl::unexpected<Error>(body.error());
  Result<Server> server = Server::find(context);
  if (!server) return tl::unexpected<Error>(server.error());
  const Result<json::value> repository = find_repository(*server, options.repository);
  if (!repository) return tl::unexpected<Error>(repository.error());
  const Result<json::value> made = server->call("POST", path_of(*server, *repository, "rotate"), *body);
  if (!made) return tl::unexpected<Error>(made.error());
  if (context.json) context.out << pretty(*made);
  if (options.hook_secret) {
    const Result<std::string> words = renew_hook(context, text_at(*made, "clone_url"), *made);
    if (!words) return tl::unexpected<Error>(words.error());
    if (!context.json) context.out << *words;
  }
  if (context.json) return {};
  for (const json::value& note : list_at(*made, "notes")) {
    if (note.is_string()) context.out << safe_line(note.get_string(), false) << "\n";
  }
  if (!options.token_file.empty()) context.out << "The new token is used from now on.\n";
  if (!options.signing_token_file.empty())
    context.out
        << "Deliveries are known by the signing token from now on, for a day by the secret before too.\n";
  if (!options.known_host.empty()) {
    context.out << "The host is known from now on by "
                << safe_line(text_at(*made, "credentials/host_key_fingerprints"), false) << "\n";
  }
  if (options.deploy_key) {
    context.out << deploy_key_words(context.style, *made)
                << "The key before is tried too for a day; then take it away there.\n";
  }
  return {};
}

Status print_hook(Context& context, const std::string& name) {
  Result<Server> server = Server::find(context);
  if (!server) return tl::unexpected<Error>(server.error());
  const Result<json::value> repository = find_repository(*server, name);
  if (!repository) return tl::unexpected<Error>(repository.error());
  const Result<json::value> hook = server->get(path_of(*server, *repository, "hook"));
  if (!hook) return tl::unexpected<Error>(hook.error());
  if (context.json) {
    context.out << pretty(*hook);
    return {};
  }
  if (text_at(*hook, "kind") != "git") {
    return fail(Errc::invalid,
                "this repository's host reports by a webhook; --json shows its URL and secret");
  }
  context.out << scm::install_script({text_at(*hook, "url"), text_at(*hook, "secret")});
  return {};
}

}  // namespace

void add_repository(CLI::App& app, Context& context) {
  CLI::App* group =
      app.add_subcommand("repository", "List connected repositories, replace their credentials");
  group->require_subcommand(1);
  CLI::App* listing = group->add_subcommand("list", "List them, and when their hosts were asked for pushes");
  finish_command(*listing, context, [&context] { return list_repositories(context); });
  const auto options = std::make_shared<RotateOptions>();
  CLI::App* rotating =
      group->add_subcommand("rotate", "Replace credentials; those before are good for a day");
  const char* which = "Its address, its name, or OWNER/NAME";
  rotating->add_option("REPOSITORY", options->repository, which)->required();
  rotating->add_option("--token-file", options->token_file,
                       "A file with the host's new access token (-: standard input)");
  rotating->add_flag("--deploy-key", options->deploy_key,
                     "Make another deploy key and print its public half");
  rotating->add_flag("--hook-secret", options->hook_secret, "Make another secret of its hook");
  rotating->add_option("--signing-token-file", options->signing_token_file,
                       "A file with the signing token (whsec_...) that GitLab made for the webhook");
  rotating->add_option(
      "--known-host", options->known_host,
      "The SSH host's new key: its fingerprint, SHA256:..., or a file as ssh-keyscan prints it");
  finish_command(*rotating, context, [&context, options] { return rotate(context, *options); });
  const auto name = std::make_shared<std::string>();
  CLI::App* hook = group->add_subcommand(
      "hook",
      "Print the script that installs its hook, for hosts where Kiln has no shell; it holds the secret");
  hook->add_option("REPOSITORY", *name, which)->required();
  finish_command(*hook, context, [&context, name] { return print_hook(context, *name); });
}

}  // namespace kiln::cli
