// One build's repository as the steps see it: the runner's mirror of it on the host. A test gives its own.
// One thread.
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "scm/git/git.h"

namespace kiln::runner {

class Source {
 public:
  virtual ~Source() = default;
  // The mirror's folder, made when absent.
  [[nodiscard]] virtual Result<std::filesystem::path> mirror() = 0;
  // Brings the commit (or the branch's head, when no commit is named) into the mirror, and the repository's
  // branches and tags, as far as they can be had.
  [[nodiscard]] virtual Result<scm::FetchedRefs> fetch(const std::string& branch,
                                                       const std::string& commit) = 0;
  // The mirror's branches and tags are those of a moment ago: a commit that it has need not be fetched.
  [[nodiscard]] virtual bool is_fresh() = 0;
  [[nodiscard]] virtual Result<std::map<std::string, std::string>> read_files(
      const std::string& commit, const std::vector<std::string>& paths, std::size_t max_bytes) = 0;
  [[nodiscard]] virtual Result<bool> is_folder(const std::string& commit, const std::string& path) = 0;
  // Those of the commit; what this build's repository may open of its host is in the mirror then.
  [[nodiscard]] virtual Result<std::vector<scm::Submodule>> submodules(const std::string& commit) = 0;
  // Contents of Git LFS, into the mirror.
  [[nodiscard]] virtual Result<scm::LfsFetched> fetch_lfs(const std::vector<scm::LfsObject>& objects) = 0;
};

// What a build may have of a repository's host besides the repository.
struct SourceReach {
  scm::SubmoduleReach submodules;
  TimeMs refs_good_for_ms = 60'000;  // so that the builds of one push do not all ask for its branches
};

class GitSource final : public Source {
 public:
  // `credentials` is asked before every way to the host for what git is to show it now; null: what `remote`
  // brings is all.
  using Credentials = std::function<Result<std::string>()>;
  GitSource(scm::Git& git, const Clock& clock, scm::Remote remote, SourceReach reach,
            Credentials credentials = nullptr)
      : git_(git),
        clock_(clock),
        remote_(std::move(remote)),
        reach_(std::move(reach)),
        credentials_(std::move(credentials)) {}

  [[nodiscard]] Result<std::filesystem::path> mirror() override { return git_.mirror(remote_); }
  [[nodiscard]] Result<scm::FetchedRefs> fetch(const std::string& branch,
                                               const std::string& commit) override {
    if (Status renewed = renew(); !renewed) return tl::unexpected<Error>(renewed.error());
    return git_.fetch_with_refs(remote_, branch, commit, clock_.now() - reach_.refs_good_for_ms);
  }
  [[nodiscard]] bool is_fresh() override {
    return git_.has_refs_since(remote_, clock_.now() - reach_.refs_good_for_ms);
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
    if (Status renewed = renew(); !renewed) return tl::unexpected<Error>(renewed.error());
    return git_.submodules(remote_, commit, reach_.submodules);
  }

  [[nodiscard]] Result<scm::LfsFetched> fetch_lfs(const std::vector<scm::LfsObject>& objects) override {
    if (Status renewed = renew(); !renewed) return tl::unexpected<Error>(renewed.error());
    return git_.fetch_lfs(remote_, objects);
  }

 private:
  [[nodiscard]] Status renew() {
    if (!credentials_) return {};
    Result<std::string> now = credentials_();
    if (!now) return context(now.error(), "the repository's credentials");
    remote_.authorization = std::move(*now);
    return {};
  }

  scm::Git& git_;
  const Clock& clock_;
  scm::Remote remote_;
  SourceReach reach_;
  Credentials credentials_;
};

}  // namespace kiln::runner
