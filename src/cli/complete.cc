#include "cli/complete.h"

#include <algorithm>

#include "base/strings.h"
#include "cli/guide.h"
#include "cli/reference.h"

namespace kiln::cli {
namespace {

// Where in the line the word stands that is written.
struct Place {
  const CLI::App* command = nullptr;
  const CLI::Option* value_of = nullptr;  // the option whose value it is
  std::size_t positional = 0;             // how many stand before it
};

bool takes_value(const CLI::Option* option) {
  return option != nullptr && option->get_items_expected_min() > 0;
}

const CLI::App* command_below(const CLI::App& app, const std::string& name) {
  for (const CLI::App* below : app.get_subcommands([](const CLI::App*) { return true; })) {
    if (below->get_name() == name) return below;
  }
  return nullptr;
}

Place place_of(const CLI::App& app, const std::vector<std::string>& words) {
  Place place{&app};
  for (std::size_t i = 0; i + 1 < words.size(); ++i) {
    const std::string& word = words[i];
    if (std::exchange(place.value_of, nullptr) != nullptr) continue;
    if (word.size() > 1 && word.front() == '-') {
      const CLI::Option* option = place.command->get_option_no_throw(word);
      if (takes_value(option)) place.value_of = option;
      continue;
    }
    const CLI::App* below = command_below(*place.command, word);
    if (below != nullptr) {
      place = {below};
    } else {
      ++place.positional;
    }
  }
  return place;
}

void add_kind(Completion& out, const std::string& type, const NamesOf& names) {
  for (const std::string& kind : split(type, '|')) {
    const bool is_word =
        !kind.empty() && std::none_of(kind.begin(), kind.end(), [](char c) { return c >= 'A' && c <= 'Z'; });
    if (kind == "DIR" || kind == "FILE" || kind == "FILE.toml" || kind == "REPOSITORY") out.files = true;
    if (is_word) out.candidates.push_back({kind, {}});
    if (is_word || !names) continue;
    for (Candidate& one : names(kind)) out.candidates.push_back(std::move(one));
  }
}

void add_options(Completion& out, const CLI::App& command) {
  for (const OptionFacts& option : options_of(command)) {
    for (const std::string& name : option.names) {
      if (name.starts_with("--")) out.candidates.push_back({name, option.about});
    }
  }
}

void add_commands_or_positional(Completion& out, const Place& place, const NamesOf& names) {
  for (const CLI::App* below : place.command->get_subcommands([](const CLI::App*) { return true; })) {
    if (!is_hidden(*below)) out.candidates.push_back({below->get_name(), below->get_description()});
  }
  std::size_t index = 0;
  for (const OptionFacts& option : options_of(*place.command)) {
    if (!option.positional) continue;
    if (index++ == place.positional || option.repeats)
      return add_kind(out, option.type.empty() ? option.names.front() : option.type, names);
  }
}

}  // namespace

Completion complete(const CLI::App& app, const std::vector<std::string>& words, const NamesOf& names) {
  Completion out;
  if (words.empty()) return out;
  std::vector<std::string> line = words;
  if (line.front() == "help") line.erase(line.begin());
  const std::string& written = words.back();
  const Place place = place_of(app, line);
  if (place.value_of != nullptr) {
    add_kind(out, place.value_of->get_type_name(), names);
  } else if (written.starts_with("-")) {
    add_options(out, *place.command);
  } else {
    add_commands_or_positional(out, place, names);
  }
  std::erase_if(out.candidates, [&](const Candidate& one) { return !one.word.starts_with(written); });
  return out;
}

}  // namespace kiln::cli
