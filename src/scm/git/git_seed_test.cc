#include <gtest/gtest.h>

#include <fstream>

#include "scm/git/git.h"
#include "scm/git/repo_test.h"
#include "scm/git/seed.h"
#include "testing/known_names.h"
#include "testing/temp_dir.h"

namespace kiln::scm {
namespace {

class SeededBranch : public ::testing::Test {
 protected:
  SeededBranch() : git_(processes_, folder_.path() / "mirrors", *Reach::make({"127.0.0.1"}, names_)) {
    std::filesystem::create_directories(folder_.path() / "target");
    template_.write("README.md", "top");
    template_.write("hello/wrangler.json", R"({"name": "NAME", "again": "NAME"})");
    template_.write("hello/src/index.js", "code");
    template_.write("hello/run.sh", "#!/bin/sh\n");
    std::filesystem::permissions(template_.work() + "/hello/run.sh", std::filesystem::perms::owner_exec,
                                 std::filesystem::perm_options::add);
    std::filesystem::create_symlink("/etc/passwd", template_.work() + "/hello/link");
    template_.commit("Template");
    template_.push({"main"});
  }

  Seed seed(std::vector<SeedFile> files = {}) {
    return {{template_.bare(), {}}, "main", "hello", std::move(files)};
  }
  Result<Commit> make(const std::string& branch, const Seed& from) {
    return git_.seed_branch({target_.bare(), {}}, branch, from);
  }
  Error refusal(const Seed& from) {
    const Result<Commit> made = make("main", from);
    EXPECT_FALSE(made);
    EXPECT_EQ(target_.git({"for-each-ref"}, target_.bare()), "");
    return made ? Error{} : made.error();
  }
  std::string show(const std::string& object) { return target_.git({"show", object}, target_.bare()); }

