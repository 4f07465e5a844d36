#include "serving/workerd_runtimes.h"

#include <fmt/format.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <map>
#include <mutex>
#include <thread>

#include "base/log.h"
#include "serving/instance.h"
#include "serving/start_words.h"
#include "serving/task_threads.h"

namespace kiln::serving {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr int kPrepareThreads = 2;
constexpr std::size_t kMaxLastWords = 8U << 10U;
constexpr milliseconds kFirstPause{250};
constexpr milliseconds kLongestPause{30'000};
constexpr milliseconds kSteady{10'000};      // a process that ran for so long starts its failures anew
constexpr milliseconds kWorthWaiting{1000};  // for a start that comes by itself

milliseconds pause_after(int failures) {
  return std::min(kFirstPause * (1 << std::min(failures - 1, 10)), kLongestPause);
}

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
  return {instance.socket.string(), std::move(use)};
}

// Answers that are due, given once the mutex is free.
class Answers {
 public:
  void serve(Instance& instance) {
    for (Ready& ready : instance.waiting) add(std::move(ready), endpoint_of(instance));
    instance.waiting.clear();
  }
  void refuse(Instance& instance, const Error& error) {
    for (Ready& ready : instance.waiting) add(std::move(ready), tl::unexpected<Error>(error));
    instance.waiting.clear();
  }
  void give() {
    for (auto& [ready, result] : list_) ready(std::move(result));
    list_.clear();
  }

 private:
  void add(Ready ready, Result<Endpoint> result) { list_.emplace_back(std::move(ready), std::move(result)); }
  std::vector<std::pair<Ready, Result<Endpoint>>> list_;
};

Error not_available(std::string words) {
  return {Errc::unavailable, std::move(words), {}};
}

}  // namespace

struct WorkerdRuntimes::Impl {
  Impl(store::WorkerStore& given_store, const workers::BlobStore& given_blobs, RuntimeOptions given,
       LineSink given_sink)
      : store(given_store), blobs(given_blobs), options(std::move(given)), sink(std::move(given_sink)) {}

  store::WorkerStore& store;
  const workers::BlobStore& blobs;
  RuntimeOptions options;
  LineSink sink;
  Fd wake{eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)};
  std::atomic<int> processes{0};
  std::atomic<int> next_folder{0};

  std::mutex mutex;
  std::map<Uuid, std::unique_ptr<Instance>> instances;
  bool stopping = false;

  // The keeper's alone.
  std::vector<std::unique_ptr<Instance>> ending;  // killed, not yet reaped
  std::vector<bool> slots;

  TaskThreads preparers;
  std::thread keeper;

  void wake_up() const {
    const std::uint64_t one = 1;
    if (write(wake.get(), &one, sizeof one) < 0) return;  // it is awake already
  }
  void prepare_later(const Uuid& version);
  void keep();
  milliseconds decide(Answers& answers, std::vector<Instance*>& to_start);
  milliseconds decide_one(Instance& instance, SteadyTime now, Answers& answers,
                          std::vector<Instance*>& to_start);
  [[nodiscard]] bool make_room(Answers& answers, Instance& wanted);
  void start_process(Instance& instance);
  Status spawn_process(Instance& instance);
  void wait_for_events(milliseconds longest, Answers& answers);
  void read_output(Instance& instance);
  void process_gone(Instance& instance, Answers& answers);
  void put_away(Instance& instance);
  void end_everything();
};

WorkerdRuntimes::WorkerdRuntimes(store::WorkerStore& store, const workers::BlobStore& blobs,
                                 RuntimeOptions options, LineSink sink)
    : impl_(std::make_unique<Impl>(store, blobs, std::move(options), std::move(sink))) {}

WorkerdRuntimes::~WorkerdRuntimes() {
  stop();
}

void WorkerdRuntimes::start() {
  impl_->preparers.start(kPrepareThreads);
  impl_->keeper = std::thread([this] { impl_->keep(); });
}

void WorkerdRuntimes::stop() {
  {
    const std::lock_guard lock(impl_->mutex);
    impl_->stopping = true;
  }
  impl_->preparers.stop();
  impl_->wake_up();
  if (impl_->keeper.joinable()) impl_->keeper.join();
}

int WorkerdRuntimes::running() const {
  return impl_->processes;
}

void WorkerdRuntimes::acquire(const Uuid& version, std::function<void(Result<Endpoint>)> ready) {
  Result<Endpoint> answer = tl::unexpected<Error>(not_available("The server is stopping."));
  {
    const std::lock_guard lock(impl_->mutex);
    if (!impl_->stopping) {
      std::unique_ptr<Instance>& instance = impl_->instances[version];
      const bool fresh = instance == nullptr;
      if (fresh) instance = std::make_unique<Instance>(version);
      const milliseconds left = std::chrono::ceil<milliseconds>(instance->not_before - steady_clock::now());
      if (instance->stage == Stage::running) {
        answer = endpoint_of(*instance);
      } else if (instance->stage == Stage::resting && left > kWorthWaiting) {
        answer = tl::unexpected<Error>(not_available(fmt::format(
            "Version {} does not start; it is tried again in {} ms.", version.str(), left.count())));
      } else {
        instance->waiting.push_back(std::move(ready));
        if (fresh) impl_->prepare_later(version);
        impl_->wake_up();
        return;
      }
    }
  }
  ready(std::move(answer));
}

