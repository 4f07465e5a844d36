// `kiln man`: what help says, as manual pages and as a page of docs/.
#include "cli/man.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <memory>

#include "base/fs.h"
#include "base/strings.h"
#include "base/time_format.h"
#include "base/version.h"
#include "cli/commands.h"

namespace kiln::cli {
namespace {

// Options that every command has; said once.
bool is_of_all(const OptionFacts& option) {
  return option.names.front() == "--data-dir" || option.names.front() == "--account" ||
         option.names.front() == "--json" || option.names.front() == "--help";
}

std::string roff(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\\') {
      out += "\\e";
    } else if (c == '-') {
      out += "\\-";
    } else if (c == '\'' && out.empty()) {
      out += "\\&'";
    } else {
      out += c;
    }
  }
  return out.starts_with('.') ? "\\&" + out : out;
}

void add_options(std::string& page, const CommandFacts& command) {
  page += ".SH OPTIONS\n";
  for (const OptionFacts& option : command.options) {
    std::string words = option_words(option);
    page += fmt::format(".TP\n.B {}\n{}{}\n", roff(words), roff(option.about),
                        option.repeats ? " (may be repeated)" : "");
  }
}

void add_commands_below(std::string& page, const CommandFacts& command) {
  page += ".SH COMMANDS\n";
  for (const CommandFacts& below : command.below)
    page += fmt::format(".TP\n.BR {} (1)\n{}\n", roff(page_name(below)), roff(below.about));
}

// Of docs/commands.md.
void add_reference(std::string& page, const CommandFacts& command) {
  if (!command.below.empty()) {
    page += fmt::format("\n## {}\n{}.\n", command.path, command.about);
    for (const CommandFacts& below : command.below) add_reference(page, below);
    return;
  }
  const bool is_first = std::count(command.path.begin(), command.path.end(), ' ') == 1;
  page += fmt::format("\n{} {}\n{}.\n\n```\n{}\n```\n", is_first ? "##" : "###", command.path, command.about,
                      usage_of(command));
  std::string rows;
  const auto cell = [](std::string text) {
    for (std::size_t at = 0; (at = text.find('|', at)) != std::string::npos; at += 2) text.insert(at, "\\");
    return text;
  };
  for (const OptionFacts& option : command.options) {
    if (is_of_all(option)) continue;
    rows += fmt::format("| `{}` | {} |\n", cell(option_words(option)), cell(option.about));
  }
  if (!rows.empty()) page += "\n| | |\n| --- | --- |\n" + rows;
  if (command.examples.empty()) return;
  page += "\n```sh\n";
  for (const std::string& example : command.examples) page += example + "\n";
  page += "```\n";
}

const CommandFacts* command_at(const CommandFacts& kiln, const std::vector<std::string>& words) {
  const CommandFacts* at = &kiln;
  for (const std::string& word : words) {
    const auto found = std::find_if(at->below.begin(), at->below.end(), [&](const CommandFacts& below) {
      return below.path == at->path + " " + word;
    });
    if (found == at->below.end()) return nullptr;
    at = &*found;
  }
  return at;
}

// SOURCE_DATE_EPOCH, for packages that are made the same again; else nothing.
std::string date_of_page() {
  const char* seconds = std::getenv("SOURCE_DATE_EPOCH");
  if (seconds == nullptr) return {};
  constexpr std::size_t kDay = 10;
  return format_rfc3339(std::strtoll(seconds, nullptr, 10) * 1'000).substr(0, kDay);
}

Status write_pages(const CommandFacts& command, const std::filesystem::path& folder) {
  const Status written =
      write_file_durably(folder / (page_name(command) + ".1"), manual_page(command, date_of_page()), 0644);
  if (!written) return written;
  for (const CommandFacts& below : command.below) {
    if (const Status done = write_pages(below, folder); !done) return done;
  }
  return {};
}

struct ManOptions {
  std::vector<std::string> command;
  std::string dir;
  bool markdown = false;
};

Status man(Context& context, const CLI::App& app, const ManOptions& options) {
  const CommandFacts kiln = facts_of(app);
  if (options.markdown) {
    context.out << reference_page(kiln);
    return {};
  }
  if (!options.dir.empty()) return write_pages(kiln, options.dir);
  const CommandFacts* command = command_at(kiln, options.command);
  if (command == nullptr) return fail(Errc::not_found, "there is no such command; kiln --help lists them");
  context.out << manual_page(*command, date_of_page());
  return {};
}

}  // namespace

std::string page_name(const CommandFacts& command) {
  std::string name = command.path;
  std::replace(name.begin(), name.end(), ' ', '-');
  return name;
}

std::string manual_page(const CommandFacts& command, const std::string& date) {
  const bool is_whole = command.path == "kiln";
  std::string name = page_name(command);
  std::string title = name;
  std::transform(title.begin(), title.end(), title.begin(), [](unsigned char c) { return std::toupper(c); });
  std::string page = fmt::format(
      ".TH {} 1 \"{}\" \"kiln {}\" \"User Commands\"\n.SH NAME\n{} \\- {}\n", title, date, kVersion,
      roff(name), is_whole ? "self\\-hosted builds and serving of Workers" : roff(command.about));
  page += fmt::format(".SH SYNOPSIS\n.B {}\n", roff(usage_of(command)));
  if (is_whole) page += fmt::format(".SH DESCRIPTION\n{}\n", roff(command.about));
  if (!command.below.empty()) add_commands_below(page, command);
  add_options(page, command);
  if (!command.examples.empty()) {
    page += ".SH EXAMPLES\n.nf\n";
    for (const std::string& example : command.examples) page += roff(example) + "\n";
    page += ".fi\n";
  }
  page +=
      ".SH EXIT STATUS\n.TP\n.B 0\nDone.\n.TP\n.B 1\nThe request was refused, no server runs, or the build "
      "that was "
      "followed did not succeed.\n.TP\n.B 2\nWrong usage.\n.TP\n.B 3\nStandard output could not be "
      "written.\n";
  page += is_whole ? ".SH SEE ALSO\nThe pages in /usr/share/doc/kiln.\n" : ".SH SEE ALSO\n.BR kiln (1)\n";
  return page;
}

std::string reference_page(const CommandFacts& kiln) {
  std::string page =
      "# Commands\n\n<!-- Written by `kiln man --markdown`; tests/test_cli_help.py holds it against the "
      "program. "
      "-->\nEvery command of `kiln`, as its help has it. [The command line](cli.md) says what they have in "
      "common, and "
      "more of some.\n\n| with every command | |\n| --- | --- |\n";
  for (const OptionFacts& option : kiln.options) {
    if (is_of_all(option)) page += fmt::format("| `{}` | {} |\n", option_words(option), option.about);
  }
  for (const CommandFacts& below : kiln.below) add_reference(page, below);
  return page;
}

void add_man(CLI::App& app, Context& context) {
  CLI::App* command = app.add_subcommand("man", "Print a command's manual page");
  const auto options = std::make_shared<ManOptions>();
  command->add_option("COMMAND", options->command, "The command; kiln itself when it is left out");
  command->add_option("--dir", options->dir, "Write the pages of all commands into this folder")
      ->type_name("DIR");
  command->add_flag("--markdown", options->markdown, "Print the reference of all commands, as docs/ has it");
  finish_command(*command, context, [&context, &app, options] { return man(context, app, *options); });
}

}  // namespace kiln::cli
