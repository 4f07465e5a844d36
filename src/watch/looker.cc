#include "watch/looker.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "base/log.h"
#include "model/delivery.h"
#include "model/pattern.h"

namespace kiln::watch {
namespace {

constexpr const char* kProvider = "poll";

bool is_taken_by_any(const std::vector<model::Trigger>& triggers, const std::string& branch) {
  return std::any_of(triggers.begin(), triggers.end(), [&](const model::Trigger& trigger) {
    return model::branch_matches(trigger.branch_includes, trigger.branch_excludes, branch);
  });
}

std::string short_hash(const std::string& commit) {
  return commit.substr(0, 7);
}

}  // namespace

double Looker::fraction() {
  const std::string bytes = ports_.entropy.bytes(2);
  const auto byte = [&](std::size_t at) {
    return static_cast<unsigned>(static_cast<unsigned char>(bytes[at]));
  };
  return static_cast<double>(byte(0) * 256 + byte(1)) / 65'536;
}

TimeMs Looker::waiting_since(const Uuid& connection, const HeadNews& news) {
  const std::lock_guard lock(mutex_);
  Waiting& waiting = waiting_[{connection, news.branch}];
  if (waiting.since == 0 || waiting.commit != news.after) waiting = {news.after, ports_.clock.now()};
  return waiting.since;
}

void Looker::forget(const Uuid& connection, const std::string& branch) {
  const std::lock_guard lock(mutex_);
  waiting_.erase({connection, branch});
}

Result<Looker::Fate> Looker::take(const Look& look, const HeadNews& news, const char* event) {
  const model::RepoConnection& connection = look.watched.connection;
  model::PushEvent push;
  push.provider = kProvider;
  push.delivery_id = fmt::format("{}@{}@{}", news.branch, news.after, look.asked_on);
  push.ref = "refs/heads/" + news.branch;
  push.before = news.before;
  push.after = news.after;
  push.asked_on = look.asked_on;
  if (!news.after.empty()) {
    const Result<queue::Queue::CommitText> text = ports_.git.commit(connection, news.branch, news.after);
    if (!text) return tl::unexpected<Error>(text.error());
    push.author = text->author;
    push.head_message = text->message;
  }
  const auto files = [&](const model::PushEvent& asked) {
    return ports_.git.changed_files(connection, asked);
  };
  const Result<queue::Taken> taken = ports_.queue.take_push(
      connection, {push}, files, {kProvider, {}, event, model::SignatureResult::asked});
  if (!taken) return tl::unexpected<Error>(taken.error());
  if (taken->overtaken) return Fate::later;
  log::info("found by asking its host connection={} branch={} commit={} event={} builds={}",
            connection.uuid.str(), log::quoted(news.branch), news.after, event, taken->builds.size());
  return Fate::settled;
}

Status Looker::build_first(const Look& look, const store::Heads& heads) {
  for (const auto& [branch, commit] : heads) {
    const auto names_it = [&, name = branch](const model::Trigger& trigger) {
      return std::find(trigger.branch_includes.begin(), trigger.branch_includes.end(), name) !=
             trigger.branch_includes.end();
    };
    if (std::none_of(look.triggers.begin(), look.triggers.end(), names_it)) continue;
    if (const auto taken = take(look, {branch, {}, commit}, model::kPollEvent); !taken)
      return tl::unexpected<Error>(taken.error());
  }
  return {};
}

Result<bool> Looker::begin(const Look& look, const store::Heads& heads, store::Heads& seen) {
  bool moved = false;
  for (const auto& [branch, commit] : heads) {
    const auto last = ports_.watches.last_judged(look.watched.connection, branch);
    if (!last) return tl::unexpected<Error>(last.error());
    const bool has_moved = *last && (*last)->commit != commit;
    moved = moved || has_moved;
    if (!has_moved) seen[branch] = commit;
    if (has_moved && !(*last)->commit.empty()) seen[branch] = (*last)->commit;
  }
  return moved;
}

Result<Looker::Fate> Looker::catch_up(const Look& look, const HeadNews& news,
                                      const std::optional<store::LastJudged>& last) {
  const model::RepoConnection& connection = look.watched.connection;
  if (!is_taken_by_any(look.triggers, news.branch)) return Fate::settled;
  // Its hook may be on the way.
  if (ports_.clock.now() - waiting_since(connection.uuid, news) < std::min(kHookPatienceMs, catch_up_ms_))
    return Fate::soon;
  if (last && !last->commit.empty() && !news.after.empty()) {
    const Result<bool> older = ports_.git.is_ancestor(connection, news.after, last->commit);
    if (!older && older.error().code != Errc::not_found) return tl::unexpected<Error>(older.error());
    if (older && *older) {
      const Result<queue::Taken> kept = ports_.queue.take_nothing(
          connection, {kProvider, {}, model::kCatchUpEvent, model::SignatureResult::asked},
          fmt::format("{}@{}@{}", news.branch, news.after, look.asked_on),
          fmt::format("the branch {} stands at {} again, which is older than {}, the last that was reported: "
                      "nothing goes back by itself; kiln build builds it",
                      news.branch, short_hash(news.after), short_hash(last->commit)));
      if (!kept) return tl::unexpected<Error>(kept.error());
      return Fate::settled;
    }
  }
  return take(look, news, model::kCatchUpEvent);
}

Result<Looker::Fate> Looker::settle(const Look& look, const HeadNews& news) {
  const model::RepoConnection& connection = look.watched.connection;
  const Result<std::optional<store::LastJudged>> last = ports_.watches.last_judged(connection, news.branch);
  if (!last) return tl::unexpected<Error>(last.error());
  if (*last && (*last)->commit == news.after) return Fate::settled;
  // What came since the host was asked is newer than its answer.
  if (*last && (*last)->received_on >= look.asked_on) return Fate::later;
  if (!news.after.empty()) {
    const Result<bool> built = ports_.watches.was_built(connection, news.branch, news.after);
    if (!built) return tl::unexpected<Error>(built.error());
    if (*built) return Fate::settled;
  }
  if (!look.polled) return catch_up(look, news, *last);
  return take(look, news, model::kPollEvent);
}

Result<bool> Looker::take_news(const Look& look, const store::Heads& heads, store::Heads& seen) {
  const Uuid& connection = look.watched.connection.uuid;
  if (!look.watched.heads_known) {
    if (look.watched.build_first) {
      if (const Status taken = build_first(look, heads); !taken) return tl::unexpected<Error>(taken.error());
    }
    return begin(look, heads, seen);
  }
  bool soon = false;
  std::optional<Error> trouble;
  for (const HeadNews& news : news_between(seen, heads)) {
    const Result<Fate> fate = settle(look, news);
    if (!fate) {
      // One branch that cannot be had holds no other up.
      trouble = fate.error();
      continue;
    }
    if (*fate == Fate::soon) soon = true;
    if (*fate != Fate::settled) continue;
    forget(connection, news.branch);
    if (news.after.empty()) {
      seen.erase(news.branch);
    } else {
      seen[news.branch] = news.after;
    }
  }
  if (trouble) return tl::unexpected<Error>(*trouble);
  return soon;
}

Status Looker::see_what_was_told(const Look& look, store::Heads& seen) {
  const Result<store::Heads> told =
      ports_.watches.judged_since(look.watched.connection, look.watched.looked_on);
  if (!told) return tl::unexpected<Error>(told.error());
  for (const auto& [branch, commit] : *told) {
    if (commit.empty()) {
      seen.erase(branch);
    } else {
      seen[branch] = commit;
    }
  }
  return {};
}

std::optional<TimeMs> Looker::look(const Uuid& connection) {
  Look look;
  Result<store::Watched> watched = ports_.watches.watch(connection);
  if (!watched) {
    if (watched.error().code == Errc::not_found) return std::nullopt;
    log::error("a repository's watch cannot be read: {}", watched.error().message);
    return ports_.clock.now() + kHookPatienceMs;
  }
  look.watched = std::move(*watched);
  look.polled = look.watched.poll_seconds > 0;
  const TimeMs interval = interval_of(look.watched, catch_up_ms_);
  if (interval == 0) return std::nullopt;
  look.asked_on = ports_.clock.now();
  store::LookEnd end;
  end.looked_on = look.asked_on;
  bool soon = false;
  const auto went_wrong = [&](const Error& error) {
    end.problem = error.message;
    if (look.watched.failures == 0)
      log::warn("a host cannot be asked for news connection={} error={}", connection.str(),
                log::quoted(error.message));
  };
  Result<std::vector<model::Trigger>> triggers = ports_.triggers.triggers_of_connection(connection);
  const Result<store::Heads> heads = triggers ? ports_.git.heads(look.watched.connection)
                                              : Result<store::Heads>(tl::unexpected<Error>(triggers.error()));
  Result<store::Heads> seen = ports_.watches.seen(connection);
  const store::Heads before = seen ? *seen : store::Heads{};
  bool begun = false;
  if (seen && look.watched.heads_known && !look.polled) {
    if (const Status told = see_what_was_told(look, *seen); !told) seen = tl::unexpected<Error>(told.error());
  }
  if (!heads) {
    went_wrong(heads.error());
  } else if (!seen) {
    went_wrong(seen.error());
  } else if (heads->size() > kMostHeads) {
    went_wrong({Errc::too_large, fmt::format("it has more than {} branches", kMostHeads), {}});
  } else {
    look.triggers = std::move(*triggers);
    const Result<bool> taken = take_news(look, *heads, *seen);
    if (!taken) went_wrong(taken.error());
    if (taken) soon = *taken;
    begun = taken && !look.watched.heads_known;
  }
  if (seen && (begun || *seen != before)) end.heads = std::move(*seen);
  const int failures = end.problem.empty() ? 0 : look.watched.failures + 1;
  end.next_on = ports_.clock.now() + pause_after(interval, failures, fraction());
  if (soon) end.next_on = std::min(end.next_on, ports_.clock.now() + std::min(kHookPatienceMs, interval));
  if (const Status kept = ports_.watches.end_look(connection, end); !kept) {
    if (kept.error().code == Errc::not_found) return std::nullopt;
    log::error("what was seen at a host cannot be kept: {}", kept.error().message);
  }
  return end.next_on;
}

}  // namespace kiln::watch
