// The scheduler: from an event or a request to queued builds, and every later move of a build, as values in
// and values out around the store's transactions. Owned by app; safe from any thread. Notifies the hub after
// each commit, never before.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/entropy.h"
#include "base/result.h"
#include "events/hub.h"
#include "model/build.h"
#include "model/delivery.h"
#include "model/deploy_hook.h"
#include "model/job.h"
#include "model/scm_event.h"
#include "model/trigger.h"
#include "queue/turns.h"
#include "queue/verdicts.h"
#include "store/build_queue.h"
#include "store/build_store.h"
#include "store/connection_store.h"
#include "store/pull_request_store.h"
#include "store/trigger_store.h"
#include "store/worker_store.h"

namespace kiln::queue {

struct Settings {
  int concurrency = 1;           // builds of one account at a time
  bool supersede_queued = true;  // a newer push of the same trigger and branch skips the one still queued
  TimeMs lease_ms = 30'000;
  TimeMs build_timeout_ms = TimeMs{20} * 60'000;
  int max_attempts = 3;
  int hook_builds_per_worker = 10;  // that deploy hooks may start within a minute
  int hook_builds_per_account = 100;
  bool asks_hosts = true;       // what is put off is found again by asking the host; else nothing is put off
  bool embedded_target = true;  // deploy to our own Workers API with a token minted per attempt
  std::string outside_account;  // the account there that builds deploy to, when it is not
  std::string api_base_url;     // http://host:port/client/v4, set once the server listens
};

// What a push led to, for the hook's answer.
struct Taken {
  bool duplicate = false;
  bool overtaken = false;  // what Kiln had asked for was told of since: nothing is taken in
  bool put_off = false;  // git did not say whether a push is the newer one: the host is to be asked for news
  struct Made {
    Uuid build;
    std::string worker_name;
    std::string trigger_name;
    std::string branch;
    std::string commit;
    std::string skipped;  // why, or empty when it is queued
  };
  std::vector<Made> builds;
  std::vector<std::string> notes;  // refs that led to nothing, and why, in words
};

// What the queue reads and writes.
struct Stores {
  store::BuildQueue& queue;
  store::ConnectionStore& connections;
  store::TriggerStore& triggers;
  store::PullRequestStore& pull_requests;
  store::WorkerStore& workers;
  store::BuildStore& builds;
};

class Queue {
 public:
  // Everything passed by reference outlives the queue.
  Queue(const Stores& stores, events::Hub& hub, const Clock& clock, Entropy& entropy, Settings settings)
      : queue_(stores.queue),
        connections_(stores.connections),
        triggers_(stores.triggers),
        pull_requests_(stores.pull_requests),
        workers_(stores.workers),
        builds_(stores.builds),
        hub_(hub),
        clock_(clock),
        entropy_(entropy),
        settings_(std::move(settings)) {}

  // Matches the pushes of one delivery against the connection's triggers and stores every build, queued or
  // skipped, in one transaction, in which a deleted branch takes its aliases and named previews along. What
  // was taken in before changes nothing, whatever has been made since. Beside them stands what `origin`
  // brought and each trigger's verdict (store/delivery_store.h). `need_files` is asked for the changed files
  // of a push only when a trigger's path rules could skip it and the push does not carry them.
  //
  // Deliveries come in any order: a push that would build an older commit over a newer one is recorded as
  // skipped. It is in order, and git is not asked, when nothing was pushed to the branch before, and when
  // it follows the last push that came and was built. Else `is_ancestor` says whether its commit is contained
  // in the one that was built last without having been put back on purpose, by a forced push that left that
  // one behind; without an answer it is late if
  // deliveries told that the branch moved on from there, and else put off, as if it had not come
  // (Settings::asks_hosts). What is
  // told of the branch while this is judged has it judged again; Errc::unavailable when that goes on and on.
  //
  // Two hooks at one repository, or a hook and Kiln's own asking, make one build: a move of a branch that was
  // told of last is passed over when it is told of by another delivery.
  using ChangedFilesOf = std::function<model::ChangedFiles(const model::PushEvent&)>;
  using IsAncestor =
      std::function<std::optional<bool>(const std::string& ancestor, const std::string& descendant)>;
  [[nodiscard]] Result<Taken> take_push(const model::RepoConnection& connection,
                                        const std::vector<model::PushEvent>& pushes,
                                        const ChangedFilesOf& need_files,
                                        const model::DeliveryOrigin& origin = {},
                                        const IsAncestor& is_ancestor = {});

