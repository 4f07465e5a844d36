#include <fmt/format.h>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <memory>

#include "base/strings.h"
#include "cli/commands.h"
#include "cli/server.h"

namespace kiln::cli {
namespace {

namespace json = boost::json;

struct Options {
  std::string name;
  std::string permissions = "ci:read,ci:write,scripts:read,scripts:write";
  std::string id;
};

Status create(Context& context, const Options& options) {
  Result<Server> server = Server::find(context.data_dir, context.http);
  if (!server) return tl::unexpected<Error>(server.error());
  const Result<json::value> made = server->call(
      "POST", "/kiln/v1/tokens", json::object{{"name", options.name}, {"permissions", options.permissions}});
  if (!made) return tl::unexpected<Error>(made.error());
  const std::string token = text_at(*made, "token");
  if (token.empty()) return fail(Errc::corrupt, "the server's answer holds no token");
  context.out << (context.json ? pretty(*made) : token + "\n");
  return {};
}

// Permissions as the server writes them: one text, or a list of words.
std::string permissions_of(const json::value& token) {
  const json::object* object = token.if_object();
  const json::value* listed = object != nullptr ? object->if_contains("permissions") : nullptr;
  if (listed == nullptr || !listed->is_array()) return safe_line(text_at(token, "permissions"), false);
  std::string words;
  for (const json::value& word : listed->get_array()) {
    if (word.is_string()) words += (words.empty() ? "" : ",") + safe_line(word.get_string(), false);
  }
  return words;
}

Status list(Context& context) {
  Result<Server> server = Server::find(context.data_dir, context.http);
  if (!server) return tl::unexpected<Error>(server.error());
  const Result<json::value> tokens = server->get("/kiln/v1/tokens");
  if (!tokens) return tl::unexpected<Error>(tokens.error());
  if (context.json) {
    context.out << pretty(*tokens);
    return {};
  }
  if (!tokens->is_array()) return fail(Errc::corrupt, "the server's answer is no list of tokens");
  std::vector<std::vector<Cell>> rows = {{{"ID", Colour::dim},
                                          {"NAME", Colour::dim},
                                          {"PERMISSIONS", Colour::dim},
                                          {"MADE", Colour::dim},
                                          {"LAST USED", Colour::dim},
                                          {"STATE", Colour::dim}}};
  const TimeMs now = context.clock.now();
  for (const json::value& token : tokens->get_array()) {
    const bool revoked = !text_at(token, "revoked_on").empty();
    rows.push_back({{headline(text_at(token, "id"), 36), Colour::cyan},
                    {headline(text_at(token, "name"), 40)},
                    {permissions_of(token)},
                    {relative_time(text_at(token, "created_on"), now)},
                    {relative_time(text_at(token, "last_used_on"), now)},
                    revoked ? Cell{"revoked", Colour::red} : Cell{"good", Colour::green}});
  }
  context.out << table(context.style, rows);
  return {};
}

Status revoke(Context& context, const std::string& id) {
  Result<Server> server = Server::find(context.data_dir, context.http);
  if (!server) return tl::unexpected<Error>(server.error());
  const Result<json::value> gone = server->call("DELETE", "/kiln/v1/tokens/" + url_part(id), nullptr);
  if (!gone) return tl::unexpected<Error>(gone.error());
  if (context.json) {
    context.out << pretty(json::object{{"id", id}, {"revoked", true}});
  } else {
    context.out << "revoked " << safe_line(id, false) << '\n';
  }
  return {};
}

}  // namespace

void add_token(CLI::App& app, Context& context) {
  CLI::App* group = app.add_subcommand("token", "Make, list and revoke API tokens");
  group->require_subcommand(1);
  const auto options = std::make_shared<Options>();
  CLI::App* creating = group->add_subcommand("create", "Make a token and print it, this once");
  creating->add_option("--name", options->name, "What it is for")->required();
  creating
      ->add_option("--permissions", options->permissions,
                   "Any of ci:read, ci:write, scripts:read, scripts:write, by commas")
      ->capture_default_str();
  finish_command(*creating, context, [&context, options] { return create(context, *options); });
  CLI::App* listing = group->add_subcommand("list", "List tokens, without their secrets");
  finish_command(*listing, context, [&context] { return list(context); });
  CLI::App* revoking = group->add_subcommand("revoke", "Make a token worthless at once");
  revoking->add_option("TOKEN_ID", options->id, "Its id, as `kiln token list` shows it")->required();
  finish_command(*revoking, context, [&context, options] { return revoke(context, options->id); });
}

}  // namespace kiln::cli
