// News of pull requests: noted on builds, and for forks a reason to build.
#include <fmt/format.h>

#include <vector>

#include "base/log.h"
#include "base/printable.h"
#include "model/branch_name.h"
#include "queue/approval.h"
#include "queue/judging.h"
#include "queue/match.h"
#include "queue/queue.h"
#include "queue/skip.h"

namespace kiln::queue {
namespace {

constexpr std::size_t kShortestFullCommit = 40;
constexpr const char* kCutCommit =
    "the host names the fork's commit by its beginning alone, and keeps it in the fork: push its branch here "
    "to build it";
constexpr const char* kNoForks = "the trigger builds no pull requests from forks (fork_pull_requests: never)";

store::PullRequestNote note_of(const model::RepoConnection& connection, const model::PullRequestEvent& news) {
  store::PullRequestNote note;
  note.connection = connection.uuid;
  note.number = news.number;
  note.url = news.url;
  note.head_branch = news.from_fork ? std::string() : news.head_branch;
  note.head_commit = news.head_commit;
  note.open = news.open;
  note.created_on = news.created_on;
  note.updated_on = news.updated_on;
  return note;
}

// The fork's branch as if it had been pushed here: what it changes is what it would bring to the base.
model::PushEvent as_push(const model::PullRequestEvent& news) {
  model::PushEvent push;
  push.provider = news.provider;
  push.delivery_id = news.delivery_id;
  push.repo_id = news.repo_id;
  push.repo_full_name = news.repo_full_name;
  push.ref = "refs/heads/" + news.fork_branch();
  push.before = news.base_commit;
  push.after = news.head_commit;
  return push;
}

}  // namespace

// Hosts tell the second in which it changed. Of two pushes within one the later has the earlier behind it,
// unless it says itself that it put that one back.
Result<bool> Queue::is_late(const model::RepoConnection& connection, const model::PullRequestEvent& news,
                            const IsAncestor& is_ancestor) {
  const auto known = pull_requests_.noted(connection.uuid, news.number);
  if (!known) return tl::unexpected<Error>(known.error());
  if (!*known || (*known)->updated_on < news.updated_on) return false;
  if ((*known)->updated_on > news.updated_on) return true;
  const std::string& there = (*known)->head_commit;
  const bool moved = news.from_fork && news.open && (*known)->open && !news.head_commit.empty() &&
                     news.head_commit != there && news.before != there;
  return moved && is_ancestor && is_ancestor(news.head_commit, there).value_or(false);
}

// Whether it is the newest; then it is kept. Another server may keep newer ones meanwhile.
Result<bool> Queue::note_newest(const model::RepoConnection& connection, const model::PullRequestEvent& news,
                                const IsAncestor& is_ancestor) {
  const Result<bool> late = is_late(connection, news, is_ancestor);
  if (!late) return late;
  if (*late) return false;
  const Result<std::vector<Uuid>> noted = pull_requests_.note(note_of(connection, news));
  if (!noted) return tl::unexpected<Error>(noted.error());
  for (const Uuid& build : *noted) moved(build);
  const auto known = pull_requests_.noted(connection.uuid, news.number);
  if (!known) return tl::unexpected<Error>(known.error());
  return *known && (*known)->updated_on <= news.updated_on;
}

Result<Taken> Queue::take_pull_request(const model::RepoConnection& connection,
                                       const model::PullRequestEvent& news, const ChangedFilesOf& need_files,
                                       const CommitOf& need_commit, const model::DeliveryOrigin& origin,
                                       const IsAncestor& is_ancestor) {
  return until_settled(turns_, {{connection.uuid, news.fork_branch()}}, [&] {
    return judge_and_take(connection, news, need_files, need_commit, origin, is_ancestor);
  });
}

Result<Taken> Queue::judge_and_take(const model::RepoConnection& connection,
                                    const model::PullRequestEvent& news, const ChangedFilesOf& need_files,
                                    const CommitOf& need_commit, const model::DeliveryOrigin& origin,
                                    const IsAncestor& is_ancestor) {
  store::Intake intake;
  intake.supersede = settings_.supersede_queued;
  intake.delivery = delivery_of(connection, origin, entropy_.uuid(), clock_.now());
  set_key(intake, news.provider, news.delivery_id);
  add_ref(*intake.delivery, kept_ref(fmt::format("refs/pull/{}/head", news.number),
                                     news.from_fork ? news.fork_branch() : news.head_branch, news.base_commit,
                                     news.head_commit));
  Verdicts verdicts([this](const model::Trigger& trigger) { return worker_name(trigger); });
  Taken taken;
  const auto done = [&](const std::string& why) {
    taken.notes.push_back(fmt::format("pull request {}: {}", news.number, why));
    intake.delivery->verdicts = verdicts.take();
    return store_intake(intake, std::move(taken));
  };
  std::optional<store::LastTold> last;
  if (news.from_fork) {
    // Before anything that is judged by: what is told of it meanwhile has it judged again.
    Result<std::optional<store::LastTold>> told = told_last(connection, news.fork_branch(), intake);
    if (!told) return tl::unexpected<Error>(told.error());
    last = *std::move(told);
  }
  const Result<bool> newest = note_newest(connection, news, is_ancestor);
  if (!newest) return tl::unexpected<Error>(newest.error());
  if (!news.from_fork) return done("builds of its branch are made by pushes");
  if (!*newest) return done("newer news of it are here already");
  if (!news.open && !news.head_owner.empty()) {
    // Another one of the same branch may have asked too.
    intake.gone.push_back({connection.uuid, news.fork_branch(),
                           fmt::format("pull request {} was closed", news.number), news.url});
    return done("it is closed: what waits of it is cancelled, and its previews end");
  }
  if (!news.open || !news.new_commits) return done("nothing new to build");
  if (news.head_owner.empty()) return done("its fork is gone");
  const bool told = last && last->after == news.head_commit && last->made_builds;
  if (told && last->key != intake.delivery_id)
    return done("this commit was taken in before, by another delivery");
  for (const std::string& name : {news.head_owner, news.head_branch}) {
    if (const Status fits = model::check_branch_name(name); !fits) return done(fits.error().message);
  }
  Result<std::vector<model::Trigger>> triggers = triggers_.triggers_of_connection(connection.uuid);
  if (!triggers) return tl::unexpected<Error>(triggers.error());
  model::PushEvent push = as_push(news);
  for (const model::Trigger& trigger : *triggers) {
    if (trigger.fork_builds == model::ForkBuilds::never)
      verdicts.add({&trigger, model::Decision::passed_over, kNoForks}, push);
  }
  std::erase_if(*triggers, [](const model::Trigger& t) { return t.fork_builds == model::ForkBuilds::never; });
  if (triggers->empty()) return done("no trigger builds pull requests from forks (fork_pull_requests)");

  if (news.head_commit.size() < kShortestFullCommit) {
    for (Match& match :
         match_push(push, *triggers, [](const model::PushEvent&) { return model::ChangedFiles(); })) {
      if (match.decision != model::Decision::passed_over)
        match = {match.trigger, model::Decision::passed_over, kCutCommit};
      verdicts.add(match, push);
    }
    return done(kCutCommit);
  }
  push.author = news.author;
  push.head_message = news.title;
  if (const Result<CommitText> commit = need_commit(news.head_commit)) {
    push.author = commit->author;
    push.head_message = commit->message;
  } else {
    log::warn("the commit of a pull request cannot be read yet number={} reason={}", news.number,
              log::quoted(printable(commit.error().message)));
  }
  const Result<std::string> out = out_of_minutes(connection.account_id);
  if (!out) return tl::unexpected<Error>(out.error());
  bool paused = false;
  for (const Match& match : match_within(*out, match_push(push, *triggers, need_files))) {
    paused = paused || match.why == Match::Why::paused;
    if (match.decision == model::Decision::passed_over) {
      verdicts.add(match, push);
      continue;
    }
    const bool restricted = match.trigger->fork_builds != model::ForkBuilds::with_secrets;
    Result<store::NewBuild> fresh =
        new_build(*match.trigger, metadata_of_push(push, model::TriggerSource::pull_request), restricted);
    if (!fresh) return tl::unexpected<Error>(fresh.error());
    fresh->build.pull_request = model::PullRequest{news.created_on, news.url};
    const bool asks = match.trigger->fork_builds == model::ForkBuilds::approve;
    // Of one that is skipped it stays, so that running it again is no way around the question.
    fresh->build.waits_for_approval = asks;
    if (asks && match.decision == model::Decision::built) await_approval(*fresh);
    take_match(match, push, *std::move(fresh), verdicts, intake, taken);
  }
  if (intake.builds.empty() && paused) return done(kPausedRule);
  if (intake.builds.empty()) return done("no trigger's branch patterns match " + printable(push.branch()));
  intake.delivery->verdicts = verdicts.take();
  return store_intake(intake, std::move(taken));
}

}  // namespace kiln::queue
