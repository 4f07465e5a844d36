#include "cli/reference.h"

#include "cli/examples.h"
#include "cli/guide.h"

namespace kiln::cli {
namespace {

CommandFacts facts_below(const CLI::App& app, const std::string& above, const std::string& words) {
  CommandFacts facts;
  facts.path = above.empty() ? app.get_name() : above + " " + app.get_name();
  facts.about = app.get_description();
  facts.options = options_of(app);
  for (const std::string_view example : examples_of(words)) facts.examples.emplace_back(example);
  for (const CLI::App* below : app.get_subcommands([](const CLI::App*) { return true; })) {
    if (!is_hidden(*below))
      facts.below.push_back(
          facts_below(*below, facts.path, (words.empty() ? "" : words + " ") + below->get_name()));
  }
  return facts;
}

void collect_leaves(const CommandFacts& command, std::vector<const CommandFacts*>& leaves) {
  if (command.below.empty()) leaves.push_back(&command);
  for (const CommandFacts& below : command.below) collect_leaves(below, leaves);
}

}  // namespace

std::vector<OptionFacts> options_of(const CLI::App& app) {
  std::vector<OptionFacts> all;
  for (const CLI::Option* option : app.get_options()) {
    OptionFacts facts;
    facts.positional = option->get_positional();
    if (facts.positional) {
      facts.names = {option->get_name(true)};
    } else {
      for (const std::string& name : option->get_lnames()) facts.names.push_back("--" + name);
      for (const std::string& name : option->get_snames()) facts.names.push_back("-" + name);
    }
    const bool takes = option->get_items_expected_min() > 0;
    const std::string type = option->get_type_name();
    if (takes && (!facts.positional || type.find('|') != std::string::npos)) facts.type = type;
    facts.about = option->get_description();
    facts.required = option->get_required();
    facts.repeats = option->get_items_expected_max() > 1;
    all.push_back(std::move(facts));
  }
  return all;
}

CommandFacts facts_of(const CLI::App& app) {
  return facts_below(app, "", "");
}

std::string usage_of(const CommandFacts& command) {
  std::string usage = command.path;
  if (!command.below.empty()) return usage + " COMMAND";
  std::string required;
  std::string positionals;
  for (const OptionFacts& option : command.options) {
    const std::string name = option.names.front();
    if (option.positional) positionals += option.required ? " " + name : " [" + name + "]";
    if (!option.positional && option.required) required += " " + name + " " + option.type;
  }
  return usage + required + positionals + " [OPTIONS]";
}

std::string option_words(const OptionFacts& option) {
  std::string words;
  for (const std::string& name : option.names) words += (words.empty() ? "" : ", ") + name;
  return option.type.empty() ? words : words + " " + option.type;
}

std::vector<const CommandFacts*> leaves_of(const CommandFacts& command) {
  std::vector<const CommandFacts*> leaves;
  collect_leaves(command, leaves);
  return leaves;
}

}  // namespace kiln::cli