  testing::TempDir folder_;
  TestRepo template_{folder_.path()};
  TestRepo target_{folder_.path() / "target"};
  SystemProcesses processes_;
  testing::KnownNames names_;
  Git git_;
};

TEST_F(SeededBranch, IsOneCommitWithTheFoldersFiles) {
  const Result<Commit> made = make("main", seed());
  ASSERT_TRUE(made) << made.error().message;
  EXPECT_EQ(target_.git({"rev-parse", "refs/heads/main"}, target_.bare()), made->hash);
  EXPECT_EQ(target_.git({"rev-list", "--count", "main"}, target_.bare()), "1");
  EXPECT_EQ(target_.git({"ls-tree", "-r", "--format=%(objectmode) %(path)", "main"}, target_.bare()),
            "120000 link\n100755 run.sh\n100644 src/index.js\n100644 wrangler.json");
  EXPECT_EQ(target_.git({"log", "-1", "--format=%B", "main"}, target_.bare()), made->message);
  EXPECT_EQ(target_.git({"log", "-1", "--format=%an", "main"}, target_.bare()), made->author);
  EXPECT_EQ(git_.commit({target_.bare(), {}}, made->hash)->message, made->message);
}

TEST_F(SeededBranch, OfTheRootHasEverything) {
  Seed root = seed();
  root.folder = "";
  ASSERT_TRUE(make("main", root));
  EXPECT_EQ(show("main:README.md"), "top");
  EXPECT_EQ(show("main:hello/src/index.js"), "code");
}

TEST_F(SeededBranch, TakesFilesOverAndReplacesText) {
  const Result<Commit> made =
      make("main", seed({{"wrangler.json", "shop", "NAME"}, {"docs/new file.txt", "new", std::nullopt}}));
  ASSERT_TRUE(made) << made.error().message;
  EXPECT_EQ(show("main:wrangler.json"), R"({"name": "shop", "again": "shop"})");
  EXPECT_EQ(show("main:docs/new file.txt"), "new");
  ASSERT_TRUE(make("two", seed({{"run.sh", "#!/bin/sh\nls\n", std::nullopt}})));
  EXPECT_EQ(target_.git({"ls-tree", "--format=%(objectmode)", "two", "run.sh"}, target_.bare()), "100755");
}

TEST_F(SeededBranch, AskedForAgainIsTheSameCommit) {
  const Result<Commit> first = make("main", seed());
  ASSERT_TRUE(first);
  std::ofstream(git_.mirror({template_.bare(), {}}).value() / "kiln-seed.index.lock") << "left by a crash";
  const Result<Commit> second = make("main", seed());
  ASSERT_TRUE(second) << second.error().message;
  EXPECT_EQ(second->hash, first->hash);
  EXPECT_EQ(target_.git({"rev-list", "--count", "main"}, target_.bare()), "1");
}

TEST_F(SeededBranch, NeverRewritesABranch) {
  target_.commit("Mine");
  target_.push({"main", "HEAD:a"});
  const std::string before = target_.git({"rev-parse", "main"}, target_.bare());
  const Result<Commit> made = make("main", seed());
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().code, Errc::conflict);
  EXPECT_NE(made.error().message.find("never rewritten"), std::string::npos);
  EXPECT_EQ(target_.git({"rev-parse", "main"}, target_.bare()), before);
  // "a" stands where "a/b" needs a folder.
  EXPECT_EQ(make("a/b", seed()).error().code, Errc::conflict);
  EXPECT_TRUE(make("other", seed()));
}

TEST_F(SeededBranch, RefusesPathsThatLeaveTheCopyOrHaveSomethingInTheirWay) {
  for (const char* path : {"../x", "/x", "a//b", "./a", "", ".git/config", "src/.GIT/x"}) {
    const Error error = refusal(seed({{path, "x", std::nullopt}}));
    EXPECT_EQ(error.code, Errc::invalid) << path;
    EXPECT_EQ(error.field, "seed_repo.files[0].filename") << path;
  }
  for (const char* path : {"link", "link/x", "src", "run.sh/x"}) {
    const Error error = refusal(seed({{path, "x", std::nullopt}}));
    EXPECT_EQ(error.code, Errc::invalid) << path;
    EXPECT_EQ(error.field, "seed_repo.files[0]") << path;
  }
  EXPECT_NE(refusal(seed({{"none", "x", "NAME"}})).message.find("not in the template"), std::string::npos);
  EXPECT_NE(refusal(seed({{"run.sh", "x", "NAME"}})).message.find("does not have the text"),
            std::string::npos);
}

TEST_F(SeededBranch, SaysWhatIsWrongWithTheTemplate) {
  Seed bad = seed();
  bad.folder = "nowhere";
  EXPECT_EQ(refusal(bad).field, "seed_repo.path");
  bad.folder = "hello/run.sh";
  EXPECT_EQ(refusal(bad).field, "seed_repo.path");
  bad.folder = "hello/../hello";
  EXPECT_EQ(refusal(bad).field, "seed_repo.path");
  bad = seed();
  bad.branch = "nowhere";
  EXPECT_EQ(refusal(bad).code, Errc::invalid);
  bad = seed();
  bad.source.url = "/no/such/repo.git";
  EXPECT_EQ(refusal(bad).field, "seed_repo");
  bad.source.url = "ext::sh -c true";
  EXPECT_EQ(refusal(bad).code, Errc::invalid);
}

TEST_F(SeededBranch, RefusesSubmodulesAndTooManyFiles) {
  const std::string head = template_.git({"rev-parse", "HEAD"});
  template_.git({"update-index", "--add", "--cacheinfo", "160000," + head + ",hello/sub"});
  template_.git({"commit", "-qm", "Submodule"});
  template_.push({"main"});
  EXPECT_NE(refusal(seed()).message.find("submodule, sub"), std::string::npos);
  template_.git({"rm", "-q", "--cached", "hello/sub"});
  const std::string blob = template_.git({"rev-parse", "HEAD:README.md"});
  std::string lines;
  for (std::size_t i = 0; i <= kMostSeedFiles; ++i)
    lines += "100644 " + blob + "\thello/" + std::to_string(i) + "\n";
  template_.run({"git", "update-index", "--index-info"}, {}, true, lines);
  template_.git({"commit", "-qm", "Many"});
  template_.push({"main"});
  EXPECT_NE(refusal(seed()).message.find("more than 10000 files"), std::string::npos);
}

TEST_F(SeededBranch, RunsNothingOfTheTargetRepository) {
  const std::filesystem::path proof = folder_.path() / "ran";
  for (const char* hook : {"pre-receive", "update", "post-receive", "reference-transaction"}) {
    const std::filesystem::path file = std::filesystem::path(target_.bare()) / "hooks" / hook;
    std::filesystem::create_directories(file.parent_path());
    std::ofstream(file) << "#!/bin/sh\ntouch '" << proof.string() << "'\n";
    std::filesystem::permissions(file, std::filesystem::perms::owner_all);
  }
  target_.git({"config", "core.alternateRefsCommand", "touch '" + proof.string() + "'; true"},
              target_.bare());
  std::ofstream(std::filesystem::path(target_.bare()) / "objects/info/alternates")
      << template_.bare() << "/objects\n";
  ASSERT_TRUE(make("main", seed()));
  EXPECT_FALSE(std::filesystem::exists(proof));
}

TEST_F(SeededBranch, SaysWhenItMayNotPush) {
  const Result<Commit> made = git_.seed_branch({"/no/such/repo.git", {}}, "main", seed());
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().code, Errc::invalid);
  EXPECT_EQ(git_.seed_branch({"http://127.0.0.1:1/x.git", {}}, "main", seed()).error().code,
            Errc::unavailable);
}

}  // namespace
}  // namespace kiln::scm
