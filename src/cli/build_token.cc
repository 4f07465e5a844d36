// `kiln build-token`: the credentials that triggers deploy with, where that is elsewhere than here.
#include <fmt/format.h>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <memory>

#include "cli/commands.h"
#include "cli/ids.h"
#include "cli/secret_file.h"
#include "cli/server.h"

namespace kiln::cli {
namespace {

namespace json = boost::json;

constexpr IdKind kBuildTokenIds{"build token", "kiln build-token list"};

struct BuildTokenOptions {
  std::string token;
  std::string name;
  std::string file;
  std::string token_id = "none";
};

Result<json::array> all_build_tokens(Server& server) {
  const Result<json::value> found = server.get(server.builds_path() + "/tokens?per_page=200");
  if (!found) return tl::unexpected<Error>(found.error());
  if (!found->is_array()) return fail(Errc::corrupt, "the server's answer is no list of build tokens");
  return found->get_array();
}

Status list_build_tokens(Context& context) {
  Result<Server> server = Server::find(context);
  if (!server) return tl::unexpected<Error>(server.error());
  const Result<json::array> all = all_build_tokens(*server);
  if (!all) return tl::unexpected<Error>(all.error());
  if (context.json) {
    context.out << pretty(*all);
    return {};
  }
  if (all->empty()) {
    context.err << "no build tokens yet; the first connected repository makes one\n";
    return {};
  }
  std::vector<Row> rows = {heading({"BUILD TOKEN", "NAME", "API TOKEN"})};
  for (const json::value& one : *all) {
    rows.push_back({{headline(text_at(one, "build_token_uuid"), 36), Colour::cyan},
                    {headline(text_at(one, "build_token_name"), 60)},
                    {headline(text_at(one, "cloudflare_token_id"), 40)}});
  }
  context.out << table(context.style, std::move(rows));
  return {};
}

Status create_build_token(Context& context, const BuildTokenOptions& options) {
  const Result<std::string> secret = value_in(options.file, options.name);
  if (!secret) return tl::unexpected<Error>(secret.error());
  Result<Server> server = Server::find(context);
  if (!server) return tl::unexpected<Error>(server.error());
  const Result<json::value> made = server->call("POST", server->builds_path() + "/tokens",
                                                json::object{{"build_token_name", options.name},
                                                             {"build_token_secret", *secret},
                                                             {"cloudflare_token_id", options.token_id}});
  if (!made) return tl::unexpected<Error>(made.error());
  context.out << (context.json ? pretty(*made) : safe_line(text_at(*made, "build_token_uuid"), false) + "\n");
  return {};
}

Status delete_build_token(Context& context, const std::string& given) {
  Result<Server> server = Server::find(context);
  if (!server) return tl::unexpected<Error>(server.error());
  const Result<json::array> all = all_build_tokens(*server);
  if (!all) return tl::unexpected<Error>(all.error());
  const Result<json::value> one = pick(*all, {"build_token_uuid", "build_token_name"}, kBuildTokenIds, given);
  if (!one) return tl::unexpected<Error>(one.error());
  const std::string id = text_at(*one, "build_token_uuid");
  const Result<json::value> gone =
      server->call("DELETE", server->builds_path() + "/tokens/" + url_part(id), nullptr);
  if (!gone) return tl::unexpected<Error>(gone.error());
  if (context.json) {
    context.out << pretty(json::object{{"build_token_uuid", id}, {"deleted", true}});
  } else {
    context.out << fmt::format("deleted {}; builds of triggers that have it fail until they have another\n",
                               headline(text_at(*one, "build_token_name"), 60));
  }
  return {};
}

}  // namespace

void add_build_token(CLI::App& app, Context& context) {
  CLI::App* group =
      app.add_subcommand("build-token", "List, add and delete the tokens that triggers deploy with");
  group->require_subcommand(1);
  const auto options = std::make_shared<BuildTokenOptions>();
  CLI::App* listing = group->add_subcommand("list", "List them, without their secrets");
  finish_command(*listing, context, [&context] { return list_build_tokens(context); });
  CLI::App* creating =
      group->add_subcommand("create", "Add one, whose secret standard input or a file holds; prints its id");
  creating->add_option("--name", options->name, "What it is called")->required();
  creating->add_option("--file", options->file, "The secret is in this file; - for standard input")
      ->type_name("FILE");
  creating->add_option("--token-id", options->token_id, "The id of the API token that it is")
      ->type_name("ID");
  finish_command(*creating, context, [&context, options] { return create_build_token(context, *options); });
  CLI::App* deleting = group->add_subcommand("delete", "Delete one");
  deleting->add_option("BUILD_TOKEN", options->token, "Its name, its id, or the beginning of that")
      ->required();
  finish_command(*deleting, context,
                 [&context, options] { return delete_build_token(context, options->token); });
}

}  // namespace kiln::cli
