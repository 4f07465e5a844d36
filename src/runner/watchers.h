// The threads beside a running build: each is started by its constructor and joined by its destructor, and
// belongs to the job thread that made it.
#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

#include "base/clock.h"
#include "runner/log/build_log.h"
#include "runner/server/lease.h"
#include "runner/server/server_client.h"

namespace kiln::runner {

// Renews the lease by long polls until told to end; `on_lost` runs on its thread when the build is no longer
// ours.
class LeaseKeeper {
 public:
  LeaseKeeper(Lease& lease, ServerClient& client, const Clock& clock, std::function<void()> on_lost);
  ~LeaseKeeper();
  LeaseKeeper(const LeaseKeeper&) = delete;
  LeaseKeeper& operator=(const LeaseKeeper&) = delete;

  // The build is about to be finished: what the server says of the lease from now on is no news.
  void end() { over_ = true; }

 private:
  void keep();

  Lease& lease_;
  ServerClient& client_;
  const Clock& clock_;
  std::function<void()> on_lost_;
  std::atomic<bool> over_{false};
  std::thread thread_;
};

// Sends the log's batches in order, each until it is acknowledged. finish() waits until all of it is sent (or
// cannot be).
class LogShipper {
 public:
  LogShipper(BuildLog& log, Lease& lease, ServerClient& client);
  ~LogShipper();
  LogShipper(const LogShipper&) = delete;
  LogShipper& operator=(const LogShipper&) = delete;

  void finish();

 private:
  void ship();

  BuildLog& log_;
  Lease& lease_;
  ServerClient& client_;
  std::thread thread_;
};

// Calls `on_reached` once after that much time, unless destroyed before.
class Deadline {
 public:
  Deadline(TimeMs milliseconds, std::function<void()> on_reached);
  ~Deadline();
  Deadline(const Deadline&) = delete;
  Deadline& operator=(const Deadline&) = delete;

 private:
  std::mutex mutex_;
  std::condition_variable wake_;
  bool over_ = false;
  std::thread thread_;
};

}  // namespace kiln::runner
