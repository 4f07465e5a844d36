// A server that remembers what a runner told it, for the tests of whoever speaks to one. Test code only.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/log_text.h"
#include "runner/server/server_client.h"

namespace kiln::runner::fakes {

// What a server would know; shared by all its clients.
class Server final : public ServerClients {
 public:
  std::unique_ptr<ServerClient> make() override;

  std::vector<std::string> log() {
    const std::lock_guard lock(mutex);
    return lines;
  }
  bool has_line(std::string_view part) {
    for (const std::string& line : log()) {
      if (line.find(part) != line.npos) return true;
    }
    return false;
  }
  // The lease ends: cancelled, say.
  void take_lease() {
    const std::lock_guard lock(mutex);
    lease_gone = true;
    changed.notify_all();
  }
  void wait_for_line(std::string_view part) {
    while (!has_line(part)) {
      std::unique_lock lock(mutex);
      changed.wait_for(lock, std::chrono::milliseconds(20));
    }
  }

  std::mutex mutex;
  std::condition_variable changed;
  std::deque<model::JobSpec> jobs;
  std::vector<std::string> lines;
  std::vector<int> seqs;
  std::vector<model::Step> steps;
  std::vector<model::JobEnd> ends;
  std::vector<Uuid> claims;             // of the last uploads call
  std::map<Uuid, std::int64_t> epochs;  // what caches calls are told
  int uploaded = 0;                     // what uploads calls are told
  std::vector<wire::Address> addresses;
  std::vector<std::string> notes;
  std::map<int, model::BuildStep> story;  // by ordinal
  std::vector<model::ToolUsed> tools;
  std::vector<model::CacheUse> caches;
  std::vector<wire::RouteAsked> routes;       // of the last routes call
  std::optional<Error> refused_routes;        // what it is told
  std::optional<model::Materials> materials;  // as they were last told
  std::string authorization;                  // what credentials calls are told
  bool lease_gone = false;
  int failures_left = 0;  // log, step and finish calls that answer "unavailable" first
};

class Client final : public ServerClient {
 public:
  explicit Client(Server& server) : server_(server) {}

  Result<std::optional<model::JobSpec>> claim(const wire::ClaimCall&,
                                              const std::atomic<bool>& stop) override {
    std::unique_lock lock(server_.mutex);
    while (server_.jobs.empty() && !stop) server_.changed.wait_for(lock, std::chrono::milliseconds(5));
    if (server_.jobs.empty()) return std::nullopt;
    model::JobSpec job = server_.jobs.front();
    server_.jobs.pop_front();
    return std::optional(job);
  }
  Status renew(const Uuid&, const wire::LeaseCall&, const std::atomic<bool>& stop) override {
    std::unique_lock lock(server_.mutex);
    while (!server_.lease_gone && !stop) server_.changed.wait_for(lock, std::chrono::milliseconds(5));
    if (server_.lease_gone) return fail(Errc::lease_lost, "over");
    return fail(Errc::timeout, "stopped");
  }
  Status enter_step(const Uuid&, const wire::StepCall& call) override {
    return answer([&] { server_.steps.push_back(call.step); });
  }
  Status append_log(const Uuid&, const wire::LogCall& call) override {
    return answer([&] {
      for (const model::BuildStep& step : call.story.steps) server_.story[step.ordinal] = step;
      if (!call.story.tools.empty()) server_.tools = call.story.tools;
      for (const model::CacheUse& use : call.story.caches) server_.caches.push_back(use);
      for (int i = 0; i < static_cast<int>(call.chunks.size()); ++i) server_.seqs.push_back(call.seq + i);
      for (const model::LogChunk& chunk : call.chunks) {
        const std::string text = *model::expand(chunk.frame);
        model::LogTextReader lines(text);
        while (const auto line = lines.next()) server_.lines.emplace_back(line->text);
      }
    });
  }
  Result<wire::UploadsAnswer> uploads(const Uuid&, const wire::UploadsCall& call) override {
    wire::UploadsAnswer uploads;
    const Status told = answer([&] {
      server_.claims = call.claims;
      uploads.versions = server_.uploaded;
      uploads.addresses = server_.addresses;
      uploads.notes = server_.notes;
    });
    if (!told) return tl::unexpected<Error>(told.error());
    return uploads;
  }
  Status check_routes(const Uuid&, const wire::RoutesCall& call) override {
    Status refused;
    const Status told = answer([&] {
      server_.routes = call.routes;
      if (server_.refused_routes) refused = tl::unexpected<Error>(*server_.refused_routes);
    });
    return told ? refused : told;
  }
  Status tell_materials(const Uuid&, const wire::MaterialsCall& call) override {
    return answer([&] { server_.materials = call.materials; });
  }
  Result<wire::CachesAnswer> caches(const wire::CachesCall&) override {
    wire::CachesAnswer epochs;
    const Status told = answer([&] { epochs.epochs = server_.epochs; });
    if (!told) return tl::unexpected<Error>(told.error());
    return epochs;
  }
  Result<std::string> clone_authorization(const Uuid&, const wire::CredentialsCall&) override {
    Result<std::string> authorization;
    const Status told = answer([&] { authorization = server_.authorization; });
    if (!told) return tl::unexpected<Error>(told.error());
    return authorization;
  }
  Status finish(const Uuid&, const wire::FinishCall& call) override {
    return answer([&] {
      server_.ends.push_back(call.end);
      if (call.end.last_line) server_.lines.push_back(call.end.last_line->text);
    });
  }

 private:
  Status answer(const std::function<void()>& act) {
    const std::lock_guard lock(server_.mutex);
    if (server_.failures_left > 0) {
      --server_.failures_left;
      return fail(Errc::unavailable, "not now");
    }
    if (server_.lease_gone) return fail(Errc::lease_lost, "over");
    act();
    server_.changed.notify_all();
    return {};
  }
  Server& server_;
};

inline std::unique_ptr<ServerClient> Server::make() {
  return std::make_unique<Client>(*this);
}

}  // namespace kiln::runner::fakes
