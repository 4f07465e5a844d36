#include <fmt/format.h>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <memory>

#include "cli/commands.h"
#include "cli/server.h"

namespace kiln::cli {
namespace {

namespace json = boost::json;

// A number of minutes, or "none".
struct Minutes {
  std::string text;
  [[nodiscard]] json::value value() const {
    if (text.empty() || text == "none") return nullptr;
    return std::stoll(text);
  }
};

void add_minutes(CLI::App& command, const std::shared_ptr<Minutes>& minutes, const std::string& what) {
  const auto fits = [](const std::string& text) -> std::string {
    const bool digits =
        !text.empty() && text.size() <= 9 && text.find_first_not_of("0123456789") == text.npos;
    return digits || text == "none" ? "" : "a number of minutes, or none, is expected, not '" + text + "'";
  };
  command.add_option("--build-minutes", minutes->text, what)->check(CLI::Validator(fits, "MINUTES|none"));
}

Status create(Context& context, const std::string& name, const std::string& subdomain,
              const Minutes& minutes) {
  Result<Server> server = Server::find(context);
  if (!server) return tl::unexpected<Error>(server.error());
  json::object body{{"name", name}, {"build_minutes_limit", minutes.value()}};
  if (!subdomain.empty()) body["subdomain"] = subdomain;
  const Result<json::value> made = server->call("POST", "/kiln/v1/accounts", body);
  if (!made) return tl::unexpected<Error>(made.error());
  const std::string id = text_at(*made, "id");
  if (id.empty()) return fail(Errc::corrupt, "the server's answer holds no account id");
  context.out << (context.json ? pretty(*made) : id + "\n");
  return {};
}

Status limit(Context& context, const Minutes& minutes) {
  Result<Server> server = Server::find(context);
  if (!server) return tl::unexpected<Error>(server.error());
  const Result<json::value> set = server->call("PUT", server->own_path() + "/limits",
                                               json::object{{"build_minutes_limit", minutes.value()}});
  if (!set) return tl::unexpected<Error>(set.error());
  const std::string name = headline(text_at(*set, "name"), 60);
  const std::string words = minutes.text == "none" ? "as many minutes as they take"
                                                   : "at most " + minutes.text + " minutes a month";
  context.out << (context.json ? pretty(*set)
                               : "Builds of the account " + name + " may run " + words + ".\n");
  return {};
}

// "12 of 3000", or "12".
std::string minutes_of(const json::value& account) {
  const json::object* object = account.if_object();
  const auto number = [&](const char* key) -> std::string {
    const json::value* value = object != nullptr ? object->if_contains(key) : nullptr;
    return value != nullptr && value->is_int64() ? std::to_string(value->get_int64()) : "";
  };
  const std::string most = number("build_minutes_limit");
  return number("build_minutes_used") + (most.empty() ? "" : " of " + most);
}

Status list_accounts(Context& context) {
  Result<Server> server = Server::find(context);
  if (!server) return tl::unexpected<Error>(server.error());
  const Result<json::value> accounts = server->get("/kiln/v1/accounts");
  if (!accounts) return tl::unexpected<Error>(accounts.error());
  if (context.json) {
    context.out << pretty(*accounts);
    return {};
  }
  if (!accounts->is_array()) return fail(Errc::corrupt, "the server's answer is no list of accounts");
  std::vector<Row> rows = {heading({"ID", "NAME", "SUBDOMAIN", "MADE", "MINUTES?"})};
  for (const json::value& account : accounts->get_array()) {
    rows.push_back({{headline(text_at(account, "id"), 32), Colour::cyan},
                    {headline(text_at(account, "name"), 60)},
                    {headline(text_at(account, "subdomain"), 63)},
                    {relative_time(text_at(account, "created_on"), context.clock.now())},
                    {minutes_of(account)}});
  }
  context.out << table(context.style, rows);
  return {};
}

// The account that a command acts on is named by its argument.
Result<Server> server_in(Context& context, const std::string& account) {
  context.account = account;
  return Server::find(context);
}

Status rename_account(Context& context, const std::string& account, const std::string& name) {
  Result<Server> server = server_in(context, account);
  if (!server) return tl::unexpected<Error>(server.error());
  const Result<json::value> renamed = server->call("PATCH", server->own_path(), json::object{{"name", name}});
  if (!renamed) return tl::unexpected<Error>(renamed.error());
  context.out << (context.json ? pretty(*renamed)
                               : fmt::format("{} is called {} now\n", safe_line(account, false),
                                             headline(text_at(*renamed, "name"), 100)));
  return {};
}

Status delete_account(Context& context, const std::string& account, bool with_everything) {
  Result<Server> server = server_in(context, account);
  if (!server) return tl::unexpected<Error>(server.error());
  const Result<json::value> gone =
      server->call("DELETE", server->own_path() + (with_everything ? "?with_everything=true" : ""), nullptr);
  if (!gone) {
    Error error = gone.error();
    error.message =
        fmt::format("the account {} is not deleted: {}", safe_line(account, false), error.message);
    return tl::unexpected<Error>(error);
  }
  if (context.json) {
    context.out << pretty(json::object{{"id", server->account_id()}, {"deleted", true}});
  } else {
    context.out << fmt::format("deleted the account {}; its tokens are worthless\n",
                               safe_line(account, false));
  }
  return {};
}

}  // namespace

void add_account(CLI::App& app, Context& context) {
  CLI::App* group = app.add_subcommand("account", "Make, list, limit, rename and delete accounts");
  group->require_subcommand(1);
  const auto name = std::make_shared<std::string>();
  CLI::App* creating = group->add_subcommand("create", "Make an account and print its id");
  creating->add_option("--name", *name, "What it is called")->required();
  const auto subdomain = std::make_shared<std::string>();
  creating->add_option("--subdomain", *subdomain,
                       "Its Workers answer at <worker>.<subdomain>.<domain> (default: from its name)");
  const auto minutes = std::make_shared<Minutes>();
  add_minutes(*creating, minutes,
              "How many build minutes it may use in a month of UTC (default: none, no limit)");
  finish_command(*creating, context, [&context, name, subdomain, minutes] {
    return create(context, *name, *subdomain, *minutes);
  });
  const auto most = std::make_shared<Minutes>();
  CLI::App* limiting =
      group->add_subcommand("limit", "Set how many build minutes an account (--account) may use in a month");
  add_minutes(*limiting, most, "Minutes in a month of UTC, or none for no limit");
  limiting->get_option("--build-minutes")->required();
  finish_command(*limiting, context, [&context, most] { return limit(context, *most); });
  CLI::App* listing = group->add_subcommand("list", "List the accounts, the first being the default");
  finish_command(*listing, context, [&context] { return list_accounts(context); });
  const auto account = std::make_shared<std::string>();
  CLI::App* renaming =
      group->add_subcommand("rename", "Call an account otherwise; its id and addresses stay");
  renaming->add_option("ACCOUNT", *account, "Its id or name")->required();
  renaming->add_option("NAME", *name, "What it is called from now on")->required();
  finish_command(*renaming, context,
                 [&context, account, name] { return rename_account(context, *account, *name); });
  const auto with_everything = std::make_shared<bool>(false);
  CLI::App* deleting =
      group->add_subcommand("delete", "Delete an account; its history stays in the database");
  deleting->add_option("ACCOUNT", *account, "Its id or name")->required();
  deleting->add_flag("--with-everything", *with_everything,
                     "With its Workers and connected repositories too");
  finish_command(*deleting, context, [&context, account, with_everything] {
    return delete_account(context, *account, *with_everything);
  });
}

}  // namespace kiln::cli
