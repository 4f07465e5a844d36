// The Runtimes that run: one sandboxed workerd a version, or a D1 database, kept by one thread of their own
// (it forks them, so they die with it and with us) and prepared on two others.
//
// Owned by app. start() and stop() belong to one thread; acquire() and running() to any.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "serving/engine.h"
#include "serving/prepare.h"
#include "serving/process_kind.h"
#include "serving/runtimes.h"
#include "store/version_store.h"
#include "workers/blob_store.h"
#include "workers/tails.h"

namespace kiln::serving {

struct RuntimeOptions {
  Engine engine;
  std::filesystem::path folder;           // for sockets and files of processes; there, 0700, and ours alone
  std::filesystem::path services_socket;  // where Workers call each other; empty: they cannot
  std::filesystem::path cache_socket;     // of the Cache API; empty: they have none (prepare.cache, too)
  std::filesystem::path kv_socket;        // where their KV bindings lead; empty: nowhere
  std::filesystem::path d1_socket;        // and their D1 bindings
  std::filesystem::path r2_socket;        // and their R2 bindings
  std::filesystem::path queues_socket;    // and their queue bindings
  PrepareOptions prepare{};               // its services_secret: what such a call must show
  int idle_ms = 300'000;                  // unused for so long, a process is stopped
  int max_running = 64;                   // beyond, the one unused for longest is stopped
  ProcessKind kind = ProcessKind::version;
  // On the keeper's thread, and quick: a Worker's process takes requests so long after it was begun; one that
  // did has ended.
  using Whose = std::function<void(const std::string& account_id, const std::string& worker, double seconds)>;
  Whose started = {};
  std::function<void(const std::string& account_id, const std::string& worker)> crashed = {};
};

// One line that a Worker printed. On the keeper's thread: must not block.
using LineSink =
    std::function<void(const Uuid& version, const std::string& worker_tag, const workers::TailedLine& line)>;

struct Keeper;

class WorkerdRuntimes final : public Runtimes {
 public:
  // The store and the blobs outlive it.
  WorkerdRuntimes(store::VersionStore& versions, const workers::BlobStore& blobs, RuntimeOptions options,
                  LineSink sink);
  // Of processes of another kind, which `prepare` lays out.
  WorkerdRuntimes(Preparer prepare, RuntimeOptions options, LineSink sink);
  ~WorkerdRuntimes() override;
  WorkerdRuntimes(const WorkerdRuntimes&) = delete;
  WorkerdRuntimes& operator=(const WorkerdRuntimes&) = delete;

  void start();
  // Kills every process and answers whoever waits with Errc::unavailable. Idempotent.
  void stop();

  void acquire(const Uuid& version, std::function<void(Result<Endpoint>)> ready) override;

  // What a Worker's processes are made from has changed beside its versions: whoever asks from now on gets a
  // new one, and the old ones end when nobody uses them.
  void renew(const std::string& worker_tag);

  // What it names is gone: its process is killed, whoever uses it.
  void end(const Uuid& id);

  [[nodiscard]] int running() const;  // processes there are now

 private:
  std::unique_ptr<Keeper> keeper_;
};

// Writes lines to the server's log at debug level, a few a second; says how many it left out.
[[nodiscard]] LineSink log_sink();

}  // namespace kiln::serving
