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
  std::vector<std::vector<Cell>> rows = {{{"ID", Colour::dim},
                                          {"NAME", Colour::dim},
                                          {"SUBDOMAIN", Colour::dim},
                                          {"MADE", Colour::dim},
                                          {"MINUTES THIS MONTH", Colour::dim}}};
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

}  // namespace

void add_account(CLI::App& app, Context& context) {
  CLI::App* group = app.add_subcommand("account", "Make, list and limit accounts");
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
}

}  // namespace kiln::cli
