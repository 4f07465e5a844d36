#include "project/lock_packages.h"

#include <gtest/gtest.h>

namespace kiln::project {
namespace {

constexpr std::size_t kMost = 100;

std::vector<LockedPackage> read(std::string_view file, std::string_view text) {
  return locked_packages(file, text, kMost).packages;
}

using Found = std::vector<LockedPackage>;

TEST(LockPackages, OfNpmLeavesOutTheProjectAndItsWorkspaces) {
  EXPECT_EQ(read("package-lock.json", R"({"lockfileVersion":3,"packages":{
      "":{"name":"shop","version":"1.0.0"},
      "packages/own":{"version":"2.0.0"},
      "node_modules/own":{"resolved":"packages/own","link":true},
      "node_modules/b":{"version":"1.0.0","integrity":"sha1-AAAA sha512-BBBB?x"},
      "node_modules/b/node_modules/@s/a":{"version":"2.0.0","integrity":"sha512-CCCC"},
      "node_modules/old":{"name":"real","version":"3.0.0"},
      "node_modules/git":{"version":"4.0.0","resolved":"git+ssh://git@git.example.test/x.git#abc"},
      "node_modules/odd":{"version":7}}})"),
            (Found{{"@s/a", "2.0.0", "sha512-CCCC"}, {"b", "1.0.0", "sha512-BBBB"}, {"real", "3.0.0", ""}}));
}

TEST(LockPackages, OfNpmsFirstFormFollowsDependenciesOfDependencies) {
  EXPECT_EQ(read("npm-shrinkwrap.json", R"({"lockfileVersion":1,"dependencies":{
      "a":{"version":"1.0.0","integrity":"sha512-AA","dependencies":{"b":{"version":"2.0.0"}}},
      "c":{"version":"npm:d@4.0.0","integrity":"sha512-DD"},
      "git":{"version":"git+https://git.example.test/x.git#abc"}}})"),
            (Found{{"a", "1.0.0", "sha512-AA"}, {"b", "2.0.0", ""}, {"d", "4.0.0", "sha512-DD"}}));
}

TEST(LockPackages, OfPnpmReadsItsThreeForms) {
  EXPECT_EQ(
      read("pnpm-lock.yaml",
           "lockfileVersion: '9.0'\n\nimporters:\n\n  .:\n    dependencies:\n      x:\n\npackages:\n\n"
           "  '@s/a@2.0.0':\n    resolution: {integrity: sha512-AA}\n    engines: {node: '>=1'}\n\n"
           "  b@1.0.0:\n    resolution: {integrity: sha512-BB, tarball: file.tgz}\n\n"
           "  own@file:own:\n    resolution: {directory: own}\n\nsnapshots:\n\n  b@1.0.0: {}\n  q@1.0.0:\n"),
      (Found{{"@s/a", "2.0.0", "sha512-AA"}, {"b", "1.0.0", "sha512-BB"}}));
  EXPECT_EQ(read("pnpm-lock.yaml",
                 "packages:\r\n\r\n  /b@1.0.0(react@18.0.0):\r\n    resolution: {integrity: sha512-BB}\r\n"),
            (Found{{"b", "1.0.0", "sha512-BB"}}));
  EXPECT_EQ(read("pnpm-lock.yaml",
                 "packages:\n\n  /@s/a/2.0.0_react@18.0.0:\n    resolution:\n      integrity: sha512-AA\n"),
            (Found{{"@s/a", "2.0.0", "sha512-AA"}}));
  EXPECT_EQ(
      read("pnpm-lock.yaml", "packages:\n\n  /@s/a/2.0.0:\n    resolution:\n      integrity: sha512-AA\n"),
      (Found{{"@s/a", "2.0.0", "sha512-AA"}}));
}

TEST(LockPackages, OfPnpmsTwoDocumentsAreTheProjects) {
  EXPECT_EQ(
      read("pnpm-lock.yaml",
           "---\npackages:\n\n  pnpm@11.0.0:\n    resolution: {integrity: sha512-PP}\n---\npackages:\n\n"
           "  b@1.0.0:\n    resolution: {integrity: sha512-BB}\n"),
      (Found{{"b", "1.0.0", "sha512-BB"}}));
}

TEST(LockPackages, OfYarnAreThoseOfTheRegistryAlone) {
  EXPECT_EQ(
      read("yarn.lock",
           "\"@github/a@^1\":\n  version \"1.0.0\"\n\"b@git+https://git.example.test/b.git\":\n  version "
           "\"2.0.0\"\n\"c@https://files.example.test/c.tgz\":\n  version \"3.0.0\"\n"
           "\"d@patch:d@npm%3A^4#fix\":\n  version: 4.0.0\n"),
      (Found{{"@github/a", "1.0.0", ""}}));
}

TEST(LockPackages, OfYarnReadsBothForms) {
  EXPECT_EQ(read("yarn.lock",
                 "# yarn lockfile v1\n\n\"@s/a@^2.0.0\", \"@s/a@^2.1.0\":\n  version \"2.1.0\"\n  resolved "
                 "\"x\"\n  integrity sha512-AA\n  dependencies:\n    b \"^1\"\n\nb@^1:\n  version \"1.0.0\"\n"
                 "old@npm:real@^3:\n  version \"3.0.0\"\n"),
            (Found{{"@s/a", "2.1.0", "sha512-AA"}, {"b", "1.0.0", ""}, {"real", "3.0.0", ""}}));
  EXPECT_EQ(
      read("yarn.lock",
           "__metadata:\n  version: 8\n\n\"@s/a@npm:^2.0.0\":\n  version: 2.1.0\n  resolution: "
           "\"@s/a@npm:2.1.0\"\n  checksum: 10c0/aa\n\n\"shop@workspace:.\":\n  version: 0.0.0-use.local\n"),
      (Found{{"@s/a", "2.1.0", ""}}));
}

TEST(LockPackages, OfBunReadsItsText) {
  EXPECT_EQ(read("bun.lock", R"({"lockfileVersion": 1, "packages": {
      "@s/a": ["@s/a@2.0.0", "", {}, "sha512-AA"], // here
      "own": ["own@workspace:own"],
    },})"),
            (Found{{"@s/a", "2.0.0", "sha512-AA"}}));
}

TEST(LockPackages, KeepsNoMoreThanItMayAndSaysHowManyThereWere) {
  const LockedPackages found = locked_packages(
      "yarn.lock", "c@1:\n  version \"1\"\na@1:\n  version \"1\"\nb@1:\n  version \"1\"\n", 2);
  EXPECT_EQ(found.named, 3);
  ASSERT_EQ(found.packages.size(), 2U);
  EXPECT_EQ(found.packages[1].name, "b");
}

TEST(LockPackages, FindsNoneInWhatIsBroken) {
  for (const char* file : {"package-lock.json", "pnpm-lock.yaml", "yarn.lock", "bun.lock", "uv.lock"}) {
    EXPECT_TRUE(read(file, "").empty());
    EXPECT_TRUE(read(file, "[1]").empty());
    EXPECT_TRUE(read(file, "\xff\xfe{").empty());
  }
  EXPECT_TRUE(read("yarn.lock", "a@1:\n  version \"\x01\"\n").empty());
}

}  // namespace
}  // namespace kiln::project
