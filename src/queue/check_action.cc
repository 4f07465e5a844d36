// Buttons beside builds at their host: run again, run all again, cancel, approve.
#include <fmt/format.h>

#include "base/printable.h"
#include "queue/approval.h"
#include "queue/match.h"
#include "queue/queue.h"
#include "queue/skip.h"

namespace kiln::queue {
namespace {

using Pressed = model::CheckAction::What;

// Why the build cannot be run again now; empty: it can.
std::string why_not_again(const store::BuildView& old) {
  const std::string build = old.build.uuid.str();
  if (!model::is_over(old.build.status)) return fmt::format("build {} has not stopped yet", build);
  if (old.trigger.deleted_on) return fmt::format("the trigger of build {} was deleted", build);
  return {};
}

model::PushEvent ref_of(const model::Build& build) {
  model::PushEvent push;
  push.ref = "refs/heads/" + build.metadata.branch;
  push.after = build.metadata.commit_hash;
  return push;
}

std::string words_for(Pressed what) {
  switch (what) {
    case Pressed::run_again:
      return "asked for the build again";
    case Pressed::run_all_again:
      return "asked for all builds of the commit again";
    case Pressed::cancel:
      return "cancelled the build";
    case Pressed::approve:
      return "approved the commit";
  }
  return {};
}

}  // namespace

Result<store::NewBuild> Queue::run_again(const store::BuildView& old) {
  model::BuildMetadata metadata = old.build.metadata;
  metadata.source = model::TriggerSource::manual;
  Result<store::NewBuild> fresh = new_build(old.trigger, std::move(metadata), old.build.restricted);
  if (!fresh) return fresh;
  fresh->build.pull_request = old.build.pull_request;
  // Nobody has looked at the commit yet: that it is asked for again is no approval.
  if (old.build.waits_for_approval) await_approval(*fresh);
  return fresh;
}

Result<std::vector<store::BuildView>> Queue::builds_meant(const model::RepoConnection& connection,
                                                          const model::CheckAction& action,
                                                          std::vector<std::string>& notes) {
  std::vector<store::BuildView> meant;
  if (action.what != Pressed::run_all_again) {
    const std::optional<Uuid> uuid = Uuid::parse(action.external_id);
    Result<store::BuildView> one = uuid ? builds_.build(connection.account_id, *uuid)
                                        : Result<store::BuildView>(fail(Errc::not_found, "no UUID"));
    if (!one && one.error().code != Errc::not_found) return tl::unexpected<Error>(one.error());
    if (one && one->trigger.connection.uuid == connection.uuid) {
      meant.push_back(std::move(*one));
    } else {
      notes.push_back(fmt::format("{} is no build of this repository", printable(action.external_id)));
    }
    return meant;
  }
  const Result<std::vector<model::Trigger>> triggers = triggers_.triggers_of_connection(connection.uuid);
  if (!triggers) return tl::unexpected<Error>(triggers.error());
  for (const model::Trigger& trigger : *triggers) {
    const auto newest = builds_.newest_of_commit(trigger, action.head_commit);
    if (!newest) return tl::unexpected<Error>(newest.error());
    if (*newest) meant.push_back({std::move(**newest), trigger});
  }
  if (meant.empty()) notes.push_back(fmt::format("no build of {} is known", printable(action.head_commit)));
  return meant;
}

Result<std::string> Queue::press(const store::BuildView& build, const model::CheckAction& action,
                                 const std::string& by_whom) {
  const Uuid& uuid = build.build.uuid;
  Status done;
  if (action.what == Pressed::approve) {
    if (build.build.metadata.commit_hash != action.head_commit)
      return fmt::format("build {} is of another commit than the one that was approved", uuid.str());
    done = approve(build.build.account_id, uuid, by_whom);
  } else if (const Result<TimeMs> stopped = cancel(build.build.account_id, uuid, by_whom); !stopped) {
    done = tl::unexpected<Error>(stopped.error());
  }
  if (!done && done.error().code != Errc::conflict && done.error().code != Errc::not_found)
    return tl::unexpected<Error>(done.error());
  return done ? fmt::format("{} {}: {}", by_whom, words_for(action.what), uuid.str()) : done.error().message;
}

Result<Taken> Queue::take_check_action(const model::RepoConnection& connection,
                                       const model::CheckAction& action, const std::string& host,
                                       const model::DeliveryOrigin& origin) {
  const std::string by_whom =
      fmt::format("{} at {}", printable(action.sender.empty() ? "somebody" : action.sender), host);
  store::Intake intake;
  intake.delivery = delivery_of(connection, origin, entropy_.uuid(), clock_.now());
  set_key(intake, action.provider, action.delivery_id);
  Verdicts verdicts([this](const model::Trigger& trigger) { return worker_name(trigger); });
  Taken taken;
  const Result<std::vector<store::BuildView>> meant = builds_meant(connection, action, taken.notes);
  if (!meant) return tl::unexpected<Error>(meant.error());
  const Result<std::string> out = out_of_minutes(connection.account_id);
  if (!out) return tl::unexpected<Error>(out.error());
  for (const store::BuildView& one : *meant) {
    const model::PushEvent ref = ref_of(one.build);
    add_ref(*intake.delivery, kept_ref(ref.ref, ref.branch(), {}, ref.after));
    if (action.what == Pressed::cancel || action.what == Pressed::approve) {
      Result<std::string> words = press(one, action, by_whom);
      if (!words) return tl::unexpected<Error>(words.error());
      taken.notes.push_back(std::move(*words));
      continue;
    }
    if (std::string why = why_not_again(one); !why.empty()) {
      taken.notes.push_back(std::move(why));
      continue;
    }
    Result<store::NewBuild> fresh = run_again(one);
    if (!fresh) return tl::unexpected<Error>(fresh.error());
    const Match match{&one.trigger, model::Decision::built,
                      fmt::format("{} {}", by_whom, words_for(action.what))};
    take_match(match_within(*out, {match}).front(), ref, *std::move(fresh), verdicts, intake, taken);
  }
  intake.delivery->verdicts = verdicts.take();
  return store_intake(intake, std::move(taken));
}

}  // namespace kiln::queue
