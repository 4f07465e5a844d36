// Port: the moves of a build's life, each ONE durable transaction; the table is the queue. Only queue/ calls
// it. Owned by app; safe from any thread. What time it is, and so which lease has ended and which limit is
// reached, is the store's own clock's to say. After success the change survives kill -9 and power loss.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "model/build.h"
#include "model/build_minutes.h"
#include "model/delivery.h"
#include "model/job.h"
#include "model/log_text.h"
#include "model/trigger.h"
#include "model/worker.h"

namespace kiln::store {

// A build to insert: `queued`, with what there is to say of its waiting in `first_log`, or `stopped` with
// outcome skipped and all its reasons there.
struct NewBuild {
  model::Build build;
  std::map<std::string, std::string>
      secrets;  // values of the secret variables; sealed at rest, erased at the end
  std::vector<model::LogLine> first_log;
};

// What a deploy hook asks for, and how many builds hooks may start within a minute.
struct HookStart {
  Uuid hook;
  std::string account_id;
  std::string worker_tag;
  Uuid trigger_uuid;
  std::string branch;
  int most_per_worker = 10;
  int most_per_account = 100;
};

// A branch that is gone from a repository, or a fork's whose pull request is over.
struct GoneBranch {
  Uuid connection;
  std::string branch;
  std::string why = {};               // "the branch x was deleted": the last line of builds that end with it
  std::string pull_request_url = {};  // of what waits, that of this pull request alone; empty: all
};

// What ended with a branch, of one Worker.
struct EndedPreviews {
  std::string branch;
  std::string worker_name;
  std::vector<std::string> aliases;   // labels
  std::vector<std::string> previews;  // names
};

// What the deliveries of a repository told last of a branch: of its own that it was pushed to, of a fork's
// what its pull request brought.
struct LastTold {
  // Grows with each that tells of the branch, also with one that comes again.
  struct Mark {
    std::int64_t delivery = 0;  // 0: none has
    std::int64_t repeated = 0;
    bool operator==(const Mark&) const = default;
  };
  Mark mark;
  std::string key;    // Intake::delivery_id; empty: it had none
  std::string after;  // the commit; empty: it was deleted
  TimeMs received_on = 0;
  bool made_builds = false;  // also such as were skipped
};

// A move of a branch, and how the delivery that tells of it is known.
struct ToldMove {
  std::string branch;
  std::string before;
  std::string after;
  std::string key;  // Intake::delivery_id
};
// Who told of it before.
enum class Told { nobody, by_asking, by_another };

// What had been told of a branch as a delivery was judged.
struct KnownOf {
  model::RepoConnection connection;
  std::string branch;
  LastTold::Mark mark;
};

struct Intake {
  std::string provider;  // with delivery_id: the dedup key; an empty delivery_id dedupes nothing
  std::string delivery_id;
  std::vector<NewBuild> builds;
  std::vector<GoneBranch> gone;  // take their aliases, named previews and waiting builds along
  // Still-queued builds of the same trigger and branch become stopped/skipped; those that wait for approval
  // do in any case, where the newer one does too.
  bool supersede = false;
  std::optional<HookStart> hook;  // `builds` is the one build that this deploy hook asks for
  // What is kept of the delivery that this is. One that comes again counts up `repeated` of the first; where
  // that had made nothing, the verdicts are those of the last time.
  std::optional<model::Delivery> delivery;
  std::vector<KnownOf> known = {};  // that what is asked for rests on
};

struct IntakeResult {
  bool overtaken = false;  // more than `known` was told meanwhile: nothing is taken in; to be judged again
  bool duplicate = false;  // this delivery was taken in before; `builds` are the ones it made then
  std::vector<Uuid> builds;
  std::vector<Uuid> superseded;
  std::vector<Uuid> cancelled;          // by `gone`: were queued, and no runner had had them
  std::vector<EndedPreviews> ended;     // by `gone`; Workers that had nothing of the branch are left out
  std::optional<model::Build> waiting;  // with a hook: waits already, and nothing was inserted
};

struct ClaimRequest {
  std::string runner_id;
  Uuid lease_id;             // fresh
  TimeMs lease_ms = 30'000;  // how long it holds unless renewed
  int max_running = 1;       // per account: live leases at once
  std::string token_hash;    // sha256 of the token minted for this attempt
};

struct Claimed {
  model::Build build;  // status initializing (or running, on a later attempt)
  int attempt = 1;
  std::map<std::string, std::string> secrets;
  model::Worker worker;
  model::RepoConnection connection;
  model::Trigger trigger;
  std::optional<std::string> build_token_secret;  // nothing: the trigger's build token was deleted
};

struct ClaimResult {
  std::optional<Claimed> claimed;  // nothing: no build may run now
  std::vector<Uuid> stopped;       // came first and could not be run; their logs say why
};

// What became of builds whose runner was lost.
struct Recovered {
  std::vector<Uuid> requeued;    // claimable again: no deploy command had started
  std::vector<Uuid> completed;   // a success: the runner had told that the deploy command completed
  std::vector<Uuid> terminated;  // a deploy command had started, or the attempts are used up
};

// What a build has uploaded.
struct Uploads {
  int versions = 0;
  std::vector<Uuid> refused;  // claims that were not believed
};

class BuildQueue {
 public:
  virtual ~BuildQueue() = default;

