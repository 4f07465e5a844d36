#include "runner/steps/routes_check.h"

#include <gtest/gtest.h>

namespace kiln::runner {
namespace {

using Deploys = std::vector<WranglerDeploy>;

TEST(RoutesCheck, FindsWranglersDeploysInACommandLine) {
  for (const char* command :
       {"npx wrangler deploy", "wrangler deploy", "pnpm exec wrangler deploy --minify",
        "npx wrangler@4.60.0 deploy", "./node_modules/.bin/wrangler  deploy", "npx wrangler publish",
        "npm run check && npx wrangler deploy", "wrangler deploy index.js"})
    EXPECT_EQ(wrangler_deploys(command), (Deploys{{}})) << command;
  EXPECT_EQ(wrangler_deploys("npx wrangler deploy --env staging -c 'apps/a b.toml'"),
            (Deploys{{"apps/a b.toml", "staging"}}));
  EXPECT_EQ(wrangler_deploys("wrangler --config=x.json deploy -e prod; wrangler deploy"),
            (Deploys{{"x.json", "prod"}, {}}));
}

TEST(RoutesCheck, TakesNothingForADeployThatMayBeAnother) {
  for (const char* command :
       {"", "npm run deploy", "npx wrangler versions upload", "wrangler deploy --routes a.example/*",
        "wrangler deploy --route=a.example/*", "wrangler deploy --name other", "wrangler deploy --env $ENV",
        "wrangler deploy --dry-run", "sh -c `echo wrangler deploy`", "echo 'wrangler deploy",
        "npx wrangler pages deploy", "wrangler --cwd sub deploy"})
    EXPECT_TRUE(wrangler_deploys(command).empty()) << command;
}

}  // namespace
}  // namespace kiln::runner
