// `kiln sinks add`.
#include <fmt/format.h>

#include <boost/json/object.hpp>
#include <boost/json/value_from.hpp>

#include "cli/secret_file.h"
#include "cli/sink_options.h"

namespace kiln::cli {
namespace {

namespace json = boost::json;

Status add_sink(Context& context, const SinksOptions& options) {
  Result<Server> server = Server::find(context);
  if (!server) return tl::unexpected<Error>(server.error());
  json::object body{{"name", options.sink}, {"kind", options.kind}};
  const auto put = [&body](const char* field, const std::string& text) {
    if (!text.empty()) body[field] = text;
  };
  put("url", options.url);
  put("user", options.user);
  put("room", options.room);
  put("from", options.from);
  put("worker_name", options.worker);
  for (const auto& [field, file] :
       {std::pair{"url", &options.url_file}, {"token", &options.token_file}, {"ca", &options.ca_file}}) {
    if (const Status read = put_file(body, field, *file); !read) return tl::unexpected<Error>(read.error());
  }
  if (!options.to.empty()) body["to"] = json::value_from(options.to);
  if (!options.events.empty()) body["events"] = json::value_from(options.events);
  if (options.only_failures) body["outcomes"] = "failures";
  if (options.only_changes) body["outcomes"] = "changes";
  if (options.production) body["production_only"] = true;
  const Result<json::value> made = server->call("POST", sinks_path(*server), body);
  if (!made) return tl::unexpected<Error>(made.error());
  if (context.json) {
    context.out << pretty(*made);
    return {};
  }
  const std::string name = safe_line(text_at(*made, "name"), false);
  context.out << fmt::format("sink    {} ({}, {})\n", name, safe_line(text_at(*made, "kind"), false),
                             safe_line(text_at(*made, "place"), false));
  show_sink_secret(context, *made);
  context.err << fmt::format("Try it:  kiln sinks test {}\n", name);
  return {};
}

}  // namespace

void add_adding_sinks(CLI::App& group, Context& context, const std::shared_ptr<SinksOptions>& options) {
  CLI::App* adding = group.add_subcommand("add", "Send events to an address");
  adding->add_option("NAME", options->sink, "What it is to be called")->required();
  adding->add_option(
      "--kind", options->kind,
      "webhook (default), slack, discord, teams, google_chat, mattermost, ntfy, matrix or email");
  adding->add_option("--url", options->url, "Its address; of email smtp://HOST or smtps://HOST");
  adding->add_option("--url-file", options->url_file,
                     "A file with the address, which is a secret of most chats; - is standard input");
  adding->add_option("--token-file", options->token_file, "A bearer token, or the mail server's password");
  adding->add_option("--user", options->user, "The mail server's user");
  adding->add_option("--from", options->from, "Whom mail comes from");
  adding->add_option("--to", options->to, "Whom mail goes to; several times for several");
  adding->add_option("--room", options->room, "The Matrix room: !abc:example.org");
  adding->add_option("--ca", options->ca_file, "Certificates (PEM) to trust there besides the machine's");
  adding->add_option("--worker", options->worker, "Of this Worker alone");
  adding->add_option("--event", options->events, "build.failed, kiln.version.created, …; several times");
  CLI::Option* failures =
      adding->add_flag("--only-failures", options->only_failures, "Of endings only failures");
  adding
      ->add_flag("--only-changes", options->only_changes,
                 "Of endings only a branch's first failure and its recovery")
      ->excludes(failures);
  adding->add_flag("--production", options->production, "Only of branches that deploy to production");
  finish_command(*adding, context, [&context, options] { return add_sink(context, *options); });
}

}  // namespace kiln::cli
