// `kiln completion`: the few lines by which a shell asks `kiln complete` what fits, and that answer.
#include <fmt/format.h>

#include <boost/json/array.hpp>
#include <memory>

#include "cli/choice.h"
#include "cli/commands.h"
#include "cli/complete.h"
#include "cli/server.h"
#include "cli/triggers_meant.h"

namespace kiln::cli {
namespace {

namespace json = boost::json;

constexpr const char* kBash = R"(# Tab for kiln in bash; written by: kiln completion bash
_kiln() {
  local IFS=$'\n' line
  local current=${COMP_WORDS[COMP_CWORD]}
  COMPREPLY=()
  while read -r line; do
    if [[ $line == :files ]]; then
      compopt -o filenames
      COMPREPLY+=($(compgen -f -- "$current"))
    elif [[ -n $line ]]; then
      COMPREPLY+=("${line%%$'\t'*}")
    fi
  done < <("${COMP_WORDS[0]}" complete -- "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
}
complete -F _kiln kiln
)";

constexpr const char* kZsh = R"(#compdef kiln
# Tab for kiln in zsh; written by: kiln completion zsh
_kiln() {
  local line files=0
  local -a described
  for line in "${(@f)$("${words[1]}" complete -- "${(@)words[2,CURRENT]}" 2>/dev/null)}"; do
    if [[ $line == :files ]]; then
      files=1
    elif [[ -n $line ]]; then
      described+=("${${line%%$'\t'*}//:/\\:}:${line#*$'\t'}")
    fi
  done
  (( ${#described} )) && _describe -t kiln kiln described
  (( files )) && _files
}
if [[ ${funcstack[1]} == _kiln ]]; then _kiln "$@"; else compdef _kiln kiln; fi
)";

constexpr const char* kFish = R"(# Tab for kiln in fish; written by: kiln completion fish
function __kiln_complete
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    for line in (command $words[1] complete -- $words[2..-1] "$current" 2>/dev/null)
        if test "$line" = :files
            __fish_complete_path "$current"
        else
            echo $line
        end
    end
end
complete -c kiln -f -a '(__kiln_complete)'
)";

// Commas and the like of an id's row: "shop main fail".
std::vector<Candidate> builds_known(Server& server) {
  std::vector<Candidate> found;
  const Result<json::value> newest = server.get(server.builds_path() + "/builds/list?limit=20");
  if (!newest) return found;
  for (const json::value& build : list_at(*newest, "builds")) {
    found.push_back({headline(text_at(build, "build_uuid"), 36),
                     fmt::format("{} {} {}", headline(text_at(build, "worker_name"), 63),
                                 headline(text_at(build, "branch"), 40), state_of(build).text)});
  }
  return found;
}

std::vector<Candidate> workers_known(Server& server) {
  std::vector<Candidate> found;
  const Result<json::value> all = server.get(server.scripts_path());
  if (!all || !all->is_array()) return found;
  for (const json::value& one : all->get_array())
    found.push_back({headline(text_at(one, "id"), 63), "Worker"});
  return found;
}

std::vector<Candidate> triggers_known(Server& server) {
  std::vector<Candidate> found;
  const Result<json::array> all = all_triggers(server);
  if (!all) return found;
  for (const json::value& one : *all)
    found.push_back({headline(text_at(one, "trigger_uuid"), 36), trigger_words(one)});
  return found;
}

std::vector<Candidate> names_known(Context& context, const std::string& kind) {
  if (kind != "WORKER" && kind != "BUILD" && kind != "TRIGGER") return {};
  Result<Server> server = Server::find(context);
  if (!server) return {};
  if (kind == "BUILD") return builds_known(*server);
  return kind == "WORKER" ? workers_known(*server) : triggers_known(*server);
}

// Of a line that is still written: what says which server, and which account there.
void take_place(Context& context, const std::vector<std::string>& words) {
  for (std::size_t i = 0; i + 2 < words.size(); ++i) {
    if (words[i] == "--data-dir") context.data_dir = words[i + 1];
    if (words[i] == "--account") context.account = words[i + 1];
  }
}

}  // namespace

void answer_completion(Context& context, const CLI::App& app, const std::vector<std::string>& words) {
  take_place(context, words);
  settle_place(context);
  const Completion found =
      complete(app, words, [&context](const std::string& kind) { return names_known(context, kind); });
  for (const auto& [word, about] : found.candidates)
    context.out << word << (about.empty() ? "" : "\t" + safe_line(about, false)) << '\n';
  if (found.files) context.out << ":files\n";
}

void add_completion(CLI::App& app, Context& context) {
  CLI::App* command = app.add_subcommand("completion", "Print what makes Tab complete commands in a shell");
  const auto shell = std::make_shared<std::string>();
  CLI::Option* which = command->add_option("SHELL", *shell, "bash, zsh or fish");
  which->required();
  take_one_of(which, {"bash", "zsh", "fish"});
  finish_command(*command, context, [&context, shell] {
    context.out << (*shell == "bash" ? kBash : *shell == "zsh" ? kZsh : kFish);
    return Status();
  });
}

}  // namespace kiln::cli
