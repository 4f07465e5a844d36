// What a source host told us, once verified and parsed: pushes, news of a pull request, a button that was
// pressed, what became of a repository or of an App's installation. Values: any thread.
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "base/clock.h"
#include "model/pattern.h"

namespace kiln::model {

// One ref of one push. Zero ids ("0000…") become empty strings.
struct PushEvent {
  std::string provider;        // "github", "git"
  std::string delivery_id;     // the host's id of this delivery; dedupes redeliveries
  std::string repo_id;         // may be empty for plain git, where the hook's secret names the connection
  std::string repo_full_name;  // "owner/name"; may be empty
  std::string clone_url;       // as the host says; data, never trusted as an address
  std::string ref;             // refs/heads/main
  std::string before;          // empty: the ref is new
  std::string after;           // empty: the ref was deleted
  bool forced = false;
  std::string head_message;
  std::string author;
  std::string pusher;
  bool skip_requested = false;  // git push -o ci.skip
  TimeMs asked_on = 0;          // when Kiln asked the host for it; 0: it was reported
  ChangedFiles changed;

  [[nodiscard]] bool deleted() const { return after.empty(); }
  // "main" for refs/heads/main, empty for anything else.
  [[nodiscard]] std::string branch() const;
};

// News of one pull (merge) request. Hosts deliver in any order: `updated_on` says which news is the newest.
struct PullRequestEvent {
  std::string provider;
  std::string delivery_id;
  std::string repo_id;  // of the repository that it asks to be merged into, as are the two below
  std::string repo_full_name;
  std::int64_t number = 0;
  std::string url;    // its page
  std::string title;  // empty when the host did not say
  std::string author;
  TimeMs created_on = 0;
  TimeMs updated_on = 0;
  bool open = true;
  bool from_fork = false;    // its head is in another repository, whose owner nobody here need trust
  bool new_commits = false;  // opened, opened again, or pushed to
  std::string head_branch;   // as the head's repository calls it
  std::string head_owner;    // who owns that repository; empty when it is gone
  std::string head_commit;
  std::string before;       // its head before this news, where the host says so, or the beginning of that
  std::string base_commit;  // of the branch it is to be merged into

  // What a build of a fork's branch is filed under: "owner:branch", which no branch of the repository itself
  // can be called.
  [[nodiscard]] std::string fork_branch() const { return head_owner + ":" + head_branch; }
};

// Somebody pressed a button beside a build at its host.
struct CheckAction {
  enum class What { run_again, run_all_again, cancel, approve };
  What what = What::run_again;
  std::string provider;
  std::string delivery_id;
  std::string repo_id;
  std::string repo_full_name;
  std::string external_id;  // what we called the build there; empty for run_all_again
  std::string head_commit;
  std::string sender;  // who pressed
};

// What became of a repository at its host. `repo_id` stays what it was.
struct RepositoryNews {
  enum class What { renamed, transferred, deleted, default_branch };
  What what = What::renamed;
  std::string provider;
  std::string delivery_id;
  std::string repo_id;
  std::string repo_full_name;  // of now
  std::string clone_url;       // of now; data, never trusted as an address
  std::string default_branch;
  TimeMs updated_on = 0;  // when it became so, by the host's clock; 0: the host does not say
};

// What became of an App's installation at an account of the host, or of what it may see there.
struct InstallationNews {
  enum class What { created, deleted, suspended, unsuspended, permissions, repositories };
  What what = What::created;
  std::string provider;
  std::string delivery_id;
  std::string app_id;
  std::string installation_id;
  std::string account_id;  // the host's
  std::string account_name;
};

// A delivery that asks nothing of us; `why` goes into the answer and the service log.
struct IgnoredEvent {
  std::string why;
};

using ScmEvent = std::variant<std::vector<PushEvent>, PullRequestEvent, CheckAction, RepositoryNews,
                              InstallationNews, IgnoredEvent>;

// The skip marker in the subject (the first line with words) of the head commit's message, such as "[skip
// ci]", or empty. Case-insensitive. None in a body, where a merge lists inner commits; none inside "quotes"
// or `backticks`; none in a subject that begins with "Revert", which names another commit.
[[nodiscard]] std::string skip_marker(std::string_view head_message);

}  // namespace kiln::model
