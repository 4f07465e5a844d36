#include "runner/service.h"

#include <fmt/format.h>
#include <unistd.h>

#include <atomic>
#include <optional>
#include <system_error>

#include "base/fs.h"
#include "base/log.h"
#include "base/parked_bwrap.h"
#include "base/process.h"
#include "base/resolver.h"
#include "base/sizes.h"
#include "base/strings.h"
#include "runner/cache/keeper.h"
#include "runner/disk_floor.h"
#include "runner/sandbox/bwrap_arguments.h"
#include "runner/sandbox/limits/keeper.h"
#include "runner/sandbox/pool.h"

namespace kiln::runner {
namespace {

namespace fs = std::filesystem;

class RealSandboxes final : public Sandboxes {
 public:
  RealSandboxes(const SandboxHost& host, LimitKeeper& limits, int slots) : pool_(host, limits, slots) {}
  [[nodiscard]] Result<std::unique_ptr<Sandbox>> start(const SandboxSpec& spec) override {
    return pool_.start(spec);
  }
  void prepare_next() override { pool_.prepare_next(); }
  [[nodiscard]] wire::SandboxTally tally() const override {
    const SandboxPool::Tally now = pool_.tally();
    return {now.prepared, now.used, now.dropped};
  }

 private:
  SandboxPool pool_;
};

// Accounts share no mirror: what one's credentials opened is not another's. Nor do strangers' builds with
// the repository's own: of what these were given of its host, submodules say, they are to see nothing.
scm::Remote remote_of(const model::JobSpec& job) {
  const bool is_strangers = job.cache_trust == model::CacheTrust::fork;
  return {job.clone_url, job.clone_authorization, job.account_id + (is_strangers ? " forks" : ""), job.ssh};
}

// Of a job that brought none: those that the server has at that moment, which may be short-lived.
GitSource::Credentials credentials_of(ServerClients& clients, const model::JobSpec& job) {
  const bool may_need = job.clone_authorization.empty() && job.clone_url.starts_with("http");
  if (!may_need) return nullptr;
  return [&clients, build = job.build_uuid, lease = job.lease_id] {
    return clients.make()->clone_authorization(build, {lease});
  };
}

SourceReach reach_of(const model::JobSpec& job) {
  SourceReach reach;
  reach.submodules.own_host = job.cache_trust != model::CacheTrust::fork;
  if (reach.submodules.own_host) reach.submodules.folders = job.local_repositories;
  return reach;
}

// Said loudly, since a machine that looks safe and is not is the worst kind.
void tell_of(const LimitKeeper& limits) {
  const char* disk = limits.disk_mode() == DiskMode::loop   ? "loop"
                     : limits.disk_mode() == DiskMode::poll ? "poll"
                                                            : "none";
  const char* cgroups = limits.cgroups().kind == CgroupHost::Kind::v2   ? "v2"
                        : limits.cgroups().kind == CgroupHost::Kind::v1 ? "v1"
                                                                        : "none";
  log::info("limits cgroups={} memory=\"{}\" processes={} disk=\"{}\" disk_mode={}", cgroups,
            size_words(limits.limits().memory), limits.limits().processes, size_words(limits.limits().disk),
            disk);
  for (const std::string& sentence : limits.unenforced()) {
    log::warn("A LIMIT OF BUILDS IS NOT ENFORCED ON THIS MACHINE: {}", sentence);
  }
}

Status prepare_folders(const Options& options) {
  // Passable for the builds' own uids, readable for nobody else.
  if (Status made = make_directory(options.root, 0711); !made) return made;
  if (Status made = make_directory(options.root / "builds", 0711); !made) return made;
  // A build sees its repository's mirror inside its sandbox alone.
  if (Status made = make_directory(options.root / "mirrors", 0700); !made) return made;
  std::error_code error;
  if (!fs::exists(options.tools, error)) {
    if (Status made = make_directory(options.tools, 0755); !made) return made;
  }
  return {};
}

// Those that no build was ever made of: of a first fetch that failed, or under a name that no build asks for.
void remove_unused_mirrors(const fs::path& mirrors) {
  std::error_code error;
  for (fs::directory_iterator entry(mirrors, error), end; !error && entry != end; entry.increment(error)) {
    if (scm::is_mirror_in_use(entry->path())) continue;
    if (const Status removed = remove_tree(entry->path()); !removed)
      log::warn("a mirror that is not used stays behind reason={}", log::quoted(removed.error().message));
  }
}

// Every build's tools come by it: the default Node runs npm, which fetches the others.
Status look_for_node(const fs::path& tools) {
  const fs::path node = tools / "node/default/bin/node";
  if (access(node.c_str(), X_OK) == 0) return {};
  return fail(
      Errc::unavailable,
      fmt::format("there is no {}, and no build runs without it; install the package kiln-tools, or run "
                  "`make setup` in Kiln's sources, or point runner.tools_dir of the settings at a "
                  "folder with node/default",
                  node.string()));
}

// So that whoever waits for a build learns why none is taken.
void tell_why_not(const Options& options, ServerClients& server, const Error& error) {
  wire::ClaimCall call{options.runner_id, 0};
  call.paused =
      to_valid_utf8(("the runner cannot start: " + error.message).substr(0, wire::kMostPausedWords));
  call.cannot_start = true;
  const std::atomic<bool> stop{false};
  if (const auto told = server.make()->claim(call, stop); !told)
    log::warn("the server was not told: {}", told.error().message);
}

}  // namespace

Limits limits_from(const model::LimitSettings& settings) {
  Limits limits;
  limits.memory = settings.memory.value_or(limits.memory);
  limits.cpus = settings.cpus;
  limits.processes = settings.processes;
  limits.disk = settings.disk;
  limits.disk_mode = settings.disk_mode == "loop"   ? DiskMode::loop
                     : settings.disk_mode == "poll" ? DiskMode::poll
                     : settings.disk_mode == "none" ? DiskMode::none
                                                    : DiskMode::automatic;
  return limits;
}

struct RunnerService::Impl {
  Impl(const Options& options, ServerClients& clients, const SandboxHost& host, RootLock held,
       std::unique_ptr<LimitKeeper> limit_keeper)
      : lock(std::move(held)),
        limits(std::move(limit_keeper)),
        sandboxes(host, *limits, options.concurrency),
        tools(processes, clock, options.tools, options.environment, options.tools_size),
        git(processes, options.root / "mirrors", *scm::Reach::make(options.git_allow, resolver), options.git),
        workshop{clock,
                 clients,
                 sandboxes,
                 tools,
                 [this, &clients](const model::JobSpec& job) -> std::unique_ptr<Source> {
                   return std::make_unique<GitSource>(git, clock, remote_of(job), reach_of(job),
                                                      credentials_of(clients, job));
                 },
                 options.root / "builds",
                 options.tools,
                 options.agent,
                 options.environment,
                 limits->limits(),
                 limits->unenforced(),
                 {.total = options.limits.log},
                 nullptr},
        caches(clock, options.cache_dir, options.cache),
        keeper(caches, clients),
        floor({.floor = options.min_free_disk,
               .place = options.root,
               .free = {},
               .relief = {[this] { return caches.give_up_one(); }, [this] { return tools.give_up_one(); }},
               .end_largest = [this] { return limits->end_largest(); }}),
        loop(workshop, options.runner_id, options.concurrency) {}

