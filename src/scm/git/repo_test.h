// A real bare repository and a work tree that pushes to it. For the tests of this folder; belongs to one
// test.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <utility>
#include <vector>

#include "base/process.h"
#include "base/strings.h"

namespace kiln::scm {

class TestRepo {
 public:
  // In a folder that outlives it.
  explicit TestRepo(std::filesystem::path folder) : folder_(std::move(folder)) {
    git({"init", "-q", "--bare", bare()}, "/");
    git({"init", "-q", "-b", "main", work()}, "/");
    git({"remote", "add", "origin", bare()});
  }

  [[nodiscard]] std::string bare() const { return (folder_ / "bare repo.git").string(); }
  [[nodiscard]] std::string work() const { return (folder_ / "work").string(); }
  [[nodiscard]] const std::filesystem::path& folder() const { return folder_; }

  // Standard output, trimmed; `last` has the rest.
  std::string git(std::vector<std::string> arguments, std::string directory = {}, bool must_work = true) {
    arguments.insert(arguments.begin(), "git");
    return run(std::move(arguments), std::move(directory), must_work);
  }

  std::string run(std::vector<std::string> argv, std::string directory = {}, bool must_work = true,
                  std::string input = {}) {
    ProcessSpec spec;
    spec.argv = std::move(argv);
    spec.directory = directory.empty() ? work() : std::move(directory);
    spec.input = std::move(input);
    spec.environment = {std::string("PATH=") + std::getenv("PATH"),
                        "HOME=/nonexistent",
                        "LC_ALL=C",
                        "GIT_CONFIG_NOSYSTEM=1",
                        "GIT_AUTHOR_NAME=Ada",
                        "GIT_AUTHOR_EMAIL=a@x",
                        "GIT_COMMITTER_NAME=Cy",
                        "GIT_COMMITTER_EMAIL=c@x"};
    const Result<ProcessEnd> end = SystemProcesses().run(spec);
    if (!end) {
      ADD_FAILURE() << end.error().message;
      return {};
    }
    last = *end;
    if (must_work) {
      EXPECT_TRUE(end->ok()) << spec.argv[1] << ": " << end->err;
    }
    return std::string(trim(end->out));
  }

  void write(const std::string& name, const std::string& text) {
    const std::filesystem::path file = std::filesystem::path(work()) / name;
    std::filesystem::create_directories(file.parent_path());
    std::ofstream(file) << text;
  }

  // Returns the new commit.
  std::string commit(const std::string& message) {
    git({"add", "-A"});
    git({"commit", "-q", "--allow-empty", "-m", message});
    return git({"rev-parse", "HEAD"});
  }

  void push(std::vector<std::string> refs) {
    refs.insert(refs.begin(), {"push", "-q", "origin"});
    git(std::move(refs));
  }

  ProcessEnd last;

 private:
  std::filesystem::path folder_;
};

}  // namespace kiln::scm