  // Keeps the news. New commits of a fork's open pull request are built by the triggers that build forks, are
  // filed under "owner:branch", and get no more than those triggers allow: with ForkBuilds::approve they wait
  // for approve(), each commit anew. When it is closed, what waits is cancelled. `need_commit` is asked for
  // their author and message, `is_ancestor` which of two heads that were told of within one second is the
  // later. A branch of the repository itself is built by its push; the build then says which pull request it
  // belongs to, also when that is opened after the push.
  struct CommitText {
    std::string author;
    std::string message;
  };
  using CommitOf = std::function<Result<CommitText>(const std::string& hash)>;
  [[nodiscard]] Result<Taken> take_pull_request(const model::RepoConnection& connection,
                                                const model::PullRequestEvent& news,
                                                const ChangedFilesOf& need_files, const CommitOf& need_commit,
                                                const model::DeliveryOrigin& origin = {},
                                                const IsAncestor& is_ancestor = {});

  // Does what was pressed beside a build of this connection at its host, and keeps the delivery; `host` is
  // the host's title. run_again: the build's commit by its trigger as it is now, as a retry does.
  // run_all_again: the same for each trigger's newest build of the commit that was not skipped. What cannot
  // be done is told in a note. Told again it does nothing more.
  [[nodiscard]] Result<Taken> take_check_action(const model::RepoConnection& connection,
                                                const model::CheckAction& action, const std::string& host,
                                                const model::DeliveryOrigin& origin = {});

  // The connection takes the repository's names, and its address where that is at the host that it was at,
  // unless its host gave it others later, as far as hosts say when (RepositoryNews::updated_on).
  [[nodiscard]] Result<Taken> take_repository_news(const model::RepoConnection& connection,
                                                   const model::RepositoryNews& news,
                                                   const model::DeliveryOrigin& origin = {});

  // Keeps a delivery that asks for nothing, and `why`, which comes back as a note.
  [[nodiscard]] Result<Taken> take_nothing(const model::RepoConnection& connection,
                                           const model::DeliveryOrigin& origin,
                                           const std::string& delivery_id, const std::string& why);

  // Keeps what an App of the account told of a repository that nobody has connected, with what was pushed.
  [[nodiscard]] Result<Taken> take_unconnected(const std::string& account_id, const std::string& full_name,
                                               const std::vector<model::PushEvent>& pushes,
                                               const model::DeliveryOrigin& origin,
                                               const std::string& delivery_id);

  // What these triggers of one account would make of the push now. Nothing is stored, and git is not asked.
  [[nodiscard]] Result<std::vector<model::Verdict>> judge(const std::string& account_id,
                                                          const std::vector<model::Trigger>& triggers,
                                                          const model::PushEvent& push);

  // createManualBuild, `kiln build`, retry. Never superseding, and skipped only when the account's build
  // minutes run out before its turn. Errors: Errc::rate_limited when they have run out already, with the
  // seconds to the next month in `field`.
  struct Manual {
    model::TriggerSource source = model::TriggerSource::api;
    std::string branch;
    std::string commit_hash;
    std::string commit_message;
    std::string author;
    // Of a build that is run again: what it belongs to, and that it stays as restricted as it was.
    std::optional<model::PullRequest> pull_request = std::nullopt;
    bool restricted = false;
    bool waits_for_approval = false;
  };
  [[nodiscard]] Result<model::Build> build_now(const model::Trigger& trigger, const Manual& manual);

