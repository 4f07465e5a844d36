#include "runner/service.h"

#include <unistd.h>

#include <system_error>

#include "base/fs.h"
#include "base/log.h"
#include "base/process.h"
#include "runner/cache/keeper.h"

namespace kiln::runner {
namespace {

namespace fs = std::filesystem;

class RealSandboxes final : public Sandboxes {
 public:
  explicit RealSandboxes(const SandboxHost& host) : host_(host) {}
  [[nodiscard]] Result<std::unique_ptr<Sandbox>> start(const SandboxSpec& spec) override {
    return Sandbox::start(host_, spec);
  }

 private:
  SandboxHost host_;
};

// Builds that a killed runner left: their processes died with it.
Status sweep(const fs::path& builds) {
  std::error_code error;
  for (fs::directory_iterator entry(builds, error), end; !error && entry != end; entry.increment(error)) {
    if (Status removed = remove_tree(entry->path()); !removed) return removed;
  }
  return {};
}

Status prepare_folders(const Options& options) {
  // Passable for the builds' own uids, readable for nobody else.
  if (Status made = make_directory(options.root, 0711); !made) return made;
  if (Status made = make_directory(options.root / "builds", 0711); !made) return made;
  if (Status made = make_directory(options.root / "mirrors", 0711); !made) return made;
  std::error_code error;
  if (!fs::exists(options.tools, error)) {
    if (Status made = make_directory(options.tools, 0755); !made) return made;
  }
  return sweep(options.root / "builds");
}

}  // namespace

struct RunnerService::Impl {
  Impl(const Options& options, const SandboxHost& host)
      : clients(options.server),
        sandboxes(host),
        tools(processes, options.tools, options.environment),
        git(processes, options.root / "mirrors"),
        workshop{
            clock,
            clients,
            sandboxes,
            tools,
            [this](const model::JobSpec& job) -> std::unique_ptr<Source> {
              return std::make_unique<GitSource>(git, scm::Remote{job.clone_url, job.clone_authorization});
            },
            options.root / "builds",
            options.tools,
            options.agent,
            options.environment,
            nullptr},
        caches(clock, options.root / "cache", options.cache),
        keeper(caches, clients),
        loop(workshop, options.runner_id, options.concurrency) {}

  // Caching needs the programs that every sandbox shows of this machine.
  Status open_caches() {
    for (const char* program : {"/usr/bin/zstd", "/usr/bin/tar"}) {
      if (access(program, X_OK) == 0) continue;
      log::warn("builds run without caches reason=\"{} is not installed on this machine\"", program);
      return {};
    }
    if (Status opened = caches.open(); !opened) return opened;
    workshop.caches = &caches;
    keeper.start();
    return {};
  }

  SystemClock clock;
  SystemProcesses processes;
  HttpServerClients clients;
  RealSandboxes sandboxes;
  ToolCache tools;
  scm::Git git;
  Workshop workshop;
  ArchiveStore caches;
  CacheKeeper keeper;
  JobLoop loop;
};

RunnerService::RunnerService(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

RunnerService::~RunnerService() {
  stop();
}

Result<std::unique_ptr<RunnerService>> RunnerService::start(const Options& options) {
  if (Status prepared = prepare_folders(options); !prepared) return tl::unexpected<Error>(prepared.error());
  const Result<SandboxHost> host = probe_sandbox(options.agent);
  if (!host) return tl::unexpected<Error>(host.error());
  std::unique_ptr<RunnerService> service(new RunnerService(std::make_unique<Impl>(options, *host)));
  service->impl_->tools.sweep();
  if (Status opened = service->impl_->open_caches(); !opened) return tl::unexpected<Error>(opened.error());
  service->impl_->loop.start();
  log::info("runner={} slots={} ready", options.runner_id, options.concurrency);
  return service;
}

void RunnerService::stop() {
  impl_->loop.stop();
  impl_->keeper.stop();
}

}  // namespace kiln::runner