  // All that one delivery does, and what is kept of it (delivery_store.h): one that made something is taken
  // in once, and told again it changes nothing but that count. Of every Worker that a trigger builds from the
  // connection of a gone branch, the aliases whose version a build of that branch uploaded and the preview
  // that is named like it go; its builds that no runner has had are cancelled. With a hook: when a build of
  // its trigger and branch waits that no runner has had, that one comes back and nothing is inserted; else
  // Errc::rate_limited (seconds to wait in `field`) when hooks of the Worker or the account have started as
  // many builds as they may, Errc::not_found when the hook is gone.
  [[nodiscard]] virtual Result<IntakeResult> enqueue(const Intake& intake) = 0;

  // Nothing: no delivery of the repository has told of that branch.
  [[nodiscard]] virtual Result<std::optional<LastTold>> last_told(const model::RepoConnection& connection,
                                                                  const std::string& branch) = 0;

  // by_asking: Kiln had found the commit, and nothing else was told since. by_another: one of the last fifty
  // deliveries of the branch told of the same move, was another one, and made builds.
  [[nodiscard]] virtual Result<Told> told_before(const model::RepoConnection& connection,
                                                 const ToldMove& move) = 0;

  // The commits that the branch moved on from until it stood at `commit`, as its deliveries told: where the
  // one began that ended there, where the one began that ended at that, as far as the last fifty say.
  [[nodiscard]] virtual Result<std::vector<std::string>> moved_on_from(
      const model::RepoConnection& connection, const std::string& branch, const std::string& commit) = 0;

  // What enqueue would say to this hook now: the build that waits, Errc::rate_limited, or nothing.
  [[nodiscard]] virtual Result<std::optional<model::Build>> look_before_hook(const HookStart& start) = 0;

  // The build to run next, now leased, or nothing. Oldest first, fair between Workers (the Worker with the
  // fewest live leases first), at most one leased build a trigger and branch, and none before an older one of
  // its trigger and branch; one that waits for approval is passed over and holds up no other. queued →
  // initializing in the same conditional update. Builds that no runner has had, of an account that has used
  // up its build minutes, become stopped/skipped instead.
  [[nodiscard]] virtual Result<ClaimResult> claim(const ClaimRequest& request) = 0;

  // What the account's builds have used this month, and may use.
  [[nodiscard]] virtual Result<model::BuildMinutes> build_minutes(const std::string& account_id) = 0;

  // The lease ends `lease_ms` from now, or later if it does already. Errors: Errc::lease_lost when the build
  // is over or leased otherwise.
  [[nodiscard]] virtual Status renew(const Uuid& build, const Uuid& lease, TimeMs lease_ms) = 0;

  // The repository that the build is made from. Errors: Errc::lease_lost.
  [[nodiscard]] virtual Result<model::RepoConnection> leased_connection(const Uuid& build,
                                                                        const Uuid& lease) = 0;

  // The runner enters a step: install, build or deploy make the build `running`; deploy and deployed are
  // remembered durably before this returns, so that a build which may have deployed is never run again, and
  // one which has is a success whatever becomes of its runner. Idempotent. Errors:
  // Errc::lease_lost.
  [[nodiscard]] virtual Status enter_step(const Uuid& build, const Uuid& lease, model::Step step) = 0;

  // Appends log chunks, all of them or none. Chunks of a lease count from 1; `seq` is the first one's number,
  // and one already stored is accepted and ignored. They are believed: model::check_chunk looks at what comes
  // from outside. What is new of the build's story is kept with them. Errors: Errc::lease_lost when another
  // lease has taken over; Errc::conflict for a gap in seq.
  [[nodiscard]] virtual Status append_log(const Uuid& build, const Uuid& lease, int seq,
                                          const std::vector<model::LogChunk>& chunks,
                                          const model::StoryNotes& story = {}) = 0;

  // How many versions the build has, after mapping those of `claims` that nobody has uploaded or claimed
  // before. Idempotent. Errors: Errc::lease_lost.
  [[nodiscard]] virtual Result<Uploads> uploads(const Uuid& build, const Uuid& lease,
                                                const std::vector<Uuid>& claims) = 0;

  // The build stops with this outcome, having used that, and its log ends with that line; the minted token
  // and the sealed secrets go.
  // Idempotent for the same lease. Errors: Errc::lease_lost when it stopped otherwise or another lease holds
  // it.
  [[nodiscard]] virtual Status finish(const Uuid& build, const Uuid& lease, model::BuildOutcome outcome,
                                      const model::BuildUsage& usage = {},
                                      const std::optional<model::LogLine>& last_line = {},
                                      const model::EndWords& words = {}) = 0;

  // Any live state → stopped/cancelled, with `line` as the log's last. Returns the time it stopped.
  // Errors: Errc::not_found, Errc::conflict when it is over already.
  [[nodiscard]] virtual Result<TimeMs> cancel(const std::string& account_id, const Uuid& build,
                                              const std::string& line) = 0;

  // A build that waits for approval waits no longer, and its log says `line`. Errors: Errc::not_found,
  // Errc::conflict when it is over or did not wait for it.
  [[nodiscard]] virtual Status approve(const std::string& account_id, const Uuid& build,
                                       const std::string& line) = 0;

  // Takes the leases that have ended away, or, with runner_id, all of that runner's, ended or not
  // (after a restart: the processes are known to be gone). Appends a line to each log that says what
  // happened.
  [[nodiscard]] virtual Result<Recovered> recover(const std::optional<std::string>& runner_id,
                                                  int max_attempts) = 0;
};

}  // namespace kiln::store
