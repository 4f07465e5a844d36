#include "runner/cache/cache_plan.h"

#include <fmt/format.h>

#include <array>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include "base/hash.h"
#include "project/json_file.h"

namespace kiln::runner {
namespace {

namespace json = boost::json;

constexpr std::size_t kDigits = 32;

struct Framework {
  const char* package;
  const char* name;
  std::array<const char*, 3> folders;
};

// Those built on another one stand before it.
constexpr std::array<Framework, 8> kFrameworks = {{
    {"astro", "astro", {"node_modules/.astro"}},
    {"@docusaurus/core", "docusaurus", {"node_modules/.cache", ".docusaurus", "build"}},
    {"@11ty/eleventy", "eleventy", {".cache"}},
    {"gatsby", "gatsby", {".cache", "public"}},
    {"next", "next", {".next/cache"}},
    {"nuxt", "nuxt", {"node_modules/.cache/nuxt"}},
    {"@sveltejs/kit", "sveltekit", {"node_modules/.cache/imagetools"}},
    {"vite", "vite", {"node_modules/.vite"}},
}};

bool depends_on(const json::object& package_json, const char* package) {
  for (const char* list : {"dependencies", "devDependencies"}) {
    const json::value* found = package_json.if_contains(list);
    if (found != nullptr && found->is_object() && found->get_object().contains(package)) return true;
  }
  return false;
}

// "^10.2" → "10"; "lts/jod" → "ltsjod".
std::string line_of(const Wish& wish) {
  std::string line;
  for (const char c : std::string_view(wish.text).substr(0, wish.text.find('.'))) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (plain && line.size() < kDigits) line.push_back(c);
  }
  return line;
}

void add_manager(CachePlan& plan, const ProjectNeeds& needs) {
  const std::string line = line_of(needs.manager_version);
  switch (needs.manager) {
    case PackageManager::npm:
      plan.kind += "-npm";
      plan.folders = {".npm"};
      plan.excludes = {".npm/_logs", ".npm/_npx", ".npm/_update-notifier-last-checked"};
      return;
    case PackageManager::yarn:
      plan.kind += "-yarn" + line;
      plan.folders = {line == "1" ? ".cache/yarn" : ".yarn/berry/cache"};
      return;
    case PackageManager::pnpm:
      plan.kind += "-pnpm" + line;
      // In the home, or on the project's own mount where pnpm cannot link from the one to the other.
      plan.folders = {".local/share/pnpm/store", "repo/.pnpm-store"};
      return;
    case PackageManager::bun:
      plan.kind += "-bun" + line;
      plan.folders = {".bun/install/cache"};
      return;
  }
}

}  // namespace

std::optional<CachePlan> dependency_plan(const ProjectNeeds& needs, std::string_view locks) {
  const bool uses_python = needs.python_project != PythonProject::none;
  if (!needs.has_package_json && !uses_python) return std::nullopt;
  CachePlan plan;
  plan.kind = "dependencies";
  if (needs.has_package_json) add_manager(plan, needs);
  if (uses_python) {
    plan.kind += needs.python_project == PythonProject::uv ? "-uv" : "-pip";
    plan.folders.emplace_back(needs.python_project == PythonProject::uv ? ".cache/uv" : ".cache/pip");
  }
  if (!locks.empty()) plan.content = sha256_hex(locks).substr(0, kDigits);
  return plan;
}

std::optional<CachePlan> output_plan(const ProjectNeeds& needs, std::string_view package_json,
                                     std::string_view root) {
  const Result<json::object> document =
      project::parse_json_file("package.json", package_json, project::JsonForm::strict);
  if (!document) return std::nullopt;
  for (const Framework& framework : kFrameworks) {
    if (!depends_on(*document, framework.package)) continue;
    CachePlan plan;
    plan.kind = fmt::format("output-{}-node{}-{}", framework.name, line_of(needs.node),
                            sha256_hex(root).substr(0, kDigits / 2));
    for (const char* folder : framework.folders) {
      if (folder != nullptr) plan.folders.emplace_back(folder);
    }
    return plan;
  }
  return std::nullopt;
}

}  // namespace kiln::runner
