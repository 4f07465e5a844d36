#include "model/failure_words.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <vector>

#include "base/printable.h"
#include "base/strings.h"
#include "model/log_search.h"

namespace kiln::model {
namespace {

constexpr std::size_t kLongestClause = 200;

using Lines = std::vector<std::string>;

bool holds(std::string_view line, std::string_view part) {
  return line.find(part) != line.npos;
}

// What stands in `line` behind `before`, up to `end`; nothing when either is missing.
std::optional<std::string> between(std::string_view line, std::string_view before, std::string_view end) {
  const std::size_t at = line.find(before);
  if (at == line.npos) return std::nullopt;
  line.remove_prefix(at + before.size());
  const std::size_t stop = end.empty() ? line.size() : line.find(end);
  if (stop == line.npos || stop == 0) return std::nullopt;
  return std::string(trim(line.substr(0, stop)));
}

// A line that says one thing, whoever wrote it.
struct Saying {
  std::string_view part;
  std::string_view clause;
};
constexpr std::array kSayings = {
    Saying{"can only install packages when your package.json and", "lock file out of step with package.json"},
    Saying{"ERR_PNPM_OUTDATED_LOCKFILE", "lock file out of step with package.json"},
    Saying{"The lockfile would have been modified by this install",
           "lock file out of step with package.json"},
    Saying{"lockfile needs to be updated", "lock file out of step with package.json"},
    Saying{"lockfile had changes, but lockfile is frozen", "lock file out of step with package.json"},
    Saying{"JavaScript heap out of memory", "Node ran out of memory"},
    Saying{"No space left on device", "the disk is full"},
    Saying{"ENOSPC", "the disk is full"},
    Saying{"code ERESOLVE", "the dependencies contradict each other (ERESOLVE)"},
    Saying{"code EBADENGINE", "the project wants another version of Node or of its package manager"},
    Saying{"code ENOTFOUND", "the package registry could not be reached"},
    Saying{"code EAI_AGAIN", "the package registry could not be reached"},
    Saying{"code ECONNREFUSED", "the package registry could not be reached"},
    Saying{"code EINTEGRITY", "a package is not what the lock file says (EINTEGRITY)"},
};

std::optional<std::string> by_saying(const Lines& lines) {
  for (const Saying& saying : kSayings) {
    for (const std::string& line : lines) {
      if (holds(line, saying.part)) return std::string(saying.clause);
    }
  }
  return std::nullopt;
}

// A line that names what is missing.
struct Naming {
  std::string_view before;
  std::string_view end;
  const char* clause;  // {}: the name
};
constexpr std::array kNamings = {
    Naming{"Missing script: \"", "\"", "package.json has no script \"{}\""},
    Naming{"Couldn't find a script named \"", "\"", "package.json has no script \"{}\""},
    Naming{"Script not found \"", "\"", "package.json has no script \"{}\""},
    Naming{"No matching version found for ", ".", "the registry has no version of {}"},
    Naming{"404  '", "' is not in", "the registry has no {}"},
    Naming{"Cannot find module '", "'", "module {} is not found"},
    Naming{"Can't resolve '", "'", "module {} is not found"},
    Naming{"Could not resolve \"", "\"", "module {} is not found"},
    Naming{"failed to resolve import \"", "\"", "module {} is not found"},
    Naming{"No module named '", "'", "Python module {} is not found"},
};

std::optional<std::string> by_naming(const Lines& lines) {
  for (const Naming& naming : kNamings) {
    for (const std::string& line : lines) {
      if (const auto name = between(line, naming.before, naming.end))
        return fmt::format(fmt::runtime(naming.clause), *name);
    }
  }
  return std::nullopt;
}

// "sh: 1: vite: not found", "bash: line 1: vite: command not found".
std::optional<std::string> by_shell(const Lines& lines) {
  for (const std::string& line : lines) {
    for (const std::string_view end : {": command not found", ": not found"}) {
      if (!line.ends_with(end)) continue;
      const std::string_view rest = std::string_view(line).substr(0, line.size() - end.size());
      const std::size_t colon = rest.rfind(": ");
      const std::string_view name = colon == rest.npos ? rest : rest.substr(colon + 2);
      if (!name.empty() && !holds(name, " ")) return fmt::format("{} is not installed", name);
    }
  }
  return std::nullopt;
}

// "src/a.ts(3,5): error TS2304: …" and "src/a.ts:3:5 - error TS2304: …".
std::optional<std::string> by_compiler(const Lines& lines) {
  for (const std::string& line : lines) {
    const std::size_t at = line.find("error TS");
    if (at == line.npos) continue;
    return std::string(trim(line));
  }
  return std::nullopt;
}

// "✘ [ERROR] …" of wrangler and esbuild.
std::optional<std::string> by_bundler(const Lines& lines) {
  for (const std::string& line : lines) {
    if (auto text = between(line, "[ERROR] ", "")) return text;
  }
  return std::nullopt;
}

bool is_exception(std::string_view line) {
  const std::size_t colon = line.find(": ");
  if (colon == line.npos) return false;
  const std::string_view name = line.substr(0, colon);
  return name.ends_with("Error") && !holds(name, " ");
}

std::optional<std::string> by_exception(const Lines& lines) {
  for (const std::string& line : lines) {
    const std::string_view text = trim(line);
    const std::string_view uncaught = "Uncaught ";
    const std::string_view words = text.starts_with(uncaught) ? text.substr(uncaught.size()) : text;
    if (is_exception(words)) return std::string(words);
  }
  return std::nullopt;
}

std::optional<std::string> by_error_line(const Lines& lines) {
  for (const std::string& line : lines) {
    std::string_view text = trim(line);
    for (const std::string_view lead :
         {"npm error ", "npm ERR! ", "error: ", "ERROR: ", "ERROR ", "fatal: "}) {
      if (!text.starts_with(lead)) continue;
      text.remove_prefix(lead.size());
      const bool about = text.starts_with("code ") || text.starts_with("path ") ||
                         text.starts_with("errno ") || text.starts_with("command ") ||
                         text.starts_with("A complete log");
      if (!about && !trim(text).empty()) return std::string(trim(text));
      break;
    }
  }
  return std::nullopt;
}

}  // namespace

std::string why_it_failed(std::string_view output) {
  Lines lines;
  for (const std::string& line : split(output, '\n')) lines.push_back(without_colours(line));
  using Reader = std::optional<std::string> (*)(const Lines&);
  for (const Reader reader : {Reader(by_saying), Reader(by_naming), Reader(by_shell), Reader(by_compiler),
                              Reader(by_bundler), Reader(by_exception), Reader(by_error_line)}) {
    if (const std::optional<std::string> clause = reader(lines)) return printable(*clause, kLongestClause);
  }
  return {};
}

bool looks_like_an_error(std::string_view line) {
  line = trim(line);
  for (const std::string_view lead :
       {"npm error", "npm ERR!", "error:", "error ", "Error:", "ERROR", "Failed:", "fatal:", "FATAL",
        "panic:", "ERR_", "Traceback (most recent call last)", "make: ***", "\xE2\x9C\x98 [ERROR]", "[ERROR]",
        "[error]"}) {
    if (line.starts_with(lead)) return true;
  }
  if (holds(line, "error TS") || holds(line, ": error:") || holds(line, ": error ") ||
      holds(line, "ELIFECYCLE") || line.ends_with(": command not found") || line.ends_with(": not found"))
    return true;
  return is_exception(line) || (line.starts_with("Uncaught ") && is_exception(line.substr(9)));
}

}  // namespace kiln::model
