// Port: what source hosts show of builds and pull requests, and what they have still to be told. A report
// says the state of now, so that moves which come close together are told once, and none is told after a
// newer one. Owned by app; every method is one durable transaction and safe from any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/ids.h"
#include "base/result.h"

namespace kiln::store {

enum class ReportKind { build, pull_request };

struct DueReport {
  std::int64_t number = 0;
  ReportKind kind = ReportKind::build;
  Uuid connection;
  std::string account_id;
  Uuid build;                     // of a build
  std::int64_t pull_request = 0;  // of a pull request
  std::string remote_id;          // what the host calls what it shows; empty: not known
  bool may_exist = false;         // a call was under way that may have made it
  // The newest outbox row that what it says from now on has in it: of a build's state all that there are; of
  // a pull request's comment, which lists what was handed on, those that asked for it.
  std::int64_t wanted = 0;
  int attempts = 0;  // that failed since it was last told or given up
  int refusals = 0;  // of those the last ones, one after the other, that the host refused
  int limits = 0;    // how often its host has limited since it last took something
};

// A host is one as one caller sees it (forges/directory.h): two accounts that report to the same are two.
struct HostClock {
  std::string host;
  TimeMs due_on = 0;  // of the first report that waits there
};

// A report that failed, for people.
struct FailingReport {
  ReportKind kind = ReportKind::build;
  Uuid connection;
  Uuid build;
  std::int64_t pull_request = 0;
  std::string host;
  std::string error;
  int attempts = 0;
  std::optional<TimeMs> due_on;  // nothing: given up until the build moves or tell_again()
};

class ReportStore {
 public:
  virtual ~ReportStore() = default;

  [[nodiscard]] virtual Result<std::vector<HostClock>> hosts() = 0;
  // The one that has waited longest at the host, if it is due now.
  [[nodiscard]] virtual Result<std::optional<DueReport>> next(const std::string& host) = 0;

  // A call that may make something at the host is about to begin.
  [[nodiscard]] virtual Status begin(std::int64_t number) = 0;
  // The host shows it under this id: kept as soon as that is known.
  [[nodiscard]] virtual Status keep_remote_id(std::int64_t number, const std::string& remote_id) = 0;
  // Told as of `wanted`; what was asked for since is due at once.
  [[nodiscard]] virtual Status told(std::int64_t number, std::int64_t wanted) = 0;
  // Not told, and not refused; due again in `wait_ms`.
  [[nodiscard]] virtual Status postpone(std::int64_t number, TimeMs wait_ms, const std::string& error) = 0;
  // Refused; due again in `wait_ms`.
  [[nodiscard]] virtual Status refused(std::int64_t number, TimeMs wait_ms, const std::string& error) = 0;
  // Not told, since its host limits: that one and whatever else waits or comes for the host is due in
  // `wait_ms` at the earliest.
  [[nodiscard]] virtual Status limited(std::int64_t number, TimeMs wait_ms, const std::string& error) = 0;
  // Refused for good as of `wanted`: due again when something newer asks for it, or by tell_again().
  [[nodiscard]] virtual Status give_up(std::int64_t number, std::int64_t wanted,
                                       const std::string& error) = 0;

  // The account's connections of which reports are given up.
  [[nodiscard]] virtual Result<std::vector<Uuid>> given_up(const std::string& account_id) = 0;
  // How many of all accounts are given up.
  [[nodiscard]] virtual Result<std::int64_t> count_given_up() = 0;
  // What is given up of the connection is due, at `host`, as if it had never failed. Returns how many.
  [[nodiscard]] virtual Result<int> tell_again(const std::string& account_id, const Uuid& connection,
                                               const std::string& host) = 0;

  // Of each Worker its newest build of the pull request, in the order of their first.
  [[nodiscard]] virtual Result<std::vector<Uuid>> builds_of_pull_request(const Uuid& connection,
                                                                         std::int64_t number) = 0;
  // Whether a newer build of the same Worker and commit is there, whose state is what a host shows that has
  // one place for both.
  [[nodiscard]] virtual Result<bool> is_outdone(const Uuid& build) = 0;
  // Those of the account that failed last time, the newest first, at most a hundred.
  [[nodiscard]] virtual Result<std::vector<FailingReport>> failing(const std::string& account_id) = 0;
};

}  // namespace kiln::store
