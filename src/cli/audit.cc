// `kiln audit`: who did what, from where, and what it changed.
#include <fmt/format.h>

#include <boost/json.hpp>
#include <memory>

#include "base/ids.h"
#include "base/printable.h"
#include "base/time_format.h"
#include "cli/commands.h"
#include "cli/duration.h"
#include "cli/output.h"
#include "cli/server.h"

namespace kiln::cli {
namespace {

namespace json = boost::json;

constexpr int kUsuallyShown = 50;
constexpr int kPage = 200;
constexpr std::size_t kWhoWidth = 18;
constexpr std::size_t kActionWidth = 26;
constexpr std::size_t kTargetWidth = 19;
constexpr std::size_t kValueWidth = 48;

struct AuditOptions {
  std::string since;
  std::string until;
  std::string who;
  std::string action;
  std::string target;
  int limit = kUsuallyShown;
  bool changes = false;
};

// "7d" before now, or a time as it is.
Result<std::string> time_words(const Context& context, const std::string& option, const std::string& text) {
  if (const std::optional<TimeMs> ago = parse_duration(text, "smhd"))
    return format_rfc3339(context.clock.now() - *ago);
  if (parse_rfc3339(text)) return text;
  return fail(Errc::invalid,
              fmt::format("{} {}: give a time ago, such as 30m, 12h or 7d, or a UTC time such as "
                          "2027-01-31T00:00:00Z",
                          option, text));
}

Result<std::string> query_of(const Context& context, const AuditOptions& options) {
  std::string query;
  const auto add = [&](const char* name, const std::string& value) {
    if (!value.empty()) query += fmt::format("&{}={}", name, url_part(value));
  };
  for (const auto& [name, option, text] :
       {std::tuple("since", "--since", &options.since), std::tuple("until", "--until", &options.until)}) {
    if (text->empty()) continue;
    const Result<std::string> time = time_words(context, option, *text);
    if (!time) return time;
    add(name, *time);
  }
  add("who", options.who);
  add("action", options.action);
  add("target", options.target);
  return query;
}

// Long ids as the start of them, as far as people read.
std::string short_id(const std::string& id) {
  constexpr std::size_t shown = 8;
  return Uuid::parse(id) || is_hex32(id) ? id.substr(0, shown) : id;
}

std::string who_words(const json::value& entry) {
  const std::string kind = text_at(entry, "who/kind");
  const std::string name = text_at(entry, "who/name");
  if (kind == "build") return "build of " + name;
  if (kind == "hook" || kind == "upload") return name.starts_with("deploy hook") ? name : kind + " " + name;
  if (kind == "session") return name + " (page)";
  return name.empty() ? kind : name;
}

// The target, else the first thing that was changed.
std::string target_words(const json::value& entry) {
  const std::string target = text_at(entry, "target");
  const json::array& changes = list_at(entry, "changes");
  if (!target.empty() || changes.empty()) return short_id(target);
  return text_at(changes.front(), "object") + " " + short_id(text_at(changes.front(), "id"));
}

std::string value_words(const json::object& field, const char* which) {
  const json::value* value = field.if_contains(which);
  if (value == nullptr || value->is_null()) return "nothing";
  return headline(value->is_string() ? std::string(value->get_string()) : json::serialize(*value),
                  kValueWidth);
}

void print_changes(Context& context, const json::value& entry) {
  for (const json::value& change : list_at(entry, "changes")) {
    const json::object& said = change.get_object();
    const json::value* count = said.if_contains("count");
    context.out << fmt::format(
        "    {} {} {}\n", safe_line(text_at(change, "change"), false),
        safe_line(text_at(change, "object"), false),
        count != nullptr ? json::serialize(*count) : headline(text_at(change, "id"), kValueWidth));
    const json::value* fields = said.if_contains("fields");
    if (fields == nullptr || !fields->is_object()) continue;
    for (const auto& [name, field] : fields->get_object()) {
      if (!field.is_object()) continue;
      const std::string before = value_words(field.get_object(), "before");
      const std::string after = value_words(field.get_object(), "after");
      const std::string label = safe_line(std::string_view(name), false);
      context.out << (before.size() + after.size() + label.size() < 64
                          ? fmt::format("      {}: {} → {}\n", label, before, after)
                          : fmt::format("      {}: {}\n        → {}\n", label, before, after));
    }
  }
}

std::vector<Cell> entry_row(const json::value& entry, TimeMs now) {
  return {{relative_time(text_at(entry, "created_on"), now)},
          {headline(who_words(entry), kWhoWidth), Colour::cyan},
          {headline(text_at(entry, "action"), kActionWidth)},
          {headline(target_words(entry), kTargetWidth)}};
}

void print_page(Context& context, const AuditOptions& options, const json::array& entries) {
  const TimeMs now = context.clock.now();
  if (!options.changes) {
    std::vector<std::vector<Cell>> rows = {
        {{"WHEN", Colour::dim}, {"WHO", Colour::dim}, {"WHAT", Colour::dim}, {"ON", Colour::dim}}};
    for (const json::value& entry : entries) rows.push_back(entry_row(entry, now));
    context.out << table(context.style, rows);
    return;
  }
  for (const json::value& entry : entries) {
    context.out << table(context.style, {entry_row(entry, now)});
    context.out << fmt::format("    {} from {}\n", safe_line(text_at(entry, "created_on"), false),
                               safe_line(text_at(entry, "address"), false));
    if (const std::string account = text_at(entry, "account_id"); !account.empty())
      context.out << "    account " << safe_line(account, false) << '\n';
    if (const std::string request = text_at(entry, "request_id"); !request.empty())
      context.out << "    request " << safe_line(request, false) << '\n';
    print_changes(context, entry);
  }
}

Status show_audit(Context& context, const AuditOptions& options) {
  const Result<std::string> query = query_of(context, options);
  if (!query) return tl::unexpected<Error>(query.error());
  Result<Server> server = Server::find(context);
  if (!server) return tl::unexpected<Error>(server.error());
  const std::string path = context.account.empty() ? "/kiln/v1/audit" : server->own_path() + "/audit";
  json::array all;
  std::string cursor;
  int shown = 0;
  do {
    const int most = options.limit == 0 ? kPage : std::min(kPage, options.limit - shown);
    const Result<json::value> page = server->get(fmt::format(
        "{}?per_page={}{}{}", path, most, *query, cursor.empty() ? "" : "&cursor=" + url_part(cursor)));
    if (!page) return tl::unexpected<Error>(page.error());
    const json::array& entries = list_at(*page, "entries");
    shown += static_cast<int>(entries.size());
    cursor = text_at(*page, "cursor");
    for (const json::value& entry : entries) {
      if (context.json) {
        context.out << printable_json(json::serialize(entry)) << '\n';
      } else {
        all.push_back(entry);
      }
    }
    if (context.json && flush_output(context.out) != 0) return {};
  } while (!cursor.empty() && (options.limit == 0 || shown < options.limit));
  if (!context.json) print_page(context, options, all);
  return {};
}

}  // namespace

void add_audit(CLI::App& app, Context& context) {
  CLI::App* command = app.add_subcommand("audit", "Show who changed what, the newest first");
  const auto options = std::make_shared<AuditOptions>();
  command->add_option("--since", options->since, "From then on: 30m, 12h, 7d ago, or a UTC time");
  command->add_option("--until", options->until, "Before then: the same forms");
  command->add_option("--who", options->who,
                      "A token's name or id, or a kind: administrator, token, session, "
                      "build, hook");
  command->add_option("--action", options->action, "An operation, such as updateTrigger");
  command->add_option("--on", options->target, "A part of what was acted on, or of what was changed");
  command->add_option("--limit", options->limit, "How many at most; 0: all")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  command->add_flag("--changes", options->changes, "Show what each changed, and from where");
  command->footer("With --json each is one line, for export: kiln audit --limit 0 --json > audit.jsonl");
  finish_command(*command, context, [&context, options] { return show_audit(context, *options); });
}

}  // namespace kiln::cli