// Held by the mutex.
void WorkerdRuntimes::Impl::prepare_later(const Uuid& version) {
  preparers.add([this, version] {
    Result<Prepared> made = prepare(store, blobs, version, options.services_secret,
                                    options.folder / std::to_string(next_folder++));
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

void WorkerdRuntimes::Impl::keep() {
  while (true) {
    Answers answers;
    std::vector<Instance*> to_start;
    milliseconds longest{0};
    {
      const std::lock_guard lock(mutex);
      if (stopping) break;
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
milliseconds WorkerdRuntimes::Impl::decide(Answers& answers, std::vector<Instance*>& to_start) {
  const SteadyTime now = steady_clock::now();
  milliseconds longest = kLongestPause;
  for (auto entry = instances.begin(); entry != instances.end();) {
    Instance& instance = *entry->second;
    if (instance.refused) {
      Error error = *std::move(instance.refused);
      if (error.code != Errc::version_not_found) {
        log::error("version {} cannot be laid out: {}", instance.version.str(), error.message);
        error = not_available("This version cannot be started; the server's log says why.");
      }
      answers.refuse(instance, error);
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
  return std::max(longest, milliseconds{0});
}

milliseconds WorkerdRuntimes::Impl::decide_one(Instance& instance, SteadyTime now, Answers& answers,
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
  if (instance.stage == Stage::running)
    return instance.is_unused()
               ? std::chrono::ceil<milliseconds>(instance.usage->last_used.load() + idle - now) +
                     milliseconds{1}
               : idle / 4 + milliseconds{1};
  return kLongestPause;
}

// True when one more process may be started. Otherwise stops the one unused for longest and lets `wanted`
// wait for it, or turns those away who wait when all are in use.
bool WorkerdRuntimes::Impl::make_room(Answers& answers, Instance& wanted) {
  int live = static_cast<int>(ending.size());
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

void WorkerdRuntimes::Impl::start_process(Instance& instance) {
  const auto free_slot = std::find(slots.begin(), slots.end(), false);
  instance.slot = static_cast<unsigned>(free_slot - slots.begin());
  if (free_slot == slots.end())
    slots.push_back(true);
  else
    *free_slot = true;
  instance.killed_for.reset();
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

Status WorkerdRuntimes::Impl::spawn_process(Instance& instance) {
  const std::filesystem::path& files = instance.prepared->files.path();
  if (!instance.listener) {
    instance.socket = files.string() + ".sock";
    Result<Fd> listener = listen_on(instance.socket);
    if (!listener) return tl::unexpected<Error>(listener.error());
    instance.listener = *std::move(listener);
  }
  SandboxSpec spec;
  spec.folder = files;
  spec.network = true;
  spec.uid = options.engine.first_uid + instance.slot;
  if (instance.prepared->calls_services && !options.services_socket.empty()) {
    // The folder around it keeps strangers out; the process's uid must be able to connect.
    if (chmod(options.services_socket.c_str(), 0666) != 0)
      return fail(Errc::io, "there is no socket " + options.services_socket.string());
    spec.services_socket = options.services_socket;
  }
  Result<Spawned> process =
      spawn(options.engine, std::move(spec), instance.listener, instance.prepared->config);
  if (!process) return tl::unexpected<Error>(process.error());
  instance.process.emplace(*std::move(process));
  return {};
}

void WorkerdRuntimes::Impl::wait_for_events(milliseconds longest, Answers& answers) {
  std::vector<Instance*> live;
  for (const std::unique_ptr<Instance>& instance : ending) live.push_back(instance.get());
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

void WorkerdRuntimes::Impl::read_output(Instance& instance) {
  const auto line = [&](std::string_view text) {
    if (sink) sink(instance.version, text);
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

void WorkerdRuntimes::Impl::process_gone(Instance& instance, Answers& answers) {
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
  if (listened && now - instance.since > kSteady) instance.failures = 0;
  ++instance.failures;
  // One crash of a process that served is made good at once.
  const milliseconds pause =
      listened ? (instance.failures == 1 ? milliseconds{0} : pause_after(instance.failures - 1))
               : pause_after(instance.failures);
  instance.not_before = now + pause;
  if (listened) {
    log::error("version {}: workerd ended (exit code {}, signal {}); started again in {} ms: {}",
               instance.version.str(), end.exit_code, end.signal, pause.count(),
               in_one_line(instance.last_words));
    return;
  }
  const Error why =
      instance.killed_for ? *instance.killed_for : why_not_started(options.engine, end, instance.last_words);
  log::error("version {} does not start: {}", instance.version.str(), in_one_line(why.message));
  // Connections that wait in the queue end with it.
  instance.listener.reset();
  answers.refuse(instance, not_available("This version does not start; the server's log says why."));
}

// Its files and its socket; their removal is not for this thread.
void WorkerdRuntimes::Impl::put_away(Instance& instance) {
  instance.listener.reset();
  if (!instance.socket.empty()) unlink(instance.socket.c_str());
  auto files = std::make_shared<std::optional<Prepared>>(std::move(instance.prepared));
  instance.prepared.reset();
  preparers.add([files = std::move(files)]() mutable { files->reset(); });
}

void WorkerdRuntimes::Impl::end_everything() {
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
  answers.give();
  for (const std::unique_ptr<Instance>& instance : ending) {
    if (instance->process) {
      (void)reap(*instance->process);
      --processes;
    }
    if (!instance->socket.empty()) unlink(instance->socket.c_str());
  }
  ending.clear();
}

}  // namespace kiln::serving
