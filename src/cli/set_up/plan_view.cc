#include "cli/set_up/plan_view.h"

#include <fmt/format.h>

#include <boost/json/array.hpp>
#include <map>
#include <utility>

#include "base/strings.h"
#include "cli/help_format.h"
#include "cli/print.h"
#include "cli/set_up/set_up_file.h"

namespace kiln::cli {
namespace {

namespace json = boost::json;

struct Seen {
  const char* word;
  Colour colour;
};

// What became of a step that was to be done.
Seen outcome_of(const DoneStep& done) {
  switch (done.outcome) {
    case Outcome::done:
      return done.step.action == Action::change ? Seen{"changed", Colour::green}
                                                : Seen{"made", Colour::green};
    case Outcome::failed:
      return {"failed", Colour::red};
    case Outcome::not_tried:
      return {"not tried", Colour::red};
    case Outcome::left:
      return {"left", Colour::yellow};
    case Outcome::stays:
      break;
  }
  return {action_word(done.step.action), done.step.action == Action::differs ? Colour::yellow : Colour::dim};
}

Seen seen_of(const DoneStep& done, bool dry_run) {
  if (!dry_run) return outcome_of(done);
  const Action action = done.step.action;
  const bool is_work = action == Action::make || action == Action::change;
  return {action_word(action), is_work                   ? Colour::green
                               : action == Action::there ? Colour::dim
                                                         : Colour::yellow};
}

std::string type_words(std::string type) {
  for (char& letter : type) letter = letter == '_' ? ' ' : letter;
  return type;
}

std::string detail_of(const DoneStep& done) {
  if (!done.error.empty()) return headline(done.error, 300);
  if (!done.url.empty()) return done.url;
  std::string fields;
  for (const std::string& field : done.step.fields) fields += (fields.empty() ? "" : ", ") + field;
  return fields.empty() ? done.step.why : fields;
}

// Each line begins with `indent` spaces.
std::string indented(std::string_view text, std::size_t indent) {
  std::string all;
  for (const std::string& line : split(text, '\n')) all += std::string(indent, ' ') + line + "\n";
  return all;
}

std::string left_text(Style style, const LeftOver& left) {
  const std::string whole =
      fmt::format("{} {}: {}", type_words(left.type), headline(left.name, 300), safe_line(left.why, false));
  std::string text = indented(wrapped(whole, style.width - 2), 2);
  text.replace(0, 2, "- ");
  if (!left.command.empty()) text += indented(command_text(left.command, style.width - 6), 4);
  return text;
}

// Of a secret that each of a Worker's triggers has, one entry: one command settles all.
std::vector<LeftOver> all_left(const std::vector<DoneStep>& steps, const std::vector<LeftOver>& left_over) {
  std::vector<LeftOver> all;
  std::set<std::vector<std::string>> commands;
  const auto add = [&](const LeftOver& left) {
    if (left.command.empty() || commands.insert(left.command).second) all.push_back(left);
  };
  for (const DoneStep& done : steps) {
    if (done.outcome == Outcome::failed) {
      all.push_back({done.step.resource.type, done.step.resource.name, done.error, {}});
    } else if (!done.step.why.empty() && done.outcome != Outcome::done) {
      add({done.step.resource.type, done.step.resource.name, done.step.why, done.step.command});
    }
  }
  for (const LeftOver& left : left_over) add(left);
  return all;
}

std::string counts_text(const std::vector<DoneStep>& steps, bool dry_run) {
  std::map<std::string, std::size_t> counts;
  for (const DoneStep& done : steps) ++counts[seen_of(done, dry_run).word];
  std::string text;
  for (const auto& [word, count] : counts)
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", word, count);
  return text + "\n";
}

}  // namespace

std::string command_text(const std::vector<std::string>& words, std::size_t width) {
  std::string text;
  std::size_t line = 0;
  for (const std::string& word : words) {
    const std::string quoted = shell_quote(safe_line(word, false));
    const std::size_t needed = width_of(quoted) + 1;
    if (line > 0 && line + needed + 2 > width) {
      text += " \\\n  ";
      line = 2;
    } else if (line > 0) {
      text += " ";
      ++line;
    }
    text += quoted;
    line += needed - 1;
  }
  return text;
}

std::string plan_text(Style style, const std::vector<DoneStep>& steps, const std::vector<LeftOver>& left_over,
                      bool dry_run) {
  std::vector<Row> rows = {heading({"STATE", "TYPE", "NAME", "WHAT"})};
  std::string hooks;
  for (const DoneStep& done : steps) {
    const Seen seen = seen_of(done, dry_run);
    rows.push_back({{seen.word, seen.colour},
                    {type_words(done.step.resource.type)},
                    {headline(done.step.resource.name, 200), Colour::cyan},
                    {done.url.empty() ? detail_of(done) : ""}});
    if (!done.url.empty())
      hooks += fmt::format("  {}\n  {}\n", headline(done.step.resource.name, 70), done.url);
  }
  std::string text = (steps.empty() ? "" : table(style, std::move(rows))) + counts_text(steps, dry_run);
  if (!hooks.empty()) text += "\nDeploy hooks have new addresses; tell whoever calls the old ones:\n" + hooks;
  const std::vector<LeftOver> left = all_left(steps, left_over);
  if (!left.empty()) text += "\nLeft to do:\n";
  for (const LeftOver& one : left) text += left_text(style, one);
  return text;
}

json::value plan_json(const std::vector<DoneStep>& steps, const std::vector<LeftOver>& left_over,
                      bool dry_run) {
  json::array all;
  for (const DoneStep& done : steps) {
    json::object one{{"state", seen_of(done, dry_run).word},
                     {"type", done.step.resource.type},
                     {"name", done.step.resource.name}};
    if (!done.step.fields.empty())
      one["fields"] = json::array(done.step.fields.begin(), done.step.fields.end());
    if (!done.url.empty()) one["url"] = done.url;
    if (!done.error.empty()) one["error"] = done.error;
    all.push_back(std::move(one));
  }
  return {{"dry_run", dry_run},
          {"steps", std::move(all)},
          {"left_to_do", left_over_json(all_left(steps, left_over))}};
}

}  // namespace kiln::cli
