#include <fmt/format.h>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <memory>
#include <optional>

#include "base/ids.h"
#include "base/strings.h"
#include "base/time_format.h"
#include "cli/commands.h"
#include "cli/duration.h"
#include "cli/ids.h"
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
  std::string keep_old;
};

constexpr IdKind kTokenIds{"token", "kiln token list"};

Result<json::array> all_tokens(Server& server) {
  const Result<json::value> tokens = server.get(server.own_path() + "/tokens");
  if (!tokens) return tl::unexpected<Error>(tokens.error());
  if (!tokens->is_array()) return fail(Errc::corrupt, "the server's answer is no list of tokens");
  return tokens->get_array();
}

// By its name, its id, or the beginning of that.
Result<std::string> token_meant(Server& server, const std::string& given) {
  if (const auto whole = Uuid::parse(given)) return whole->str();
  const Result<json::array> all = all_tokens(server);
  if (!all) return tl::unexpected<Error>(all.error());
  const Result<json::value> found = pick(*all, {"id", "name"}, kTokenIds, given);
  if (!found) return tl::unexpected<Error>(found.error());
  return text_at(*found, "id");
}

// The token alone, or all of the answer; what is lost is said on the other stream, and false returned.
bool print_token(Context& context, const json::value& made, const std::string& token, const char* advice) {
  context.out << (context.json ? pretty(made) : token + "\n");
  if (flush_output(context.out) == 0) return true;
  const std::string id = safe_line(text_at(made, "id"), false);
  context.err << fmt::format("kiln: the token {} was made, but it could not be printed and is lost; {} {}\n",
                             id, advice, id);
  return false;
}

Status create(Context& context, const TokenOptions& options) {
  Result<Server> server = Server::find(context);
  if (!server) return tl::unexpected<Error>(server.error());
  json::object body{{"name", options.name}, {"permissions", options.permissions}};
  if (!options.expires_in.empty()) {
    const std::optional<TimeMs> lifetime = parse_duration(options.expires_in, "mhd");
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
  (void)print_token(context, *made, token, "make it worthless: kiln token revoke");
  return {};
}

Status rotate(Context& context, const TokenOptions& options) {
  json::object body;
  if (!options.keep_old.empty()) {
    const std::optional<TimeMs> kept = parse_duration(options.keep_old, "smhd");
    if (!kept) {
      return fail(Errc::invalid, fmt::format("--keep-old {}: give a time span such as 10m, 12h or 7d",
                                             safe_line(options.keep_old, false)));
    }
    body["keep_old_seconds"] = *kept / 1'000;
  }
  Result<Server> server = Server::find(context);
  if (!server) return tl::unexpected<Error>(server.error());
  const Result<std::string> id = token_meant(*server, options.id);
  if (!id) return tl::unexpected<Error>(id.error());
  const Result<json::value> made =
      server->call("POST", fmt::format("{}/tokens/{}/rotate", server->own_path(), url_part(*id)), body);
  if (!made) return tl::unexpected<Error>(named(made.error(), "token", options.id, "kiln token list"));
  const std::string token = text_at(*made, "token");
  if (token.empty()) return fail(Errc::corrupt, "the server's answer holds no token");
  const bool printed = print_token(context, *made, token, "make another: kiln token rotate");
  if (printed && !context.json) {
    const std::string until = safe_line(text_at(*made, "old_secret_until"), false);
    context.err << (until.empty() ? std::string("the one before is worthless now\n")
                                  : fmt::format("the one before is good until {}\n", until));
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
  const Result<json::array> tokens = all_tokens(*server);
  if (!tokens) return tl::unexpected<Error>(tokens.error());
  if (context.json) {
    context.out << pretty(*tokens);
    return {};
  }
  std::vector<Row> rows = {heading({"ID", "NAME", "PERMISSIONS", "MADE", "LAST USED", "STATE"})};
  const TimeMs now = context.clock.now();
  for (const json::value& token : *tokens) {
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

Status revoke(Context& context, const std::string& given) {
  Result<Server> server = Server::find(context);
  if (!server) return tl::unexpected<Error>(server.error());
  const Result<std::string> meant = token_meant(*server, given);
  if (!meant) return tl::unexpected<Error>(meant.error());
  const std::string& id = *meant;
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
  CLI::App* group = app.add_subcommand("token", "Make, list, rotate and revoke API tokens");
  group->require_subcommand(1);
  const auto options = std::make_shared<TokenOptions>();
  CLI::App* creating = group->add_subcommand("create", "Make a token and print it, this once");
  creating->add_option("--name", options->name, "What it is for")->required();
  creating
      ->add_option(
          "--permissions,--right", options->permissions,
          "Any of ci:read, ci:write, scripts:read, scripts:write, by commas; or admin: every account, "
          "and the installation itself")
      ->capture_default_str();
  creating
      ->add_option("--expires-in", options->expires_in,
                   "For how long it is good: 30m, 12h, 90d (default: for ever)")
      ->type_name("TIME");
  finish_command(*creating, context, [&context, options] { return create(context, *options); });
  CLI::App* listing = group->add_subcommand("list", "List tokens, without their secrets");
  finish_command(*listing, context, [&context] { return list_tokens(context); });
  CLI::App* revoking = group->add_subcommand("revoke", "Make a token worthless at once");
  revoking->add_option("TOKEN", options->id, "Its name, its id, or the beginning of that")->required();
  finish_command(*revoking, context, [&context, options] { return revoke(context, options->id); });
  CLI::App* rotating = group->add_subcommand("rotate", "Give a token another secret and print it, this once");
  rotating->add_option("TOKEN", options->id, "Its name, its id, or the beginning of that")->required();
  rotating
      ->add_option("--keep-old", options->keep_old,
                   "How long the secret before is good besides: 10m, 12h, 7d (default: not at all)")
      ->type_name("TIME");
  finish_command(*rotating, context, [&context, options] { return rotate(context, *options); });
}

}  // namespace kiln::cli
