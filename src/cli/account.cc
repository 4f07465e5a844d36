#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <memory>

#include "cli/commands.h"
#include "cli/server.h"

namespace kiln::cli {
namespace {

namespace json = boost::json;

Status create(Context& context, const std::string& name, const std::string& subdomain) {
  Result<Server> server = Server::find(context);
  if (!server) return tl::unexpected<Error>(server.error());
  json::object body{{"name", name}};
  if (!subdomain.empty()) body["subdomain"] = subdomain;
  const Result<json::value> made = server->call("POST", "/kiln/v1/accounts", body);
  if (!made) return tl::unexpected<Error>(made.error());
  const std::string id = text_at(*made, "id");
  if (id.empty()) return fail(Errc::corrupt, "the server's answer holds no account id");
  context.out << (context.json ? pretty(*made) : id + "\n");
  return {};
}

Status list(Context& context) {
  Result<Server> server = Server::find(context);
  if (!server) return tl::unexpected<Error>(server.error());
  const Result<json::value> accounts = server->get("/kiln/v1/accounts");
  if (!accounts) return tl::unexpected<Error>(accounts.error());
  if (context.json) {
    context.out << pretty(*accounts);
    return {};
  }
  if (!accounts->is_array()) return fail(Errc::corrupt, "the server's answer is no list of accounts");
  std::vector<std::vector<Cell>> rows = {
      {{"ID", Colour::dim}, {"NAME", Colour::dim}, {"SUBDOMAIN", Colour::dim}, {"MADE", Colour::dim}}};
  for (const json::value& account : accounts->get_array()) {
    rows.push_back({{headline(text_at(account, "id"), 32), Colour::cyan},
                    {headline(text_at(account, "name"), 60)},
                    {headline(text_at(account, "subdomain"), 63)},
                    {relative_time(text_at(account, "created_on"), context.clock.now())}});
  }
  context.out << table(context.style, rows);
  return {};
}

}  // namespace

void add_account(CLI::App& app, Context& context) {
  CLI::App* group = app.add_subcommand("account", "Make and list accounts");
  group->require_subcommand(1);
  const auto name = std::make_shared<std::string>();
  CLI::App* creating = group->add_subcommand("create", "Make an account and print its id");
  creating->add_option("--name", *name, "What it is called")->required();
  const auto subdomain = std::make_shared<std::string>();
  creating->add_option("--subdomain", *subdomain,
                       "Its Workers answer at <worker>.<subdomain>.<domain> (default: from its name)");
  finish_command(*creating, context,
                 [&context, name, subdomain] { return create(context, *name, *subdomain); });
  CLI::App* listing = group->add_subcommand("list", "List the accounts, the first being the default");
  finish_command(*listing, context, [&context] { return list(context); });
}

}  // namespace kiln::cli
