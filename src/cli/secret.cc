// `kiln secret`: the secrets that a deployed Worker is given. A change makes a new version and deploys it.
#include <fmt/format.h>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <memory>

#include "cli/commands.h"
#include "cli/secret_file.h"
#include "cli/server.h"
#include "cli/worker_name.h"

namespace kiln::cli {
namespace {

namespace json = boost::json;

struct SecretOptions {
  std::string worker;
  std::string name;
  std::string file;
};

// A server, where the secrets of that Worker are.
struct Secrets {
  Server server;
  std::string path;
};

Result<Secrets> place_of_secrets(Context& context, const SecretOptions& options) {
  Result<Server> server = Server::find(context);
  if (!server) return tl::unexpected<Error>(server.error());
  const Result<json::value> worker = worker_named(*server, options.worker);
  if (!worker) return tl::unexpected<Error>(worker.error());
  std::string path = fmt::format("{}/{}/secrets", server->scripts_path(), url_part(text_at(*worker, "name")));
  return Secrets{*std::move(server), std::move(path)};
}

Status list_secrets(Context& context, const SecretOptions& options) {
  Result<Secrets> place = place_of_secrets(context, options);
  if (!place) return tl::unexpected<Error>(place.error());
  const Result<json::value> secrets = place->server.get(place->path);
  if (!secrets) return tl::unexpected<Error>(secrets.error());
  if (context.json) {
    context.out << pretty(*secrets);
    return {};
  }
  if (!secrets->is_array() || secrets->get_array().empty()) {
    context.err << fmt::format("{0} has no secrets; set one: kiln secret set {0} NAME\n",
                               safe_line(options.worker, false));
    return {};
  }
  for (const json::value& secret : secrets->get_array())
    context.out << safe_line(text_at(secret, "name"), false) << '\n';
  return {};
}

Status set_secret(Context& context, const SecretOptions& options) {
  const Result<std::string> text = value_in(options.file, options.name);
  if (!text) return tl::unexpected<Error>(text.error());
  Result<Secrets> place = place_of_secrets(context, options);
  if (!place) return tl::unexpected<Error>(place.error());
  const Result<json::value> set = place->server.call(
      "PUT", place->path, json::object{{"name", options.name}, {"text", *text}, {"type", "secret_text"}});
  if (!set) return tl::unexpected<Error>(set.error());
  if (context.json) {
    context.out << pretty(*set);
  } else {
    context.out << fmt::format("set {} of {}: a new version with it is live\n",
                               safe_line(options.name, false), safe_line(options.worker, false));
  }
  return {};
}

Status delete_secret(Context& context, const SecretOptions& options) {
  Result<Secrets> place = place_of_secrets(context, options);
  if (!place) return tl::unexpected<Error>(place.error());
  const Result<json::value> gone = place->server.call(
      "DELETE", fmt::format("{}/{}?url_encoded=true", place->path, url_part(options.name)), nullptr);
  if (!gone) {
    return tl::unexpected<Error>(
        named(gone.error(), "secret", options.name, "kiln secret list " + options.worker));
  }
  if (context.json) {
    context.out << pretty(json::object{{"name", options.name}, {"deleted", true}});
  } else {
    context.out << fmt::format("deleted {} of {}: a new version without it is live\n",
                               safe_line(options.name, false), safe_line(options.worker, false));
  }
  return {};
}

}  // namespace

void add_secret(CLI::App& app, Context& context) {
  CLI::App* group = app.add_subcommand("secret", "List, set and delete the secrets of a deployed Worker");
  group->require_subcommand(1);
  const auto options = std::make_shared<SecretOptions>();
  const auto of_worker = [&options](CLI::App& command) {
    command.add_option("WORKER", options->worker, "The Worker")->required();
  };
  CLI::App* listing = group->add_subcommand("list", "List their names; a secret is never shown");
  of_worker(*listing);
  finish_command(*listing, context, [&context, options] { return list_secrets(context, *options); });
  CLI::App* setting = group->add_subcommand("set", "Set one, to what standard input or a file holds");
  of_worker(*setting);
  setting->add_option("NAME", options->name, "Its name, as the Worker's code has it")->required();
  setting->add_option("--file", options->file, "The value is in this file; - for standard input")
      ->type_name("FILE");
  finish_command(*setting, context, [&context, options] { return set_secret(context, *options); });
  CLI::App* deleting = group->add_subcommand("delete", "Take one away from the Worker");
  of_worker(*deleting);
  deleting->add_option("NAME", options->name, "Its name")->required();
  finish_command(*deleting, context, [&context, options] { return delete_secret(context, *options); });
}

}  // namespace kiln::cli