  // A deploy hook's call: the build of its branch that waits already, or a new one by the trigger that takes
  // the branch. `find_head` is asked, without any lock, only when a build may start. Errors: Errc::conflict
  // when no trigger of the Worker takes the branch; Errc::rate_limited with the seconds to wait in `field`,
  // also when the account's build minutes have run out;
  // Errc::not_found when the hook was deleted meanwhile; find_head's own.
  struct HookTaken {
    model::Build build;
    bool already_exists = false;
  };
  using HeadOf = std::function<Result<Manual>(const model::Trigger&)>;
  [[nodiscard]] Result<HookTaken> take_hook(const model::DeployHook& hook, const HeadOf& find_head);

  // --- for runners
  // -----------------------------------------------------------------------------------------------
  [[nodiscard]] Result<std::optional<model::JobSpec>> claim(const std::string& runner_id);
  [[nodiscard]] Status renew(const Uuid& build, const Uuid& lease);
  // The repository of a build that the runner holds. Errors: Errc::lease_lost.
  [[nodiscard]] Result<model::RepoConnection> connection_of(const Uuid& build, const Uuid& lease);
  [[nodiscard]] Status enter_step(const Uuid& build, const Uuid& lease, model::Step step);
  // How many versions the build has. `claims`, from a file that user code can write, count only with an
  // outside deploy target, and only for versions that are nobody else's. Errors: Errc::lease_lost.
  [[nodiscard]] Result<int> uploads(const Uuid& build, const Uuid& lease, const std::vector<Uuid>& claims);
  // The present cache epoch of each of these triggers that is still there.
  [[nodiscard]] Result<std::map<Uuid, std::int64_t>> cache_epochs(const std::vector<Uuid>& triggers);
  [[nodiscard]] Status append_log(const Uuid& build, const Uuid& lease, int seq,
                                  const std::vector<model::LogChunk>& chunks,
                                  const model::StoryNotes& story = {});
  [[nodiscard]] Status finish(const Uuid& build, const Uuid& lease, const model::JobEnd& end);

  // Returns when it stopped. Errors: Errc::not_found, Errc::conflict.
  [[nodiscard]] Result<TimeMs> cancel(const std::string& account_id, const Uuid& build,
                                      const std::string& by_whom);

  // A build that waits for approval runs when its turn comes. Errors: Errc::not_found, Errc::conflict.
  [[nodiscard]] Status approve(const std::string& account_id, const Uuid& build, const std::string& by_whom);

  // What the account's builds have used of this month's build minutes, and may use.
  [[nodiscard]] Result<model::BuildMinutes> build_minutes(const std::string& account_id);

  // Takes ended leases back; with `runner_id` all of that runner's. app calls it at start and on a timer.
  [[nodiscard]] Status recover(const std::optional<std::string>& runner_id);

  [[nodiscard]] const Settings& settings() const { return settings_; }
  // The address that builds deploy to; app sets it once the server listens and before any runner claims.
  void set_api_base_url(std::string url) { settings_.api_base_url = std::move(url); }

