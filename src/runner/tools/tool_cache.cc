#include "runner/tools/tool_cache.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <system_error>

#include "base/fs.h"
#include "base/log.h"
#include "base/strings.h"
#include "runner/tools/place.h"
#include "runner/tools/recipes.h"
#include "runner/tools/shims.h"

namespace kiln::runner {
namespace {

namespace fs = std::filesystem;

constexpr int kHoldAttempts = 3;
constexpr std::int64_t kReleasesGoodForMs = 60'000;
constexpr std::size_t kPackageJsonBytes = 1U << 20U;

std::string listed(std::vector<Version> versions) {
  std::sort(versions.begin(), versions.end());
  std::string text;
  for (const Version& version : versions) text += (text.empty() ? "" : ", ") + version.str();
  return text.empty() ? "none" : text;
}

// The newest of the nearest releases, not hundreds of them.
std::string newest(std::vector<Version> versions) {
  std::sort(versions.begin(), versions.end());
  if (versions.size() > 10) versions.erase(versions.begin(), versions.end() - 10);
  return listed(std::move(versions));
}

std::string asked(const std::string& kind, const Wish& wish) {
  return fmt::format("{} \"{}\", asked for by {},", kind, wish.text, wish.origin);
}

// "1", "^1.22", "v1.22.22", ">=1 <2": yarn's classic line, which is another package than the later ones.
bool asks_for_first_major(std::string_view text) {
  const std::size_t first = text.find_first_of("0123456789");
  if (first == text.npos || text[first] != '1') return false;
  return first + 1 == text.size() || text.substr(first + 1, 1).find_first_of("0123456789") == text.npos;
}

std::string package_version(const fs::path& package) {
  const Result<std::string> text = read_file(package / "package.json", kPackageJsonBytes);
  if (!text) return {};
  boost::system::error_code error;
  const boost::json::value document = boost::json::parse(*text, error);
  if (error || !document.is_object()) return {};
  const boost::json::value* version = document.get_object().if_contains("version");
  return version != nullptr && version->is_string() ? std::string(version->get_string()) : std::string();
}

}  // namespace

struct ToolCache::Recipe : ToolRecipe {
  bool node = false;  // the recipe depends on the version
};

ToolCache::ToolCache(Processes& processes, const Clock& clock, fs::path root,
                     std::map<std::string, std::string> environment, std::uint64_t most_bytes)
    : processes_(processes),
      clock_(clock),
      root_(std::move(root)),
      npm_(processes, root_ / "node" / "default", root_ / kNpmCache, std::move(environment)),
      shelf_(clock, root_, most_bytes),
      lines_(clock, npm_, root_) {}

// Two runners may share the folder: the name of what is being made ends with its maker's process id.
void ToolCache::sweep() {
  std::error_code error;
  for (fs::directory_iterator entry(root_, error), end; !error && entry != end; entry.increment(error)) {
    const std::string name = entry->path().filename().string();
    if (!name.starts_with(kMaking)) continue;
    const int maker = std::atoi(name.c_str() + name.rfind('-') + 1);
    if (maker > 0 && (kill(maker, 0) == 0 || errno == EPERM) && maker != getpid()) continue;
    if (const Status removed = remove_tree(entry->path()); !removed)
      log::warn("half a tool stays behind reason={}", log::quoted(removed.error().message));
  }
  if (const Status made = make_shims(root_); !made) {
    log::warn("builds have no package managers but those that their projects name reason={}",
              log::quoted(made.error().message));
  }
  shelf_.keep_within_bound();
}

std::vector<Version> ToolCache::installed(const std::string& kind) const {
  std::vector<Version> versions;
  std::error_code error;
  for (fs::directory_iterator entry(root_ / kind, error), end; !error && entry != end;
       entry.increment(error)) {
    std::error_code ignored;
    if (entry->is_symlink(ignored) || !fs::is_directory(entry->path() / "bin", ignored)) continue;
    if (const auto version = Version::parse(entry->path().filename().string())) versions.push_back(*version);
  }
  return versions;
}

Result<Tool> ToolCache::node_in(const std::string& version) {
  Tool tool;
  tool.folder = "node/" + version;
  tool.version = version;
  tool.npm_version = package_version(root_ / "node" / version / "lib" / "node_modules" / "npm");
  tool.in_use = shelf_.hold(tool.folder);
  return tool;
}

Result<Tool> ToolCache::default_node() {
  std::error_code error;
  const fs::path target = fs::read_symlink(root_ / "node" / "default", error);
  const std::string version = target.filename().string();
  if (error || !fs::exists(root_ / "node" / version / "bin" / "node", error)) {
    return fail(
        Errc::not_found,
        fmt::format("this runner has no default Node ({} is not there); run tools/setup.sh on its machine",
                    (root_ / "node" / "default").string()));
  }
  return node_in(version);
}

Result<Tool> ToolCache::node(const Wish& wish) {
  if (!wish.given()) return default_node();
  if (wish.is_limit) {
    const std::optional<VersionRange> range = VersionRange::parse(wish.text);
    Result<Tool> usual = default_node();
    const std::optional<Version> version = usual ? Version::parse(usual->version) : std::nullopt;
    if (range && version && range->contains(*version)) return usual;
  }
  Recipe recipe;
  static_cast<ToolRecipe&>(recipe) = node_recipe({});
  recipe.node = true;
  Result<Tool> tool = provide(recipe, wish);
  if (tool) tool->npm_version = package_version(root_ / tool->folder / "lib" / "node_modules" / "npm");
  return tool;
}

Result<Tool> ToolCache::manager(PackageManager manager, const Wish& wish) {
  Recipe recipe;
  static_cast<ToolRecipe&>(recipe) = manager_recipe(manager, !asks_for_first_major(wish.text));
  return provide(recipe, wish);
}

// Only Node has words for lines of releases that nobody can tell from their numbers.
Result<VersionRange> ToolCache::range_of(const Recipe& recipe, const Wish& wish) {
  if (recipe.node && is_lts_word(wish.text)) {
    const std::lock_guard lock(fetching_);
    Result<VersionRange> line = lines_.lts(wish.text);
    if (!line) return fail(line.error().code, asked(recipe.kind, wish) + " " + line.error().message);
    return line;
  }
  std::optional<VersionRange> range = VersionRange::parse(wish.text);
  if (range && is_newest_word(wish.text)) {
    // Not just the newest of those that happen to be here; unless nobody can tell.
    const std::lock_guard lock(fetching_);
    if (const auto newest = range->best_of(released(recipe.package).value_or(std::vector<Version>())))
      range = VersionRange::parse(newest->str());
  }
  if (range) return std::move(*range);
  return fail(Errc::invalid,
              fmt::format("{} is not a version this runner understands; write it like 22, 22.11.0 or "
                          ">=20 <23{}",
                          asked(recipe.kind, wish), recipe.node ? ", or lts/*" : ""));
}

// Under fetching_.
Result<std::vector<Version>> ToolCache::released(const std::string& package) {
  Releases& known = releases_[package];
  const std::int64_t now = clock_.monotonic_ms();
  if (!known.versions.empty() && now - known.asked_ms < kReleasesGoodForMs) return known.versions;
  Result<std::vector<Version>> versions = npm_.versions(package);
  if (versions) known = {*versions, now};
  return versions;
}

Result<Tool> ToolCache::provide(const Recipe& recipe, const Wish& wish) {
  const Result<VersionRange> range = range_of(recipe, wish);
  if (!range) return tl::unexpected<Error>(range.error());
  // Once more when it was removed between our look and our hold.
  for (int attempt = 0; attempt < kHoldAttempts; ++attempt) {
    const Result<Version> version = choose(recipe, wish, *range);
    if (!version) return tl::unexpected<Error>(version.error());
    const std::string folder = fmt::format("{}/{}", recipe.kind, version->str());
    if (std::shared_ptr<const Fd> held = shelf_.hold(folder)) {
      return Tool{folder, version->str(), {}, std::move(held)};
    }
  }
  return fail(Errc::unavailable, fmt::format("{} is removed from this runner as often as it is fetched: "
                                             "raise runner.tools_size or free disk space",
                                             asked(recipe.kind, wish)));
}

Result<Version> ToolCache::choose(const Recipe& recipe, const Wish& wish, const VersionRange& range) {
  const std::vector<Version> here = installed(recipe.kind);
  if (const auto found = range.best_of(here)) return *found;
  const std::lock_guard lock(fetching_);
  if (const auto found = range.best_of(installed(recipe.kind))) return *found;
  const Result<std::vector<Version>> all = released(recipe.package);
  if (!all) {
    return fail(Errc::unavailable,
                fmt::format("{} is not on this runner (there: {}) and the npm registry did not help: {}",
                            asked(recipe.kind, wish), listed(here), all.error().message));
  }
  const std::optional<Version> chosen = range.best_of(*all);
  if (!chosen) {
    return fail(Errc::not_found,
                fmt::format("{} is not a released version; on this runner: {}; newest releases: {}",
                            asked(recipe.kind, wish), listed(here), newest(*all)));
  }
  if (Status fetched = fetch(recipe, *chosen); !fetched)
    return context(fetched.error(), asked(recipe.kind, wish));
  // Held meanwhile, or the bound could take what was just fetched.
  const std::shared_ptr<const Fd> held = shelf_.hold(fmt::format("{}/{}", recipe.kind, chosen->str()));
  shelf_.keep_within_bound();
  return *chosen;
}

// Everything is made beside its place and renamed, so that a build never sees half a tool.
Status ToolCache::fetch(const Recipe& recipe, const Version& version) {
  const std::shared_ptr<const Fd> downloads = shelf_.hold_downloads();
  const fs::path kind_folder = root_ / recipe.kind;
  const fs::path making = root_ / fmt::format("{}{}-{}-{}", kMaking, recipe.kind, version.str(), getpid());
  const ToolRecipe exact = recipe.node ? node_recipe(version) : static_cast<const ToolRecipe&>(recipe);
  std::vector<std::string> packages = exact.companions;
  packages.push_back(fmt::format("{}@{}", exact.package, version.str()));
  if (Status made = make_directory(making / "lib", 0755); !made) return made;
  if (Status made = make_directory(root_ / kNpmCache, 0700); !made) return made;
  Status done = npm_.install(making / "lib", packages);
  if (done) done = link_programs(making, exact.links);
  if (done) done = make_readable(making);
  if (done) done = make_directory(kind_folder, 0755);
  if (done) done = move_into_place(making, kind_folder / version.str());
  Status swept = remove_tree(making);
  if (!done) return done;
  return swept;
}

// What the system's program says about itself; nothing when it is not there.
std::optional<Version> ToolCache::of_the_system(const std::string& name) const {
  ProcessSpec spec;
  spec.argv = name == "python" ? std::vector<std::string>{"python3", "--version"}
              : name == "uv" || name == "pipenv" || name == "ruby"
                  ? std::vector<std::string>{name, "--version"}
                  : std::vector<std::string>{name, "version"};
  spec.environment = {"PATH=/usr/local/bin:/usr/bin:/bin", "LANG=C.UTF-8"};
  spec.timeout_ms = 10'000;
  const Result<ProcessEnd> end = processes_.run(spec);
  return end && end->ok() ? first_version(end->out) : std::nullopt;
}

Result<Tool> ToolCache::system(const std::string& name, const Wish& wish) {
  const std::optional<VersionRange> range = VersionRange::parse(wish.text);
  if (!range) {
    return fail(Errc::invalid,
                fmt::format("{} is not a version this runner understands; write it like 3.13 or "
                            "3.13.3",
                            asked(name, wish)));
  }
  const std::vector<Version> here = installed(name);
  if (const std::optional<Version> found = range->best_of(here))
    return Tool{fmt::format("{}/{}", name, found->str()), found->str(), {}, {}};
  const std::optional<Version> version = of_the_system(name);
  if (version && range->contains(*version)) return Tool{{}, version->str(), {}, {}};
  return fail(
      Errc::not_found,
      fmt::format("{} is not on this runner (the system's: {}; in {}: {}); install it, or put it into that "
                  "folder as VERSION/bin",
                  asked(name, wish), version ? version->str() : "none", (root_ / name).string(),
                  listed(here)));
}

}  // namespace kiln::runner
