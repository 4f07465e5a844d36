// Connections to the processes of versions: idle ones kept for the next request, new ones made, processes
// asked for when a version has none. Belongs to the front's thread; the Runtimes outlive it.
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "serving/front/net.h"
#include "serving/runtimes.h"

namespace kiln::serving {

// One open connection, lent to one request at a time.
struct Upstream {
  Upstream(Socket opened, const Uuid& of, std::string at, std::shared_ptr<void> used)
      : socket(std::move(opened)), version(of), entrypoint(std::move(at)), use(std::move(used)) {}

  Socket socket;
  Buffer in;
  Uuid version;
  std::string entrypoint;     // empty: where visitors' requests go
  std::shared_ptr<void> use;  // keeps the process
  bool reused = false;        // it has answered a request before
  SteadyClock::time_point idle_since;
};
using UpstreamPtr = std::unique_ptr<Upstream>;

class Upstreams {
 public:
  Upstreams(asio::io_context& io, Runtimes& runtimes, std::chrono::milliseconds connect_timeout);
  ~Upstreams();
  Upstreams(const Upstreams&) = delete;
  Upstreams& operator=(const Upstreams&) = delete;

  // An idle connection, if there is one.
  [[nodiscard]] UpstreamPtr take_idle(const Uuid& version, const std::string& entrypoint);
  // A new one, the version's process started when needed. Errors: Errc::version_not_found,
  // Errc::not_found (no such entrypoint), Errc::unavailable, Errc::timeout.
  [[nodiscard]] Task<Result<UpstreamPtr>> connect(const Uuid& version, std::string entrypoint);
  // For the next request. Only a connection on which an answer has ended and that may be kept.
  void give_back(UpstreamPtr upstream);
  // The idle connections of that version are not to be trusted any more.
  void drop_idle(const Uuid& version) { versions_.erase(version); }

  // Closes what has been idle too long, and lets go of processes that nobody uses.
  void sweep(SteadyClock::time_point now);
  // Nothing is open or known.
  [[nodiscard]] bool empty() const { return versions_.empty(); }
  // Wakes whoever waits, with Errc::unavailable, and closes what is idle.
  void stop();

 private:
  struct Version {
    std::vector<UpstreamPtr> idle;  // the last used is the first taken
    std::optional<Endpoint> endpoint;
    SteadyClock::time_point used;
  };
  // A process being asked for; shared by everybody who waits for it.
  struct Asking {
    std::unordered_set<Timer*> waiting;  // cancelled when the answer is there
    std::optional<Result<Endpoint>> answer;
  };
  // Where answers of the Runtimes arrive, from any thread, for as long as there is somebody to post to.
  struct Door;

  void ask(const Uuid& version);
  void take_answer(const Uuid& version, Result<Endpoint> answer);
  [[nodiscard]] Task<Result<Endpoint>> endpoint_of(const Uuid& version, SteadyClock::time_point until);
  [[nodiscard]] Task<Result<Socket>> open(const std::string& path, SteadyClock::time_point until);

  asio::io_context& io_;
  Runtimes& runtimes_;
  std::chrono::milliseconds connect_timeout_;
  std::unordered_map<Uuid, Version> versions_;
  std::unordered_map<Uuid, std::shared_ptr<Asking>> asking_;
  std::shared_ptr<Door> door_;
  bool stopped_ = false;
};

}  // namespace kiln::serving
