#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include <algorithm>
#include <system_error>

#include "base/clock.h"
#include "model/runtime_date.h"
#include "runner/doctor/doctor.h"
#include "runner/tools/version.h"
#include "settings/config.h"

namespace kiln::runner {
namespace {

namespace fs = std::filesystem;

struct Program {
  const char* name;
  const char* means;
  const char* without;
  bool essential;
};

constexpr Program kPrograms[] = {
    {"git", "fetches repositories", "no build can run", true},
    {"tar", "packs build caches", "builds run without caches", false},
    {"zstd", "packs build caches", "builds run without caches", false},
    {"curl", "reports pushes from a plain repository's hook",
     "plain repositories on this machine cannot report pushes", false},
};

Row program(const Program& wanted, Processes& processes) {
  Row row{.name = wanted.name, .means = wanted.means, .essential = wanted.essential};
  row.found = first_line_of(processes, {wanted.name, "--version"});
  if (!row.found.empty()) return row;
  row.health = Health::missing;
  row.found = "not installed";
  row.means = wanted.without;
  row.todo = fmt::format("install the package {}", wanted.name);
  return row;
}

Row node(const fs::path& tools) {
  Row row{
      .name = "node", .means = "other versions are fetched when a build asks for them", .essential = true};
  std::vector<Version> versions;
  std::error_code error;
  for (fs::directory_iterator entry(tools / "node", error), end; !error && entry != end;
       entry.increment(error)) {
    if (entry->is_symlink(error)) continue;
    if (const auto version = Version::parse(entry->path().filename().string())) versions.push_back(*version);
  }
  std::sort(versions.begin(), versions.end());
  std::vector<std::string> words;
  words.reserve(versions.size());
  for (const Version& version : versions) words.push_back(version.str());
  const fs::path chosen = tools / "node" / "default";
  if (access((chosen / "bin" / "node").c_str(), X_OK) == 0) {
    const fs::path target = fs::read_symlink(chosen, error).filename();
    row.found = fmt::format("{} in {}{}", fmt::join(words, ", "), (tools / "node").string(),
                            target.empty() ? "" : fmt::format(", by default {}", target.string()));
    return row;
  }
  row.health = Health::missing;
  row.found = fmt::format("no {}/bin/node", chosen.string());
  row.means = "no build can run: the default Node runs npm, which fetches every other tool";
  row.todo =
      "install the package kiln-tools, or run `make setup` in Kiln's sources, or point runner.tools_dir of "
      "the "
      "settings at a folder with node/default";
  return row;
}

Row python(Processes& processes) {
  Row row{.name = "python", .means = "Python projects get virtual environments of their own"};
  row.found = first_line_of(processes, {"/usr/bin/python3", "-m", "ensurepip", "--version"});
  if (!row.found.empty()) return row;
  row.health = Health::limited;
  row.found = "no Python that makes virtual environments";
  row.means = "builds of Python projects fail, and no build has pip";
  row.todo = "install the package python3-venv";
  return row;
}

constexpr const char* kRenew = "`tools/setup.sh renew` in Kiln's sources brings the newest one";
constexpr int kOldDays = 45;

Row workerd(const Options& options, Processes& processes) {
  const fs::path program = settings::workerd_to_start(options.workerd, options.tools);
  Row row{.name = "workerd"};
  row.found = first_line_of(processes, {program.string(), "--version"});
  if (row.found.empty()) {
    row.health = Health::limited;
    row.found = fmt::format("{} does not run", program.string());
    row.means = "builds run; deploying to this server's own Workers is refused";
    row.todo =
        "install the package kiln-tools, or run `make setup` in Kiln's sources, or name one in "
        "workers.workerd of the settings";
    return row;
  }
  const std::string date = model::runtime_date(row.found);
  const int days = model::days_since(date, SystemClock().now());
  if (!date.empty()) row.found += fmt::format(", {} day{} old", days, days == 1 ? "" : "s");
  row.means = fmt::format(
      "runs and checks the Workers that builds upload, those with a later compatibility date than it knows "
      "as of the newest that it does; {}",
      options.workerd.empty() ? kRenew : "workers.workerd of the settings names it");
  if (days <= kOldDays) return row;
  row.health = Health::limited;
  row.todo = options.workerd.empty() ? kRenew : "put a newer one there";
  return row;
}

}  // namespace

void examine_tools(const Options& options, Processes& processes, std::vector<Row>& rows) {
  for (const Program& wanted : kPrograms) rows.push_back(program(wanted, processes));
  rows.push_back(node(options.tools));
  rows.push_back(python(processes));
  rows.push_back(workerd(options, processes));
}

}  // namespace kiln::runner