  // Caching needs the programs that every sandbox shows of this machine.
  Status open_caches(const Options& options) {
    for (const char* program : {"/usr/bin/zstd", "/usr/bin/tar"}) {
      if (access(program, X_OK) == 0) continue;
      log::warn("builds run without caches reason={}",
                log::quoted(fmt::format("{} is not installed on this machine", program)));
      return {};
    }
    if (options.cache_dir.parent_path() != options.root) {
      if (Status made = make_directory(options.cache_dir, 0711); !made) return made;
      Result<RootLock> alone = RootLock::take(options.cache_dir);
      if (!alone) return context(std::move(alone.error()), "--cache");
      cache_lock = std::move(*alone);
    }
    if (Status opened = caches.open(); !opened) return opened;
    workshop.caches = &caches;
    keeper.start();
    return {};
  }

  RootLock lock;
  std::optional<RootLock> cache_lock;  // of a folder that other runs use too
  std::unique_ptr<LimitKeeper> limits;
  SystemClock clock;
  SystemProcesses processes;
  RealSandboxes sandboxes;
  ToolCache tools;
  SystemResolver resolver;
  scm::Git git;
  Workshop workshop;
  ArchiveStore caches;
  CacheKeeper keeper;
  DiskFloor floor;
  JobLoop loop;
};

RunnerService::RunnerService(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

RunnerService::~RunnerService() {
  stop();
}

Result<std::unique_ptr<RunnerService>> RunnerService::start(const Options& options) {
  auto http = std::make_unique<HttpServerClients>(options.server, options.runner_id);
  Result<std::unique_ptr<RunnerService>> service =
      look_for_node(options.tools).and_then([&] { return start(options, *http); });
  if (service) {
    (*service)->http_ = std::move(http);
  } else {
    tell_why_not(options, *http, service.error());
  }
  return service;
}

Result<std::unique_ptr<RunnerService>> RunnerService::start(const Options& options, ServerClients& server) {
  if (Status prepared = prepare_folders(options); !prepared) return tl::unexpected<Error>(prepared.error());
  Result<RootLock> lock = RootLock::take(options.root);
  if (!lock) return tl::unexpected<Error>(lock.error());
  LimitKeeper::Setup setup;
  setup.limits = limits_from(options.limits);
  setup.limits.min_free_disk = options.min_free_disk;
  setup.memory_by_default = !options.limits.memory;
  setup.root = options.root;
  setup.builds = options.root / "builds";
  setup.slots = options.concurrency;
  Result<std::unique_ptr<LimitKeeper>> limits = LimitKeeper::open(setup);
  if (!limits) return tl::unexpected<Error>(limits.error());
  tell_of(**limits);
  const Result<SandboxHost> host = probe_sandbox(options.agent, options.network);
  if (!host) return tl::unexpected<Error>(host.error());
  // Now, and not earlier: a predecessor's bubblewraps have had the time to die of its end.
  if (const int parked = end_parked_bwraps(kAgentInside); parked > 0)
    log::warn("ended {} sandboxes whose runner died while they started", parked);
  std::unique_ptr<RunnerService> service(new RunnerService(
      std::make_unique<Impl>(options, server, *host, std::move(*lock), std::move(*limits))));
  service->impl_->tools.sweep();
  remove_unused_mirrors(options.root / "mirrors");
  if (Status opened = service->impl_->open_caches(options); !opened)
    return tl::unexpected<Error>(opened.error());
  service->impl_->floor.start();
  service->impl_->workshop.why_closed = [floor = &service->impl_->floor] { return floor->why_closed(); };
  service->impl_->loop.start();
  log::info("runner={} slots={} ready", options.runner_id, options.concurrency);
  return service;
}

void RunnerService::stop() {
  impl_->loop.stop();
  impl_->floor.stop();
  impl_->keeper.stop();
}

}  // namespace kiln::runner
