#include "runner/local/local_server.h"

#include <unistd.h>

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>
#include <cerrno>
#include <chrono>
#include <cstring>

namespace kiln::runner {
namespace {

constexpr std::chrono::milliseconds kLookAtStop{50};

std::string json_line(TimeMs time, std::string_view text, bool service) {
  return boost::json::serialize(boost::json::array{time, text, service ? "service" : "build"}) + "\n";
}

}  // namespace

class LocalServer::Client final : public ServerClient {
 public:
  explicit Client(LocalServer& server) : server_(server) {}

  [[nodiscard]] Result<std::optional<model::JobSpec>> claim(const wire::ClaimCall& call,
                                                            const std::atomic<bool>& stop) override {
    if (!call.paused.empty()) {
      server_.finish({model::BuildOutcome::fail, call.paused});
      return std::optional<model::JobSpec>();
    }
    if (std::optional<model::JobSpec> job = server_.give()) return job;
    wait(call.wait_ms, stop, false);
    return std::optional<model::JobSpec>();
  }
  [[nodiscard]] Status renew(const Uuid& /*build*/, const wire::LeaseCall& call,
                             const std::atomic<bool>& stop) override {
    wait(call.wait_ms, stop, true);
    return {};
  }
  [[nodiscard]] Status enter_step(const Uuid& /*build*/, const wire::StepCall& /*call*/) override {
    return {};
  }
  [[nodiscard]] Status append_log(const Uuid& /*build*/, const wire::LogCall& call) override {
    return server_.write_lines(call);
  }
  [[nodiscard]] Result<wire::UploadsAnswer> uploads(const Uuid& /*build*/,
                                                    const wire::UploadsCall& call) override {
    return wire::UploadsAnswer{static_cast<int>(call.claims.size()), {}};
  }
  [[nodiscard]] Status check_routes(const Uuid& /*build*/, const wire::RoutesCall& /*call*/) override {
    return {};  // the deploy target has its own zones
  }
  [[nodiscard]] Status tell_materials(const Uuid& /*build*/, const wire::MaterialsCall& /*call*/) override {
    return {};  // nothing is attested of what is built here
  }
  [[nodiscard]] Result<std::string> clone_authorization(const Uuid& /*build*/,
                                                        const wire::CredentialsCall& /*call*/) override {
    return std::string();  // what is built here was checked out by whoever runs it
  }
  [[nodiscard]] Result<wire::CachesAnswer> caches(const wire::CachesCall& call) override {
    // Nobody purges them here.
    wire::CachesAnswer answer;
    for (const Uuid& trigger : call.triggers) answer.epochs[trigger] = 0;
    return answer;
  }
  [[nodiscard]] Status finish(const Uuid& /*build*/, const wire::FinishCall& call) override {
    return server_.finish(call.end);
  }
  [[nodiscard]] bool sees_uploads() const override { return false; }

 private:
  // Nobody wakes a long poll when it has to stop, so it looks.
  void wait(int milliseconds, const std::atomic<bool>& stop, bool only_until_over) {
    const auto until = std::chrono::steady_clock::now() + std::chrono::milliseconds(milliseconds);
    std::unique_lock lock(server_.mutex_);
    while (!stop && std::chrono::steady_clock::now() < until) {
      if (only_until_over && server_.end_) return;
      server_.changed_.wait_for(lock, kLookAtStop);
    }
  }

  LocalServer& server_;
};

std::unique_ptr<ServerClient> LocalServer::make() {
  return std::make_unique<Client>(*this);
}

bool LocalServer::was_given() const {
  const std::lock_guard lock(mutex_);
  return given_;
}

std::optional<model::JobEnd> LocalServer::end() const {
  const std::lock_guard lock(mutex_);
  return end_;
}

std::optional<model::JobSpec> LocalServer::give() {
  const std::lock_guard lock(mutex_);
  if (given_) return std::nullopt;
  given_ = true;
  return job_;
}

Status LocalServer::write_lines(const wire::LogCall& call) {
  const std::lock_guard lock(mutex_);
  if (call.chunks.empty() || call.seq <= last_seq_) return {};
  std::string text;
  for (const model::LogChunk& chunk : call.chunks) {
    const Result<std::string> expanded = model::expand(chunk.frame);
    if (!expanded) return tl::unexpected<Error>(expanded.error());
    model::LogTextReader lines(*expanded);
    while (const auto line = lines.next()) text += json_line(line->time, line->text, line->service);
  }
  if (Status written = write_text(text); !written) return written;
  // A call that comes again is the same call, so that its first number tells.
  last_seq_ = call.seq;
  return {};
}

Status LocalServer::write_text(std::string_view text) const {
  while (!text.empty()) {
    const ssize_t wrote = write(output_, text.data(), text.size());
    if (wrote < 0 && errno == EINTR) continue;
    // Whoever asked for the build reads no more.
    if (wrote < 0) return fail(Errc::io, std::string("writing the log: ") + std::strerror(errno));
    text.remove_prefix(static_cast<std::size_t>(wrote));
  }
  return {};
}

Status LocalServer::finish(const model::JobEnd& end) {
  {
    const std::lock_guard lock(mutex_);
    if (end_) return {};
    if (end.last_line) {
      if (Status written = write_text(json_line(end.last_line->time, end.last_line->text, true)); !written)
        return written;
    }
    end_ = end;
  }
  changed_.notify_all();
  on_over_();
  return {};
}

}  // namespace kiln::runner
