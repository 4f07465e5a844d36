// `kiln login`, `kiln logout` and `kiln whoami`: which server the command line speaks to, and as whom.
#include <fmt/format.h>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <memory>

#include "base/fs.h"
#include "base/ids.h"
#include "cli/commands.h"
#include "cli/remote.h"
#include "cli/secret_file.h"
#include "cli/secret_prompt.h"
#include "cli/server.h"

namespace kiln::cli {
namespace {

namespace json = boost::json;

struct LoginOptions {
  std::string url;
  std::string token_file;
  std::string ca_file;
};

std::string rights_in(const json::value& who) {
  std::string words;
  for (const json::value& word : list_at(who, "permissions")) {
    if (word.is_string()) words += (words.empty() ? "" : ", ") + safe_line(word.get_string(), false);
  }
  return words.empty() ? "none" : words;
}

void print_who(Context& context, const std::string& server, const json::value& who) {
  const std::string account = headline(text_at(who, "account/name"), 60);
  const std::string expires = text_at(who, "expires_on");
  std::vector<std::vector<Cell>> rows = {
      {{"server", Colour::dim}, {safe_line(server, false), Colour::cyan}},
      {{safe_line(text_at(who, "kind"), false), Colour::dim}, {headline(text_at(who, "name"), 60)}},
      {{"account", Colour::dim}, {account.empty() ? "every one" : account}},
      {{"rights", Colour::dim}, {rights_in(who)}}};
  if (!expires.empty()) rows.push_back({{"good until", Colour::dim}, {safe_line(expires, false)}});
  context.out << table(context.style, rows);
}

Result<Remote> remote_asked(Context& context, const LoginOptions& options) {
  Result<std::string> url = server_url(options.url, context.insecure);
  if (!url) return tl::unexpected<Error>(url.error());
  Remote remote{std::move(*url), {}, {}, {}, context.insecure};
  if (!options.ca_file.empty()) {
    Result<std::string> ca = read_authorities(options.ca_file);
    if (!ca) return tl::unexpected<Error>(ca.error());
    remote.ca = std::move(*ca);
  }
  Result<std::string> token = options.token_file.empty()
                                  ? ask_secret(fmt::format("Token for {}: ", safe_line(remote.url, false)))
                                  : secret_in(options.token_file);
  if (!token) return tl::unexpected<Error>(token.error());
  remote.token = std::move(*token);
  return remote;
}

Status log_in(Context& context, const LoginOptions& options) {
  Result<Remote> remote = remote_asked(context, options);
  if (!remote) return tl::unexpected<Error>(remote.error());
  Server server = Server::at(context, *remote);
  const Result<json::value> who = server.get("/kiln/v1/whoami");
  if (!who) return tl::unexpected<Error>(who.error());
  remote->account_id = text_at(*who, "account/id");
  if (!is_hex32(remote->account_id))
    return fail(Errc::invalid, "only the token of an account logs in; make one: kiln token create");
  if (Status kept = write_login(*remote); !kept) return kept;
  if (context.json) {
    context.out << pretty(*who);
  } else {
    print_who(context, remote->url, *who);
  }
  context.err << "Logged in: kept in " << login_file().string() << '\n';
  const Result<std::optional<Remote>> environment = remote_of_environment(context.insecure);
  if (!environment || *environment)
    context.err << "KILN_URL is set, and counts before the login as long as it is\n";
  return {};
}

Status log_out(Context& context) {
  const Result<std::optional<Remote>> login = read_login();
  if (login && !*login) {
    context.err << "Nobody is logged in\n";
    return {};
  }
  if (Status gone = remove_file_durably(login_file()); !gone) return gone;
  context.err << "Logged out. The token itself stays good until it is revoked: kiln token revoke TOKEN_ID\n";
  return {};
}

Status whoami(Context& context) {
  Result<Server> server = Server::find(context);
  if (!server) return tl::unexpected<Error>(server.error());
  const Result<json::value> who = server->get("/kiln/v1/whoami");
  if (!who) return tl::unexpected<Error>(who.error());
  if (context.json) {
    json::object shown = who->is_object() ? who->get_object() : json::object();
    shown["server"] = server->place();
    context.out << pretty(shown);
  } else {
    print_who(context, server->place(), *who);
  }
  return {};
}

}  // namespace

void add_login(CLI::App& app, Context& context) {
  const auto options = std::make_shared<LoginOptions>();
  CLI::App* command = app.add_subcommand("login", "Speak to a server elsewhere from now on, by a token");
  command->add_option("URL", options->url, "The server's address, such as https://kiln.example.com")
      ->required();
  command->add_option("--token-file", options->token_file,
                      "A file with the token (-: standard input); without it the token is asked for");
  command->add_option("--ca", options->ca_file,
                      "A file with the certificates of authorities that are trusted there besides the "
                      "machine's own");
  finish_command(*command, context, [&context, options] { return log_in(context, *options); });
  CLI::App* leaving = app.add_subcommand("logout", "Forget the server and the token of the login");
  finish_command(*leaving, context, [&context] { return log_out(context); });
  CLI::App* asking =
      app.add_subcommand("whoami", "Say which server is spoken to, as whom, with which rights");
  finish_command(*asking, context, [&context] { return whoami(context); });
}

}  // namespace kiln::cli
