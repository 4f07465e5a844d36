// One build's repository as the steps see it: the runner's mirror of it on the host. A test gives its own.
// One thread.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "base/result.h"
#include "scm/git/git.h"

namespace kiln::runner {

class Source {
 public:
  virtual ~Source() = default;
  // The mirror's folder, made when absent.
  [[nodiscard]] virtual Result<std::filesystem::path> mirror() = 0;
  // Brings the commit (or the branch's head, when no commit is named) into the mirror; returns its full hash.
  [[nodiscard]] virtual Result<std::string> fetch(const std::string& branch, const std::string& commit) = 0;
  [[nodiscard]] virtual Result<std::map<std::string, std::string>> read_files(
      const std::string& commit, const std::vector<std::string>& paths, std::size_t max_bytes) = 0;
  [[nodiscard]] virtual Result<bool> is_folder(const std::string& commit, const std::string& path) = 0;
  // Those of the commit; what is on the repository's own host is in the mirror then.
  [[nodiscard]] virtual Result<std::vector<scm::Submodule>> submodules(const std::string& commit) = 0;
};

class GitSource final : public Source {
 public:
  GitSource(scm::Git& git, scm::Remote remote) : git_(git), remote_(std::move(remote)) {}

  [[nodiscard]] Result<std::filesystem::path> mirror() override { return git_.mirror(remote_); }
  [[nodiscard]] Result<std::string> fetch(const std::string& branch, const std::string& commit) override {
    return git_.fetch(remote_, branch, commit);
  }
  [[nodiscard]] Result<std::map<std::string, std::string>> read_files(const std::string& commit,
                                                                      const std::vector<std::string>& paths,
                                                                      std::size_t max_bytes) override {
    return git_.read_files(remote_, commit, paths, max_bytes);
  }
  [[nodiscard]] Result<bool> is_folder(const std::string& commit, const std::string& path) override {
    return git_.is_folder(remote_, commit, path);
  }

  [[nodiscard]] Result<std::vector<scm::Submodule>> submodules(const std::string& commit) override {
    return git_.submodules(remote_, commit);
  }

 private:
  scm::Git& git_;
  scm::Remote remote_;
};

}  // namespace kiln::runner
