// The runner's door to the server: one call of the runner protocol each. A client belongs to one thread;
// ServerClients makes one for whoever needs one, from any thread.
#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <string>

#include "base/http_client.h"
#include "base/result.h"
#include "wire/runner_protocol.h"

namespace kiln::runner {

class ServerClient {
 public:
  virtual ~ServerClient() = default;
  // Nothing: no work within the wait. Errors of every call: Errc::unavailable and Errc::timeout (try again),
  // Errc::lease_lost (the build is not ours any more), anything else (a bug or a refusal: do not try again).
  [[nodiscard]] virtual Result<std::optional<model::JobSpec>> claim(const wire::ClaimCall& call,
                                                                    const std::atomic<bool>& stop) = 0;
  [[nodiscard]] virtual Status renew(const Uuid& build, const wire::LeaseCall& call,
                                     const std::atomic<bool>& stop) = 0;
  [[nodiscard]] virtual Status enter_step(const Uuid& build, const wire::StepCall& call) = 0;
  [[nodiscard]] virtual Status append_log(const Uuid& build, const wire::LogCall& call) = 0;
  // How many versions the server knows of this build; `call` names those that the output file claims.
  [[nodiscard]] virtual Result<wire::UploadsAnswer> uploads(const Uuid& build,
                                                            const wire::UploadsCall& call) = 0;
  // Whether the build's Worker may have these routes: Errc::not_offered, Errc::route_taken,
  // Errc::hostname_taken, Errc::invalid with words for the log.
  [[nodiscard]] virtual Status check_routes(const Uuid& build, const wire::RoutesCall& call) = 0;
  [[nodiscard]] virtual Status tell_materials(const Uuid& build, const wire::MaterialsCall& call) = 0;
  [[nodiscard]] virtual Result<wire::CachesAnswer> caches(const wire::CachesCall& call) = 0;
  // What git is to show the repository's host now; empty: nothing. Errors besides: what the host or the forge
  // set up for it says, in words for the log.
  [[nodiscard]] virtual Result<std::string> clone_authorization(const Uuid& build,
                                                                const wire::CredentialsCall& call) = 0;
  [[nodiscard]] virtual Status finish(const Uuid& build, const wire::FinishCall& call) = 0;
  // Whether it sees for itself what is uploaded to the deploy target that a job names. Otherwise a build's
  // claims are all it knows.
  [[nodiscard]] virtual bool sees_uploads() const { return true; }
};

class ServerClients {
 public:
  virtual ~ServerClients() = default;
  [[nodiscard]] virtual std::unique_ptr<ServerClient> make() = 0;
};

// Where the server listens: "unix:/path/to/runner.sock", "http://…" or "https://…".
struct ServerAddress {
  std::string base_url;
  std::string unix_socket;

  // Errors: Errc::invalid, field "server".
  [[nodiscard]] static Result<ServerAddress> parse(std::string_view text);
};

class HttpServerClient final : public ServerClient {
 public:
  HttpServerClient(ServerAddress address, std::string runner_id, std::unique_ptr<HttpClient> http)
      : address_(std::move(address)), runner_id_(std::move(runner_id)), http_(std::move(http)) {}

  [[nodiscard]] Result<std::optional<model::JobSpec>> claim(const wire::ClaimCall& call,
                                                            const std::atomic<bool>& stop) override;
  [[nodiscard]] Status renew(const Uuid& build, const wire::LeaseCall& call,
                             const std::atomic<bool>& stop) override;
  [[nodiscard]] Status enter_step(const Uuid& build, const wire::StepCall& call) override;
  [[nodiscard]] Status append_log(const Uuid& build, const wire::LogCall& call) override;
  [[nodiscard]] Result<wire::UploadsAnswer> uploads(const Uuid& build,
                                                    const wire::UploadsCall& call) override;
  [[nodiscard]] Status check_routes(const Uuid& build, const wire::RoutesCall& call) override;
  [[nodiscard]] Status tell_materials(const Uuid& build, const wire::MaterialsCall& call) override;
  [[nodiscard]] Result<wire::CachesAnswer> caches(const wire::CachesCall& call) override;
  [[nodiscard]] Result<std::string> clone_authorization(const Uuid& build,
                                                        const wire::CredentialsCall& call) override;
  [[nodiscard]] Status finish(const Uuid& build, const wire::FinishCall& call) override;

 private:
  Result<HttpResponse> post(const std::string& path, std::string body, int timeout_ms,
                            const std::atomic<bool>* stop);
  // The answer's body.
  Result<std::string> ask_for_build(const Uuid& build, const char* what, std::string body, int timeout_ms,
                                    const std::atomic<bool>* stop);
  Status post_for_build(const Uuid& build, const char* what, std::string body, int timeout_ms,
                        const std::atomic<bool>* stop);

  ServerAddress address_;
  std::string runner_id_;
  std::unique_ptr<HttpClient> http_;
};

class HttpServerClients final : public ServerClients {
 public:
  HttpServerClients(ServerAddress address, std::string runner_id)
      : address_(std::move(address)), runner_id_(std::move(runner_id)) {}
  [[nodiscard]] std::unique_ptr<ServerClient> make() override;

 private:
  ServerAddress address_;
  std::string runner_id_;
};

}  // namespace kiln::runner
