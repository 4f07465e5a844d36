// The keeper's half that touches processes.
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>

#include "base/clock.h"
#include "base/log.h"
#include "confine/host_users.h"
#include "serving/keeper.h"
#include "serving/printed.h"
#include "serving/start_words.h"
#include "serving/workerd_config.h"

namespace kiln::serving {
namespace {

using std::chrono::steady_clock;

constexpr std::size_t kMaxLastWords = 8U << 10U;
constexpr milliseconds kFirstPause{250};
constexpr milliseconds kSteady{10'000};  // a process that ran for so long starts its failures anew

// As root; otherwise the process runs as us. Nobody writes to the tree meanwhile, and it has no links.
Status give_tree(const std::filesystem::path& root, unsigned uid) {
  if (geteuid() != 0) return {};
  namespace fs = std::filesystem;
  std::error_code error;
  bool given = lchown(root.c_str(), uid, uid) == 0;
  for (fs::recursive_directory_iterator entry(root, error), end; given && !error && entry != end;
       entry.increment(error)) {
    given = lchown(entry->path().c_str(), uid, uid) == 0;
  }
  if (given && !error) return {};
  return fail(Errc::io, fmt::format("giving {} to its process: {}", root.string(),
                                    given ? error.message() : std::strerror(errno)));
}

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
  log::error("{} {} cannot be started: {}", noun_of(options.kind), instance.version.str(),
             spawned.error().message);
  slots[instance.slot] = false;
  Answers answers;
  {
    const std::lock_guard lock(mutex);
    answers.refuse(instance, not_started());
    instance.stage = Stage::resting;
    instance.not_before = steady_clock::now() + pause_after(++instance.failures);
  }
  answers.give();
}

Status Keeper::spawn_process(Instance& instance) {
  const std::filesystem::path& files = instance.prepared->files.path();
  if (!instance.sockets) {
    Result<Sockets> sockets = Sockets::open(files, instance.prepared->entrypoints, instance.prepared->events);
    if (!sockets) return tl::unexpected<Error>(sockets.error());
    instance.sockets.emplace(*std::move(sockets));
  }
  const bool is_version = options.kind == ProcessKind::version;
  if (instance.slot >= uids_of(options.kind))
    return fail(Errc::unavailable, fmt::format("{} processes run already", instance.slot));
  SandboxSpec spec;
  spec.folder = files;
  spec.network = is_version;
  spec.confined = is_version ? confine::Confined::worker : confine::Confined::database;
  spec.uid = (is_version ? kFirstWorkerUid : kFirstDatabaseUid) + instance.slot;
  if (OwnFolder& own = instance.prepared->own; !own.path.empty()) {
    if (!own.lock) {
      Result<Fd> lock = try_to_lock(own.lock_file);
      if (!lock) return tl::unexpected<Error>(lock.error());
      own.lock = *std::move(lock);
    }
    if (Status given = give_tree(own.path, spec.uid); !given) return given;
    spec.own_folder = own.path;
    spec.lock_fd = own.lock.get();
    spec.largest_file = own.largest_file;
  }
  spec.sockets = instance.sockets->named();
  const auto open_door = [&](bool is_needed, const std::filesystem::path& path, const char* inside) {
    if (is_needed && !path.empty()) spec.doors.push_back({path, inside});
  };
  open_door(instance.prepared->calls_services, options.services_socket, kServicesInside);
  open_door(options.prepare.cache, options.cache_socket, kCacheInside);
  open_door(instance.prepared->calls_kv, options.kv_socket, kKvInside);
  open_door(instance.prepared->calls_d1, options.d1_socket, kD1Inside);
  open_door(instance.prepared->calls_r2, options.r2_socket, kR2Inside);
  open_door(instance.prepared->calls_queues, options.queues_socket, kQueuesInside);
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
        if (options.started)
          options.started(instance.prepared->account_id, instance.prepared->worker_name,
                          std::chrono::duration<double>(steady_clock::now() - instance.since).count());
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
  instance.prepared->own.lock.reset();  // what is left of the process has it still
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
    if (options.crashed) options.crashed(instance.prepared->account_id, instance.prepared->worker_name);
    const std::string why = why_it_ended(options.engine, end, instance.last_words,
                                         instance.hung ? instance.prepared->hang_ms : 0, options.kind);
    log::error("{} {}: {} Started again in {} ms.", noun_of(options.kind), instance.version.str(), why,
               pause.count());
    if (sink)
      sink(instance.version, instance.prepared->worker_tag, {SystemClock().now(), "error", why, false, {}});
    return;
  }
  const Error why =
      instance.killed_for ? *instance.killed_for : why_not_started(options.engine, end, instance.last_words);
  log::error("{} {} does not start: {}", noun_of(options.kind), instance.version.str(),
             in_one_line(why.message));
  // Connections that wait in the queue end with it.
  instance.sockets.reset();
  answers.refuse(instance, not_available(fmt::format("This {} does not start; the server's log says why.",
                                                     noun_of(options.kind))));
}

// Its files and its socket; their removal is not for this thread. Who waits for its folder waits on the
// threads that remove them, so the lock goes here.
void Keeper::put_away(Instance& instance) {
  if (instance.prepared) instance.prepared->own.lock.reset();
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
