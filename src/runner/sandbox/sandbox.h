// One sandbox a build: bubblewrap with private mounts and namespaces, no capabilities, no new privileges and
// a seccomp filter, holding our small agent (kiln-agent), which runs one command after another and kills what
// each leaves behind.
//
// A Sandbox belongs to one thread, which must outlive it (PDEATHSIG follows the thread that forked). stop()
// alone may be called from any thread. Inside: checkout at /opt/buildhome/repo, home /opt/buildhome, /tmp
// private, the repository's mirror read-only at /opt/kiln/mirror, tools read-only at /opt/kiln/tools, the
// build's cache archives read-only at /opt/kiln/cache, everything else of the system read-only.
#pragma once

#include <atomic>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/fs.h"
#include "base/result.h"
#include "model/build_network.h"
#include "runner/sandbox/limits/limits.h"

namespace kiln::runner {

class LimitKeeper;
class Remover;

inline constexpr const char* kHome = "/opt/buildhome";
inline constexpr const char* kCheckout = "/opt/buildhome/repo";
inline constexpr const char* kMirror = "/opt/kiln/mirror";
inline constexpr const char* kTools = "/opt/kiln/tools";
inline constexpr const char* kCache = "/opt/kiln/cache";

// Which identity the build's processes have on the host (spec of the modes: docs/security.md).
enum class IdentityMode {
  pool_uid,                 // we are root: an unprivileged uid of this slot's own, in a user namespace
  own_uid,                  // we are an ordinary user: our uid, walls are the namespaces and the filter
  pool_uid_without_userns,  // root on a kernel that refuses user namespaces: setpriv inside
};

struct SandboxHost {
  IdentityMode mode = IdentityMode::own_uid;
  model::NetworkSettings network = {};
  std::string refusals = {};  // why a stronger mode does not work here; empty: none is stronger for this user
};

// Runs `true` in a sandbox, in the strongest mode that works, and once more behind the wall that `network`
// asks for. Errors: Errc::unavailable, saying what was refused and what to enable. Never falls back to
// running without a sandbox or with less of a wall.
[[nodiscard]] Result<SandboxHost> probe_sandbox(const std::filesystem::path& agent,
                                                const model::NetworkSettings& network);

struct SandboxSpec {
  int slot = 0;  // of the sandboxes that there are on this machine at a time (host_users.h)
  std::filesystem::path build_folder;     // made here by prepare: repo/ home/ tmp/, owned by the build's uid
  std::filesystem::path mirror;           // bare mirror, or empty
  std::filesystem::path tools;            // tool cache, or empty
  std::filesystem::path cache;            // what the build is lent of the build caches, or empty
  std::filesystem::path agent;            // kiln-agent on the host
  std::string api_base_url = {};          // of the server, reachable whatever the network is; or empty
  LimitKeeper* limits = nullptr;          // what the build may use; null: only what every process may
  bool lend_later = false;                // mirror and cache are not known yet (live_sandbox.h)
  Remover* remover = nullptr;             // takes away what is left after close(); null: close() does
  std::shared_ptr<const void> held = {};  // until nothing of the sandbox is left
};

struct CommandEnd {
  int exit_code = 0;     // when signal == 0
  int signal = 0;        // the signal that ended the command's top process
  bool stopped = false;  // stop() ended it
};

// What one command should do. `environment` is the whole of it.
struct Command {
  std::vector<std::string> argv;  // {"/bin/sh", "-c", command}, or git directly
  std::vector<std::string> environment;
  std::string directory;  // inside the sandbox
};

class Sandbox {
 public:
  // Makes the folders (on a disk of their own where the limits have one) and starts bubblewrap; returns
  // before it is ready, so that its start overlaps other work. Errors: Errc::io, Errc::unavailable with
  // bubblewrap's own words.
  [[nodiscard]] static Result<std::unique_ptr<Sandbox>> start(const SandboxHost& host,
                                                              const SandboxSpec& spec);
  virtual ~Sandbox() = default;

  // Runs to the end; `output` gets the bytes of stdout and stderr, in order, as they arrive. Waits for
  // readiness first. After it returns no process of the command is left. Errors: Errc::unavailable when the
  // sandbox itself is gone.
  [[nodiscard]] virtual Result<CommandEnd> run(const Command& command,
                                               const std::function<void(std::string_view)>& output) = 0;

  // What the build has used, and what its limits did to it, so far; nothing after close().
  [[nodiscard]] virtual Usage usage() = 0;
  [[nodiscard]] virtual Harm harm() = 0;

  // Kills everything inside, now. Any thread, any number of times. run() returns with `stopped`.
  virtual void stop() = 0;

  // Kills and waits until no process is left; then removes what else it had, or leaves that to the spec's
  // remover. Also done by the destructor.
  virtual void close() = 0;
};

}  // namespace kiln::runner
