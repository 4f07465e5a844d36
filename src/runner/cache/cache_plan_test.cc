#include "runner/cache/cache_plan.h"

#include <gtest/gtest.h>

namespace kiln::runner {
namespace {

using Folders = std::vector<std::string>;

ProjectNeeds npm() {
  ProjectNeeds needs;
  needs.has_package_json = true;
  return needs;
}

ProjectNeeds with_python(ProjectNeeds needs) {
  needs.python_project = PythonProject::requirements;
  return needs;
}

TEST(CachePlan, DependenciesByPackageManagerAndItsLine) {
  EXPECT_EQ(dependency_plan(npm(), "")->folders, Folders{".npm"});
  ProjectNeeds yarn = npm();
  yarn.manager = PackageManager::yarn;
  yarn.manager_version.text = "1";
  EXPECT_EQ(dependency_plan(yarn, "")->folders, Folders{".cache/yarn"});
  yarn.manager_version.text = "^4.9.1";
  const auto modern = dependency_plan(with_python(yarn), "");
  EXPECT_EQ(modern->kind, "dependencies-yarn4-pip");
  EXPECT_EQ(modern->folders, (Folders{".yarn/berry/cache", ".cache/pip"}));
  EXPECT_FALSE(dependency_plan({}, ""));
  EXPECT_EQ(dependency_plan(with_python({}), "")->kind, "dependencies-pip");
}

TEST(CachePlan, EqualLockFilesAreEqualContent) {
  EXPECT_EQ(dependency_plan(npm(), "a")->content, dependency_plan(npm(), "a")->content);
  EXPECT_NE(dependency_plan(npm(), "a")->content, dependency_plan(npm(), "b")->content);
  EXPECT_TRUE(dependency_plan(npm(), "")->content.empty());
}

TEST(CachePlan, BuildOutputByFrameworkTheOneOnTopFirst) {
  const auto plan = [](const std::string& text, const std::string& root = "") {
    return output_plan(npm(), text, root);
  };
  EXPECT_EQ(plan(R"({"dependencies": {"vite": "6", "astro": "5"}})")->folders,
            Folders{"node_modules/.astro"});
  EXPECT_EQ(plan(R"({"devDependencies": {"vite": "6"}})")->folders, Folders{"node_modules/.vite"});
  EXPECT_EQ(plan(R"({"dependencies": {"@docusaurus/core": "3"}})")->folders,
            (Folders{"node_modules/.cache", ".docusaurus", "build"}));
  EXPECT_FALSE(plan(R"({"dependencies": {"express": "5"}})"));
  EXPECT_FALSE(plan("{"));
  EXPECT_NE(plan(R"({"dependencies": {"next": "15"}})", "a")->kind,
            plan(R"({"dependencies": {"next": "15"}})", "b")->kind);
}

TEST(CachePlan, AKindIsAFileNameWhateverTheVersionWasWritten) {
  ProjectNeeds needs = npm();
  needs.node.text = "../../x y~z";
  needs.manager = PackageManager::pnpm;
  needs.manager_version.text = "../9";
  EXPECT_EQ(dependency_plan(needs, "")->kind, "dependencies-pnpm");
  EXPECT_EQ(output_plan(needs, R"({"dependencies": {"next": "15"}})", "")->kind.find_first_of("/~ "),
            std::string::npos);
}

}  // namespace
}  // namespace kiln::runner
