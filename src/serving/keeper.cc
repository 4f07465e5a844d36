#include "serving/keeper.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/log.h"
#include "serving/start_words.h"

namespace kiln::serving {
namespace {

using std::chrono::steady_clock;

constexpr milliseconds kRetiredLook{500};

}  // namespace

Endpoint endpoint_of(const Instance& instance) {
  instance.usage->last_used = steady_clock::now();
  ++instance.usage->users;
  const auto release = [](Usage* usage) {
    usage->last_used = steady_clock::now();
    --usage->users;
  };
  // Shares ownership of the counter, so that it may outlive the instance.
  std::shared_ptr<Usage> usage = instance.usage;
  std::shared_ptr<void> use(usage.get(), [usage, release](void*) { release(usage.get()); });
  return {instance.sockets->path(), std::move(use), instance.sockets->entrypoints(),
          std::shared_ptr<const std::atomic<bool>>(instance.usage, &instance.usage->outdated),
          instance.sockets->events_path()};
}

Error Keeper::not_started() const {
  return not_available(
      fmt::format("This {} cannot be started; the server's log says why.", noun_of(options.kind)));
}

// Held by the mutex.
void Keeper::prepare_later(const Uuid& version) {
  preparers.add([this, version] {
    Result<Prepared> made = prepare(version, options.folder / std::to_string(next_folder++));
    {
      const std::lock_guard lock(mutex);
      const auto found = instances.find(version);
      if (found == instances.end()) return;  // only at the end of everything: else nobody drops it
      Instance& instance = *found->second;
      if (made) {
        instance.prepared.emplace(*std::move(made));
        instance.stage = Stage::wanted;
      } else {
        instance.refused = std::move(made.error());
      }
    }
    wake_up();
  });
}

void Keeper::keep() {
  while (true) {
    Answers answers;
    std::vector<Instance*> to_start;
    milliseconds longest{0};
    {
      const std::lock_guard lock(mutex);
      if (!open) break;
      longest = decide(answers, to_start);
    }
    answers.give();
    for (Instance* instance : to_start) start_process(*instance);
    if (!to_start.empty()) longest = milliseconds{0};
    wait_for_events(longest, answers);
    answers.give();
  }
  end_everything();
}

// What is due now, with the mutex held; returns for how long there is nothing to do.
milliseconds Keeper::decide(Answers& answers, std::vector<Instance*>& to_start) {
  const SteadyTime now = steady_clock::now();
  milliseconds longest = kLongestPause;
  for (std::unique_ptr<Instance>& instance : taken_out) retiring.push_back(std::move(instance));
  taken_out.clear();
  for (auto entry = instances.begin(); entry != instances.end();) {
    Instance& instance = *entry->second;
    if (instance.refused) {
      Error error = *std::move(instance.refused);
      if (error.code != Errc::version_not_found && error.code != Errc::not_found) {
        log::error("{} {} cannot be laid out: {}", noun_of(options.kind), instance.version.str(),
                   error.message);
        error = not_started();
      }
      answers.refuse(instance, error);
      entry = instances.erase(entry);
      continue;
    }
    if (instance.unwanted && instance.stage != Stage::preparing) {
      answers.refuse(instance, {Errc::not_found, "It has been deleted.", {}});
      instance.usage->outdated = true;
      if (instance.process) {
        kill_now(*instance.process);
        ending.push_back(std::move(entry->second));
      } else {
        put_away(instance);
      }
      entry = instances.erase(entry);
      continue;
    }
    if (instance.usage->outdated && retire(entry->second)) {
      entry = instances.erase(entry);
      continue;
    }
    longest = std::min(longest, decide_one(instance, now, answers, to_start));
    const bool finished = instance.stage == Stage::resting && !instance.process && instance.is_unused() &&
                          now >= instance.not_before + milliseconds(options.idle_ms);
    const bool idle = instance.stage == Stage::running && instance.is_unused() &&
                      now >= instance.usage->last_used.load() + milliseconds(options.idle_ms);
    if (idle) {
      kill_now(*instance.process);
      ending.push_back(std::move(entry->second));
    } else if (finished) {
      put_away(instance);
    }
    if (idle || finished)
      entry = instances.erase(entry);
    else
      ++entry;
  }
  return std::clamp(end_retired(), milliseconds{0}, std::max(longest, milliseconds{0}));
}

// An outdated process takes nobody new and ends when nobody uses it any more. False while it starts, or is
// waited for: then it serves those first.
bool Keeper::retire(std::unique_ptr<Instance>& instance) {
  if (!instance->waiting.empty()) return false;
  if (instance->stage == Stage::resting && !instance->process) {
    put_away(*instance);
    instance.reset();
    return true;
  }
  if (instance->stage != Stage::running) return false;
  retiring.push_back(std::move(instance));
  return true;
}

// Kills those that nobody uses; returns when to look again.
milliseconds Keeper::end_retired() {
  for (std::unique_ptr<Instance>& instance : retiring) {
    if (instance->usage->users > 0) continue;
    if (instance->process) kill_now(*instance->process);
    ending.push_back(std::move(instance));
  }
  std::erase(retiring, nullptr);
  return retiring.empty() ? kLongestPause : kRetiredLook;
}

milliseconds Keeper::decide_one(Instance& instance, SteadyTime now, Answers& answers,
                                std::vector<Instance*>& to_start) {
  const milliseconds idle{options.idle_ms};
  if (instance.stage == Stage::resting) {
    const milliseconds left = std::chrono::ceil<milliseconds>(instance.not_before - now);
    if (left > milliseconds{0}) return left;
    if (instance.is_unused()) return idle + milliseconds{1};
    instance.stage = Stage::wanted;
  }
  if (instance.stage == Stage::wanted && make_room(answers, instance)) {
    instance.stage = Stage::starting;
    instance.since = now;
    to_start.push_back(&instance);
  }
  if (instance.stage == Stage::starting) {
    const milliseconds left =
        std::chrono::ceil<milliseconds>(instance.since + milliseconds(options.engine.start_ms) - now);
    if (left <= milliseconds{0} && instance.process && !instance.killed_for) {
      instance.killed_for = started_too_slowly(options.engine);
      kill_now(*instance.process);
    }
    return left > milliseconds{0} ? left : kLongestPause;
  }
  // Users leave without a word, so it is looked at now and then.
  if (instance.stage == Stage::running) {
    const milliseconds look =
        instance.is_unused()
            ? std::chrono::ceil<milliseconds>(instance.usage->last_used.load() + idle - now) + milliseconds{1}
            : idle / 4 + milliseconds{1};
    return std::min(look, watch(instance, now));
  }
  return kLongestPause;
}

// Feels the pulse of a process that has been used since it was felt last, and kills it when it shows none
// for its limit: a script spins. Returns when to look again.
milliseconds Keeper::watch(Instance& instance, SteadyTime now) {
  const milliseconds limit{instance.prepared->hang_ms};
  const milliseconds soon = std::clamp(limit / 16, milliseconds{10}, milliseconds{1000});
  Pulse& pulse = instance.pulse;
  if (instance.hung) return kLongestPause;
  if (pulse.waiting()) {
    if (pulse.felt()) {
      pulse.end();
    } else if (now - instance.pulse_since >= limit) {
      instance.hung = true;
      pulse.end();
      kill_now(*instance.process);
      return kLongestPause;
    } else {
      return soon;
    }
  }
  const SteadyTime next = instance.pulse_since + limit / 4;
  if (now < next) return std::chrono::ceil<milliseconds>(next - now) + milliseconds{1};
  if (instance.usage->users == 0 && instance.usage->last_used.load() < instance.pulse_since) return limit / 4;
  instance.pulse_since = now;
  pulse.begin(instance.sockets->path());
  return soon;
}

// True when one more process may be started. Otherwise stops the one unused for longest and lets `wanted`
// wait for it, or turns those away who wait when all are in use.
bool Keeper::make_room(Answers& answers, Instance& wanted) {
  int live = static_cast<int>(ending.size() + retiring.size());
  Instance* oldest = nullptr;
  for (const auto& [version, instance] : instances) {
    if (instance->stage != Stage::starting && instance->stage != Stage::running) continue;
    ++live;
    if (instance->stage == Stage::running && instance->is_unused() &&
        (oldest == nullptr || instance->usage->last_used.load() < oldest->usage->last_used.load()))
      oldest = instance.get();
  }
  if (live < options.max_running) return true;
  if (!ending.empty()) return false;
  if (oldest != nullptr) {
    // Its own turn in decide() moves it to the ending ones.
    oldest->usage->last_used = SteadyTime{};
    wake_up();
    return false;
  }
  answers.refuse(wanted, not_available(fmt::format("All {} processes for Workers are in use; raise "
                                                   "workers.max_running, or try again later.",
                                                   options.max_running)));
  wanted.stage = Stage::resting;
  wanted.not_before = steady_clock::now() + kWorthWaiting;
  return false;
}

}  // namespace kiln::serving
