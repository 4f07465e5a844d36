// Pushes that were told of, or found by asking: what each trigger makes of them, and builds in the table.
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "base/printable.h"
#include "model/branch_name.h"
#include "queue/judging.h"
#include "queue/match.h"
#include "queue/queue.h"
#include "queue/skip.h"
#include "queue/verdicts.h"

namespace kiln::queue {
namespace {

constexpr const char* kCaughtUpWords = "Caught up: no delivery of this push arrived.";
constexpr const char* kFoundBeforeWords =
    "this commit was taken in before: Kiln had found it by asking the host";
constexpr const char* kToldBeforeWords = "this push was taken in before, by another delivery";

// What a ref that made no build is called in the answer to the pusher.
std::string nothing_for(const model::PushEvent& push, const std::vector<Match>& matches) {
  const std::string ref = printable(push.ref);
  if (push.deleted()) return fmt::format("{} was deleted", ref);
  if (push.branch().empty()) return fmt::format("{} is not a branch", ref);
  const bool paused = std::any_of(matches.begin(), matches.end(),
                                  [](const Match& match) { return match.why == Match::Why::paused; });
  if (paused) return fmt::format("{}: {}", printable(push.branch()), kPausedRule);
  return fmt::format("no trigger's branch patterns match {}", printable(push.branch()));
}

// ": of the Worker shop, the alias feature-x and the preview feature/x ended", or nothing.
std::string ended_words(const std::vector<store::EndedPreviews>& all, const std::string& branch) {
  std::string words;
  for (const store::EndedPreviews& ended : all) {
    if (ended.branch != branch) continue;
    std::string list;
    const auto name = [&](const char* what, const std::string& one) {
      list += (list.empty() ? "" : " and ") + std::string(what) + printable(one);
    };
    for (const std::string& alias : ended.aliases) name("the alias ", alias);
    for (const std::string& preview : ended.previews) name("the preview ", preview);
    words += fmt::format("{} of the Worker {}, {} ended", words.empty() ? ":" : ";", ended.worker_name, list);
  }
  return words;
}

}  // namespace

void Queue::moved(const Uuid& build) {
  hub_.notify(events::build_topic(build));
  hub_.notify(events::kOutboxTopic);
  hub_.notify(events::kMovesTopic);
}

void Queue::announce(const Uuid& build) {
  hub_.notify(events::kQueueTopic);
  moved(build);
}

Result<Taken> Queue::take_push(const model::RepoConnection& connection,
                               const std::vector<model::PushEvent>& pushes, const ChangedFilesOf& need_files,
                               const model::DeliveryOrigin& origin, const IsAncestor& is_ancestor) {
  std::set<Turns::Branch> branches;
  for (const model::PushEvent& push : pushes) branches.emplace(connection.uuid, push.branch());
  return until_settled(turns_, std::move(branches),
                       [&] { return judge_and_take(connection, pushes, need_files, origin, is_ancestor); });
}

Result<std::optional<store::LastTold>> Queue::told_last(const model::RepoConnection& connection,
                                                        const std::string& branch, store::Intake& intake) {
  Result<std::optional<store::LastTold>> last = queue_.last_told(connection, branch);
  if (!last) return last;
  intake.known.push_back({connection, branch, *last ? (*last)->mark : store::LastTold::Mark()});
  return last;
}

Result<std::string> Queue::told_before(const model::RepoConnection& connection, const model::PushEvent& push,
                                       const std::optional<store::LastTold>& last, const std::string& key) {
  // A move that begins where the last one ended is a new one, wherever it leads.
  const bool follows = last && !push.before.empty() && push.before == last->after;
  if (!last || follows || push.asked_on != 0 || push.deleted() || key.empty()) return std::string();
  const Result<store::Told> told =
      queue_.told_before(connection, {push.branch(), push.before, push.after, key});
  if (!told) return tl::unexpected<Error>(told.error());
  if (*told == store::Told::by_asking) return std::string(kFoundBeforeWords);
  return std::string(*told == store::Told::by_another ? kToldBeforeWords : "");
}

Result<Taken> Queue::judge_and_take(const model::RepoConnection& connection,
                                    const std::vector<model::PushEvent>& pushes,
                                    const ChangedFilesOf& need_files, const model::DeliveryOrigin& origin,
                                    const IsAncestor& is_ancestor) {
  const Result<std::vector<model::Trigger>> triggers = triggers_.triggers_of_connection(connection.uuid);
  if (!triggers) return tl::unexpected<Error>(triggers.error());
  store::Intake intake;
  intake.supersede = settings_.supersede_queued;
  intake.delivery = delivery_of(connection, origin, entropy_.uuid(), clock_.now());
  Verdicts verdicts([this](const model::Trigger& trigger) { return worker_name(trigger); });
  Taken taken;
  std::vector<std::pair<std::size_t, std::string>> notes_of_gone;  // place in taken.notes, branch
  const Result<std::string> out = out_of_minutes(connection.account_id);
  if (!out) return tl::unexpected<Error>(out.error());
  for (const model::PushEvent& push : pushes) {
    set_key(intake, push.provider, push.delivery_id);
    const model::DeliveryRef ref = kept_ref(push.ref, push.branch(), push.before, push.after);
    if (const Status fits = model::check_branch_name(push.branch()); !push.branch().empty() && !fits) {
      add_ref(*intake.delivery, ref);
      taken.notes.push_back(fmt::format("{}: {}", printable(push.ref), fits.error().message));
      for (const Match& match : passed_over_by_all(*triggers, fits.error().message))
        verdicts.add(match, push);
      continue;
    }
    std::optional<store::LastTold> last;
    if (!push.branch().empty()) {
      Result<std::optional<store::LastTold>> told = told_last(connection, push.branch(), intake);
      if (!told) return tl::unexpected<Error>(told.error());
      last = std::move(*told);
    }
    if (push.asked_on != 0 && last && last->received_on >= push.asked_on) {
      taken.overtaken = true;
      return taken;
    }
    const Result<std::string> told = told_before(connection, push, last, intake.delivery_id);
    if (!told) return tl::unexpected<Error>(told.error());
    const std::string& before = *told;
    std::vector<Match> matches = !before.empty()
                                     ? passed_over_by_all(*triggers, before)
                                     : match_within(*out, match_push(push, *triggers, need_files));
    std::string unknown;
    for (Match& match : matches) {
      if (match.decision != model::Decision::built) continue;
      Result<Order> order = order_of(*match.trigger, push, is_ancestor);
      if (!order) return tl::unexpected<Error>(order.error());
      if (order->is == Order::Is::in_order) continue;
      if (order->is == Order::Is::unknown) unknown = order->why;
      match.decision = model::Decision::skipped;
      match.rule = std::move(order->why);
    }
    if (!unknown.empty()) {
      // As if it had not come: whoever asks the host finds it, if it is the newer one.
      taken.put_off = true;
      taken.notes.push_back(fmt::format("{}: {}", printable(push.branch()), unknown));
      continue;
    }
    add_ref(*intake.delivery, ref);
    if (push.deleted() && !push.branch().empty()) {
      intake.gone.push_back({connection.uuid, push.branch(),
                             fmt::format("the branch {} was deleted", printable(push.branch()))});
      notes_of_gone.emplace_back(taken.notes.size(), push.branch());
    }
    const auto is_taken = [](const Match& match) { return match.decision != model::Decision::passed_over; };
    if (!before.empty()) {
      taken.notes.push_back(fmt::format("{}: {}", printable(push.ref), before));
    } else if (std::none_of(matches.begin(), matches.end(), is_taken)) {
      taken.notes.push_back(nothing_for(push, matches));
    }
    const auto request = pull_requests_.open_of_branch(connection.uuid, push.branch());
    if (!request) return tl::unexpected<Error>(request.error());
    for (const Match& match : matches) {
      if (!is_taken(match)) {
        verdicts.add(match, push);
        continue;
      }
      const model::TriggerSource source =
          request->has_value() ? model::TriggerSource::pull_request : model::TriggerSource::push;
      Result<store::NewBuild> fresh = new_build(*match.trigger, metadata_of_push(push, source));
      if (!fresh) return tl::unexpected<Error>(fresh.error());
      fresh->build.pull_request = *request;
      if (origin.event == model::kCatchUpEvent)
        fresh->first_log.push_back({fresh->build.created_on, kCaughtUpWords, true});
      take_match(match, push, *std::move(fresh), verdicts, intake, taken);
    }
  }
  intake.delivery->verdicts = verdicts.take();
  std::vector<store::EndedPreviews> ended;
  Result<Taken> stored = store_intake(intake, std::move(taken), &ended);
  if (!stored) return stored;
  for (const auto& [place, branch] : notes_of_gone) stored->notes.at(place) += ended_words(ended, branch);
  return stored;
}

model::BuildMetadata Queue::metadata_of_push(const model::PushEvent& push, model::TriggerSource source) {
  model::BuildMetadata metadata;
  metadata.source = source;
  metadata.branch = push.branch();
  metadata.commit_hash = push.after;
  metadata.commit_message = push.head_message;
  metadata.author = push.author;
  return metadata;
}

void Queue::take_match(const Match& match, const model::PushEvent& push, store::NewBuild fresh,
                       Verdicts& verdicts, store::Intake& intake, Taken& taken) {
  const bool skips = match.decision == model::Decision::skipped;
  if (skips) skip(fresh, match.rule);
  fresh.build.unreported = match.why == Match::Why::paths && !match.trigger->report_path_skips;
  verdicts.add(match, push, fresh.build.uuid);
  taken.builds.push_back({fresh.build.uuid, verdicts.name_of(*match.trigger), match.trigger->name,
                          push.branch(), push.after, skips ? match.rule : std::string()});
  intake.builds.push_back(std::move(fresh));
}

Result<Taken> Queue::take_nothing(const model::RepoConnection& connection,
                                  const model::DeliveryOrigin& origin, const std::string& delivery_id,
                                  const std::string& why) {
  store::Intake intake;
  intake.delivery = delivery_of(connection, origin, entropy_.uuid(), clock_.now());
  set_key(intake, origin.provider, delivery_id);
  Taken taken;
  taken.notes.push_back(why);
  return store_intake(intake, std::move(taken));
}

Result<Taken> Queue::take_unconnected(const std::string& account_id, const std::string& full_name,
                                      const std::vector<model::PushEvent>& pushes,
                                      const model::DeliveryOrigin& origin, const std::string& delivery_id) {
  model::RepoConnection nobodys;
  nobodys.account_id = account_id;
  nobodys.repo_name = printable(full_name.substr(full_name.rfind('/') + 1));
  store::Intake intake;
  intake.delivery = delivery_of(nobodys, origin, entropy_.uuid(), clock_.now());
  set_key(intake, origin.provider, delivery_id.empty() ? "" : delivery_id + "/" + account_id);
  for (const model::PushEvent& push : pushes)
    add_ref(*intake.delivery, kept_ref(push.ref, push.branch(), push.before, push.after));
  Taken taken;
  taken.notes.push_back(fmt::format("no Worker is connected to {}; kiln connect connects one",
                                    full_name.empty() ? "this repository" : printable(full_name)));
  return store_intake(intake, std::move(taken));
}

Result<std::vector<model::Verdict>> Queue::judge(const std::string& account_id,
                                                 const std::vector<model::Trigger>& triggers,
                                                 const model::PushEvent& push) {
  const Result<std::string> out = out_of_minutes(account_id);
  if (!out) return tl::unexpected<Error>(out.error());
  Verdicts verdicts([this](const model::Trigger& trigger) { return worker_name(trigger); });
  for (const Match& match : match_within(*out, match_push(push, triggers, nullptr)))
    verdicts.add(match, push);
  return verdicts.take();
}

std::string Queue::worker_name(const model::Trigger& trigger) {
  const Result<model::Worker> worker = workers_.worker_by_tag(trigger.account_id, trigger.worker_tag);
  return worker ? worker->name : trigger.worker_tag;
}

void Queue::set_key(store::Intake& intake, const std::string& provider, const std::string& delivery_id) {
  intake.provider = provider;
  // One delivery may reach several connections of the same repository; each takes it in once.
  intake.delivery_id = delivery_id.empty() ? "" : delivery_id + "/" + intake.delivery->connection.str();
  model::DeliveryOrigin& origin = intake.delivery->origin;
  if (origin.provider.empty()) origin.provider = provider;
  if (origin.provider_id.empty()) origin.provider_id = printable(delivery_id);
}

Result<Taken> Queue::store_intake(store::Intake& intake, Taken taken,
                                  std::vector<store::EndedPreviews>* ended) {
  for (const std::string& note : taken.notes) add_note(*intake.delivery, note);
  Result<store::IntakeResult> stored = queue_.enqueue(intake);
  if (!stored) return tl::unexpected<Error>(stored.error());
  if (stored->overtaken) return fail(Errc::conflict, "more was told of the branch meanwhile");
  if (ended != nullptr) *ended = std::move(stored->ended);
  if (stored->duplicate) {
    // The builds of the first delivery, in the same order as ours would have been.
    taken.duplicate = true;
    taken.builds.resize(std::min(taken.builds.size(), stored->builds.size()));
    for (std::size_t i = 0; i < taken.builds.size(); ++i) taken.builds[i].build = stored->builds[i];
    return taken;
  }
  for (const Uuid& build : stored->builds) announce(build);
  for (const Uuid& build : stored->superseded) announce(build);
  for (const Uuid& build : stored->cancelled) announce(build);
  return taken;
}

}  // namespace kiln::queue