 private:
  // A restricted one is frozen without secret variables, deploy command and build token.
  [[nodiscard]] Result<store::NewBuild> new_build(const model::Trigger& trigger,
                                                  model::BuildMetadata metadata, bool restricted = false);
  // Of an old build's commit by its trigger as it is now.
  [[nodiscard]] Result<store::NewBuild> run_again(const store::BuildView& old);
  // The builds that a pressed button means. What there is to say instead goes into `notes`.
  [[nodiscard]] Result<std::vector<store::BuildView>> builds_meant(const model::RepoConnection& connection,
                                                                   const model::CheckAction& action,
                                                                   std::vector<std::string>& notes);
  // Cancels or approves the build that was meant; says how that went.
  [[nodiscard]] Result<std::string> press(const store::BuildView& build, const model::CheckAction& action,
                                          const std::string& by_whom);
  // Whether the push may be built now that others were, and why not.
  struct Order {
    enum class Is { in_order, late, unknown };
    Is is = Is::in_order;
    std::string why;
  };
  [[nodiscard]] Result<Order> order_of(const model::Trigger& trigger, const model::PushEvent& push,
                                       const IsAncestor& is_ancestor);
  [[nodiscard]] std::string worker_name(const model::Trigger& trigger);
  // Why no build of the account may start now, or empty.
  [[nodiscard]] Result<std::string> out_of_minutes(const std::string& account_id);
  // Errors: Errc::rate_limited when no build of the account may start now.
  [[nodiscard]] Status check_minutes(const std::string& account_id);
  // take_push as what is known now makes it. Errors: Errc::conflict when that changed meanwhile.
  [[nodiscard]] Result<Taken> judge_and_take(const model::RepoConnection& connection,
                                             const std::vector<model::PushEvent>& pushes,
                                             const ChangedFilesOf& need_files,
                                             const model::DeliveryOrigin& origin,
                                             const IsAncestor& is_ancestor);
  // The same of news of a pull request.
  [[nodiscard]] Result<Taken> judge_and_take(const model::RepoConnection& connection,
                                             const model::PullRequestEvent& news,
                                             const ChangedFilesOf& need_files, const CommitOf& need_commit,
                                             const model::DeliveryOrigin& origin,
                                             const IsAncestor& is_ancestor);
  // Keeps it, unless newer news of the pull request are here; whether there are none.
  [[nodiscard]] Result<bool> note_newest(const model::RepoConnection& connection,
                                         const model::PullRequestEvent& news, const IsAncestor& is_ancestor);
  // Whether newer news of the pull request are here.
  [[nodiscard]] Result<bool> is_late(const model::RepoConnection& connection,
                                     const model::PullRequestEvent& news, const IsAncestor& is_ancestor);
  // Why the push is no news, by what was told last of its branch and before; empty: it is. `key`: of its
  // delivery.
  [[nodiscard]] Result<std::string> told_before(const model::RepoConnection& connection,
                                                const model::PushEvent& push,
                                                const std::optional<store::LastTold>& last,
                                                const std::string& key);
  // What was told last of the branch; what is taken in rests on it.
  [[nodiscard]] Result<std::optional<store::LastTold>> told_last(const model::RepoConnection& connection,
                                                                 const std::string& branch,
                                                                 store::Intake& intake);
  // Adds the build to what is taken in, queued or skipped as was decided, with its verdict.
  static void take_match(const Match& match, const model::PushEvent& push, store::NewBuild fresh,
                         Verdicts& verdicts, store::Intake& intake, Taken& taken);
  [[nodiscard]] static model::BuildMetadata metadata_of_push(const model::PushEvent& push,
                                                             model::TriggerSource source);
  // How the delivery that is taken in is known when it comes again; empty: it is not.
  static void set_key(store::Intake& intake, const std::string& provider, const std::string& delivery_id);
  // Does what one delivery asks for and says so to whoever waits. `ended` takes what ended, if anyone asks.
  // Errors: Errc::conflict when it rests on what is so no more.
  [[nodiscard]] Result<Taken> store_intake(store::Intake& intake, Taken taken,
                                           std::vector<store::EndedPreviews>* ended = nullptr);
  [[nodiscard]] std::vector<std::string> repositories_beside(const model::RepoConnection& connection);
  [[nodiscard]] static model::BuildMetadata metadata_of(const Manual& manual);
  // Says so to whoever waits: that a build moved, and that it did in a way that may let another be claimed.
  void moved(const Uuid& build);
  void announce(const Uuid& build);

  store::BuildQueue& queue_;
  store::ConnectionStore& connections_;
  store::TriggerStore& triggers_;
  store::PullRequestStore& pull_requests_;
  store::WorkerStore& workers_;
  store::BuildStore& builds_;
  events::Hub& hub_;
  const Clock& clock_;
  Entropy& entropy_;
  Settings settings_;
  Turns turns_;
};

}  // namespace kiln::queue
