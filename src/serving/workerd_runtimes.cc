#include "serving/workerd_runtimes.h"

#include <fmt/format.h>

#include "base/log.h"
#include "base/parked_bwrap.h"
#include "serving/keeper.h"
#include "serving/sandbox_arguments.h"

namespace kiln::serving {
namespace {

constexpr int kPrepareThreads = 2;

}  // namespace

WorkerdRuntimes::WorkerdRuntimes(store::VersionStore& versions, const workers::BlobStore& blobs,
                                 RuntimeOptions options, LineSink sink)
    : keeper_(std::make_unique<Keeper>(
          [&versions, &blobs, how = options.prepare](const Uuid& version,
                                                     const std::filesystem::path& folder) {
            return prepare(versions, blobs, version, how, folder);
          },
          std::move(options), std::move(sink))) {}

WorkerdRuntimes::WorkerdRuntimes(Preparer prepare, RuntimeOptions options, LineSink sink)
    : keeper_(std::make_unique<Keeper>(std::move(prepare), std::move(options), std::move(sink))) {}

WorkerdRuntimes::~WorkerdRuntimes() {
  stop();
}

void WorkerdRuntimes::start() {
  if (const int parked = end_parked_bwraps(kWorkerdInside); parked > 0)
    log::warn("ended {} processes of Workers whose server died while they started", parked);
  keeper_->open = true;
  keeper_->preparers.start(kPrepareThreads);
  keeper_->thread = std::thread([this] { keeper_->keep(); });
}

void WorkerdRuntimes::stop() {
  {
    const std::lock_guard lock(keeper_->mutex);
    keeper_->open = false;
  }
  keeper_->preparers.stop();
  keeper_->wake_up();
  if (keeper_->thread.joinable()) keeper_->thread.join();
}

int WorkerdRuntimes::running() const {
  return keeper_->processes;
}

void WorkerdRuntimes::renew(const std::string& worker_tag) {
  {
    const std::lock_guard lock(keeper_->mutex);
    for (auto entry = keeper_->instances.begin(); entry != keeper_->instances.end();) {
      std::unique_ptr<Instance>& instance = entry->second;
      // One that is being laid out may have read what was there before: it is made again all the same.
      const bool concerned = !instance->prepared || instance->prepared->worker_tag == worker_tag;
      if (concerned) instance->usage->outdated = true;
      if (concerned && instance->stage == Stage::running) {
        keeper_->taken_out.push_back(std::move(instance));
        entry = keeper_->instances.erase(entry);
      } else {
        ++entry;
      }
    }
  }
  keeper_->wake_up();
}

void WorkerdRuntimes::end(const Uuid& id) {
  {
    const std::lock_guard lock(keeper_->mutex);
    const auto found = keeper_->instances.find(id);
    if (found != keeper_->instances.end()) found->second->unwanted = true;
  }
  keeper_->wake_up();
}

void WorkerdRuntimes::acquire(const Uuid& version, std::function<void(Result<Endpoint>)> ready) {
  Result<Endpoint> answer = tl::unexpected<Error>(not_available("The server runs no Workers now."));
  {
    const std::lock_guard lock(keeper_->mutex);
    if (keeper_->open) {
      std::unique_ptr<Instance>& instance = keeper_->instances[version];
      const bool fresh = instance == nullptr;
      if (fresh) instance = std::make_unique<Instance>(version);
      const milliseconds left =
          std::chrono::ceil<milliseconds>(instance->not_before - std::chrono::steady_clock::now());
      if (instance->stage == Stage::running) {
        answer = endpoint_of(*instance);
      } else if (instance->stage == Stage::resting && left > kWorthWaiting) {
        answer = tl::unexpected<Error>(
            not_available(fmt::format("The {} {} does not start; it is tried again in {} ms.",
                                      noun_of(keeper_->options.kind), version.str(), left.count())));
      } else {
        instance->waiting.push_back(std::move(ready));
        if (fresh) keeper_->prepare_later(version);
        keeper_->wake_up();
        return;
      }
    }
  }
  ready(std::move(answer));
}

}  // namespace kiln::serving
