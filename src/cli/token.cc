#include <fmt/format.h>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <charconv>
#include <map>
#include <memory>
#include <optional>

#include "base/strings.h"
#include "base/time_format.h"
#include "cli/commands.h"
#include "cli/output.h"
#include "cli/server.h"

namespace kiln::cli {
namespace {

namespace json = boost::json;

struct TokenOptions {
  std::string name;
  std::string permissions = "ci:read,ci:write,scripts:read,scripts:write";
  std::string expires_in;
  std::string id;
};

// "12h" → milliseconds.
std::optional<TimeMs> parse_duration(std::string_view text) {
  constexpr TimeMs minute = 60'000;
  const std::map<char, TimeMs> units = {{'m', minute}, {'h', 60 * minute}, {'d', TimeMs{24} * 60 * minute}};
  const auto unit = text.empty() ? units.end() : units.find(text.back());
  if (unit == units.end()) return std::nullopt;
  TimeMs count = 0;
  const char* last = text.data() + text.size() - 1;
  const auto [end, error] = std::from_chars(text.data(), last, count);
  if (error != std::errc() || end != last || count < 1 || count > 1'000'000) return std::nullopt;
  return count * unit->second;
}

Status create(Context& context, const TokenOptions& options) {
  Result<Server> server = Server::find(context);
  if (!server) return tl::unexpected<Error>(server.error());
  json::object body{{"name", options.name}, {"permissions", options.permissions}};
  if (!options.expires_in.empty()) {
    const std::optional<TimeMs> lifetime = parse_duration(options.expires_in);
    if (!lifetime) {
      return fail(Errc::invalid,
                  fmt::format("--expires-in {}: give a number of minutes, hours or days, such as 30m, 12h "
                              "or 90d",
                              options.expires_in));
    }
    body["expires_on"] = format_rfc3339(context.clock.now() + *lifetime);
  }
  const Result<json::value> made = server->call("POST", server->own_path() + "/tokens", body);
  if (!made) return tl::unexpected<Error>(made.error());
  const std::string token = text_at(*made, "token");
  if (token.empty()) return fail(Errc::corrupt, "the server's answer holds no token");
  context.out << (context.json ? pretty(*made) : token + "\n");
  if (flush_output(context.out) != 0) {
    const std::string id = safe_line(text_at(*made, "id"), false);
    context.err << fmt::format(
        "kiln: the token {} was made, but it could not be printed and is lost; make it worthless: kiln token "
        "revoke {}\n",
        id, id);
  }
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

Status list_tokens(Context& context) {
  Result<Server> server = Server::find(context);
  if (!server) return tl::unexpected<Error>(server.error());
  const Result<json::value> tokens = server->get(server->own_path() + "/tokens");
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
    const Result<TimeMs> end = parse_rfc3339(text_at(token, "expires_on"));
    Cell state{"good", Colour::green};
    if (end)
      state = *end <= now ? Cell{"expired", Colour::red}
                          : Cell{"good until " + text_at(token, "expires_on"), Colour::green};
    if (!text_at(token, "revoked_on").empty()) state = {"revoked", Colour::red};
    rows.push_back({{headline(text_at(token, "id"), 36), Colour::cyan},
                    {headline(text_at(token, "name"), 40)},
                    {permissions_of(token)},
                    {relative_time(text_at(token, "created_on"), now)},
                    {relative_time(text_at(token, "last_used_on"), now)},
                    state});
  }
  context.out << table(context.style, rows);
  return {};
}

Status revoke(Context& context, const std::string& id) {
  Result<Server> server = Server::find(context);
  if (!server) return tl::unexpected<Error>(server.error());
  const Result<json::value> gone =
      server->call("DELETE", server->own_path() + "/tokens/" + url_part(id), nullptr);
  if (!gone) return tl::unexpected<Error>(named(gone.error(), "token", id, "kiln token list"));
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
  const auto options = std::make_shared<TokenOptions>();
  CLI::App* creating = group->add_subcommand("create", "Make a token and print it, this once");
  creating->add_option("--name", options->name, "What it is for")->required();
  creating
      ->add_option("--permissions", options->permissions,
                   "Any of ci:read, ci:write, scripts:read, scripts:write, by commas")
      ->capture_default_str();
  creating->add_option("--expires-in", options->expires_in,
                       "For how long it is good: 30m, 12h, 90d (default: for ever)");
  finish_command(*creating, context, [&context, options] { return create(context, *options); });
  CLI::App* listing = group->add_subcommand("list", "List tokens, without their secrets");
  finish_command(*listing, context, [&context] { return list_tokens(context); });
  CLI::App* revoking = group->add_subcommand("revoke", "Make a token worthless at once");
  revoking->add_option("TOKEN_ID", options->id, "Its id, as `kiln token list` shows it")->required();
  finish_command(*revoking, context, [&context, options] { return revoke(context, options->id); });
}

}  // namespace kiln::cli
