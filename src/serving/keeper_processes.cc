// The keeper's half that touches processes.
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

#include "base/clock.h"
#include "base/log.h"
#include "confine/host_users.h"
#include "serving/keeper.h"
#include "serving/printed.h"
#include "serving/start_words.h"

namespace kiln::serving {
namespace {

using std::chrono::steady_clock;

constexpr std::size_t kMaxLastWords = 8U << 10U;
constexpr milliseconds kFirstPause{250};
constexpr milliseconds kSteady{10'000};  // a process that ran for so long starts its failures anew

milliseconds pause_after(int failures) {
  return std::min(kFirstPause * (1 << std::min(failures - 1, 10)), kLongestPause);
}

}  // namespace

void Keeper::start_process(Instance& instance) {
  const auto free_slot = std::find(slots.begin(), slots.end(), false);
  instance.slot = static_cast<unsigned>(free_slot - slots.begin());
  if (free_slot == slots.end())
    slots.push_back(true);
  else
    *free_slot = true;
  instance.killed_for.reset();
  instance.hung = false;
  instance.pulse.end();
  instance.pulse_since = steady_clock::now();
  instance.said.clear();
  instance.last_words.clear();
  const Status spawned = spawn_process(instance);
  if (spawned) {
    ++processes;
    return;
  }
  log::error("version {} cannot be started: {}", instance.version.str(), spawned.error().message);
  slots[instance.slot] = false;
  Answers answers;
  {
    const std::lock_guard lock(mutex);
    answers.refuse(instance, not_available("This version cannot be started; the server's log says why."));
    instance.stage = Stage::resting;
    instance.not_before = steady_clock::now() + pause_after(++instance.failures);
  }
  answers.give();
}

Status Keeper::spawn_process(Instance& instance) {
  const std::filesystem::path& files = instance.prepared->files.path();
  if (!instance.sockets) {
    Result<Sockets> sockets = Sockets::open(files, instance.prepared->entrypoints, instance.prepared->cron);
    if (!sockets) return tl::unexpected<Error>(sockets.error());
    instance.sockets.emplace(*std::move(sockets));
  }
  if (instance.slot >= kWorkerUids)
    return fail(Errc::unavailable, fmt::format("{} processes of Workers run already", kWorkerUids));
  SandboxSpec spec;
  spec.folder = files;
  spec.network = true;
  spec.uid = kFirstWorkerUid + instance.slot;
  spec.sockets = instance.sockets->named();
  if (instance.prepared->calls_services) spec.services_socket = options.services_socket;
  if (options.prepare.cache) spec.cache_socket = options.cache_socket;
  Result<Spawned> process = spawn(options.engine, std::move(spec), instance.prepared->config);
  if (!process) return tl::unexpected<Error>(process.error());
  instance.process.emplace(*std::move(process));
  return {};
}

void Keeper::wait_for_events(milliseconds longest, Answers& answers) {
  std::vector<Instance*> live;
  for (const auto* list : {&ending, &retiring}) {
    for (const std::unique_ptr<Instance>& instance : *list) {
      if (instance->process) live.push_back(instance.get());
    }
  }
  {
    const std::lock_guard lock(mutex);
    for (const auto& [version, instance] : instances) {
      if (instance->process) live.push_back(instance.get());
    }
  }
  std::vector<pollfd> fds{{wake.get(), POLLIN, 0}};
  for (const Instance* instance : live) {
    for (const Fd* fd : {&instance->process->process, &instance->process->control, &instance->process->out,
                         &instance->process->err})
      fds.push_back({fd->get(), POLLIN, 0});
  }
  poll(fds.data(), fds.size(), static_cast<int>(longest.count()));
  std::uint64_t count = 0;
  if (read(wake.get(), &count, sizeof count) < 0) count = 0;
  for (std::size_t i = 0; i < live.size(); ++i) {
    Instance& instance = *live[i];
    const pollfd* of = &fds[1 + 4 * i];
    if (of[2].revents != 0 || of[3].revents != 0) read_output(instance);
    if (of[1].revents != 0 && read_some(instance.process->control, instance.said) &&
        instance.said.find('\n') != std::string::npos) {
      const std::lock_guard lock(mutex);
      if (instance.stage == Stage::starting && !instance.killed_for) {
        instance.stage = Stage::running;
        instance.usage->last_used = steady_clock::now();
        answers.serve(instance);
      }
    }
    if (of[0].revents != 0) process_gone(instance, answers);
  }
  std::erase_if(ending, [](const std::unique_ptr<Instance>& instance) { return !instance->process; });
}

void Keeper::read_output(Instance& instance) {
  const auto line = [&](std::string_view text) {
    const TimeMs now = SystemClock().now();
    if (sink) sink(instance.version, instance.prepared->worker_tag, read_printed(text, now));
  };
  std::string out;
  std::string err;
  read_some(instance.process->out, out);
  read_some(instance.process->err, err);
  instance.out.feed(out, line);
  instance.err.feed(err, line);
  instance.last_words += err;
  if (instance.last_words.size() > kMaxLastWords)
    instance.last_words.erase(0, instance.last_words.size() - kMaxLastWords);
}

void Keeper::process_gone(Instance& instance, Answers& answers) {
  read_output(instance);
  const Ending end = reap(*instance.process);
  instance.process.reset();
  --processes;
  slots[instance.slot] = false;
  const std::lock_guard lock(mutex);
  if (instances.count(instance.version) == 0 || instances.at(instance.version).get() != &instance) {
    put_away(instance);
    return;
  }
  const SteadyTime now = steady_clock::now();
  const bool listened = instance.stage == Stage::running;
  instance.stage = Stage::resting;
  const milliseconds steady =
      instance.hung ? kSteady + milliseconds(2 * instance.prepared->hang_ms) : kSteady;
  if (listened && now - instance.since > steady) instance.failures = 0;
  ++instance.failures;
  // One crash of a process that served is made good at once.
  const milliseconds pause =
      listened && !instance.hung
          ? (instance.failures == 1 ? milliseconds{0} : pause_after(instance.failures - 1))
          : pause_after(instance.failures);
  instance.not_before = now + pause;
  if (listened) {
    const std::string why = why_it_ended(options.engine, end, instance.last_words,
                                         instance.hung ? instance.prepared->hang_ms : 0);
    log::error("version {}: {} Started again in {} ms.", instance.version.str(), why, pause.count());
    if (sink)
      sink(instance.version, instance.prepared->worker_tag, {SystemClock().now(), "error", why, false, {}});
    return;
  }
  const Error why =
      instance.killed_for ? *instance.killed_for : why_not_started(options.engine, end, instance.last_words);
  log::error("version {} does not start: {}", instance.version.str(), in_one_line(why.message));
  // Connections that wait in the queue end with it.
  instance.sockets.reset();
  answers.refuse(instance, not_available("This version does not start; the server's log says why."));
}

// Its files and its socket; their removal is not for this thread.
void Keeper::put_away(Instance& instance) {
  if (instance.sockets) instance.sockets->remove();
  instance.sockets.reset();
  auto files = std::make_shared<std::optional<Prepared>>(std::move(instance.prepared));
  instance.prepared.reset();
  preparers.add([files = std::move(files)]() mutable { files->reset(); });
}

void Keeper::end_everything() {
  Answers answers;
  {
    const std::lock_guard lock(mutex);
    for (auto& [version, instance] : instances) {
      answers.refuse(*instance, not_available("The server is stopping."));
      if (instance->process) kill_now(*instance->process);
      ending.push_back(std::move(instance));
    }
    instances.clear();
  }
  for (std::unique_ptr<Instance>& instance : taken_out) retiring.push_back(std::move(instance));
  taken_out.clear();
  for (std::unique_ptr<Instance>& instance : retiring) {
    if (instance->process) kill_now(*instance->process);
    ending.push_back(std::move(instance));
  }
  retiring.clear();
  answers.give();
  for (const std::unique_ptr<Instance>& instance : ending) {
    if (instance->process) {
      (void)reap(*instance->process);
      --processes;
    }
    if (instance->sockets) instance->sockets->remove();
  }
  ending.clear();
}

}  // namespace kiln::serving
