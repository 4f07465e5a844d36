// Where a repository is, as one text by which two of them are told apart, and the ids that stand for it until
// its host tells its own. Pure; any thread.
#pragma once

#include <string>
#include <string_view>

namespace kiln::model {

struct RepoPlace {
  std::string host;  // "gitlab.example", ":8443" behind it when that is not the scheme's usual port, "user@"
                     // before it for ssh, whose users have folders of their own; empty: this machine
  std::string path;  // "acme/shop"; of this machine the whole absolute path

  [[nodiscard]] std::string owner() const;  // "acme"; the last folder before the name, or empty
  [[nodiscard]] std::string name() const;   // "shop"
  bool operator==(const RepoPlace&) const = default;
};

// Of a clone URL that scm::check_remote_url() takes, without credentials. Hosts are in lower case; a web
// host's path is without the ".git" that it may also be asked with, every other is as it was given.
[[nodiscard]] RepoPlace repo_place(std::string_view clone_url);

// For a repository whose host tells its own id with its first hook: one text for one place.
[[nodiscard]] std::string provisional_repo_id(const RepoPlace& place);
[[nodiscard]] bool is_provisional(std::string_view repo_id);

// For a plain repository, whose place is all that it has; and for the owner of any. They say nothing of this
// machine's folders.
[[nodiscard]] std::string plain_repo_id(const RepoPlace& place);
[[nodiscard]] std::string owner_id(const RepoPlace& place);

}  // namespace kiln::model
