// Doubles of the runner's doors for its own tests: a sandbox that plays a script, a repository and tools that
// are just values. Test code only.
#pragma once

#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "runner/job.h"
#include "runner/server/fake_server_for_test.h"

namespace kiln::runner::fakes {

// What one command does: prints and ends, or hangs until it is stopped.
struct Play {
  std::string prints;
  CommandEnd end;
  bool hangs = false;
};

struct Stage {
  std::map<std::string, Play>
      plays;  // by the shell command, or argv[0]; anything else ends well and prints nothing
  std::string checkout_prints;
  std::vector<Command> commands;  // all that were run
  std::mutex mutex;               // of commands
  bool starts = true;

  [[nodiscard]] Play play_of(const std::string& name) const {
    const auto found = plays.find(name);
    return found == plays.end() ? Play{} : found->second;
  }
  Usage usage;
  Harm harm;
  std::function<void(const std::string&)> on_command = [](const std::string&) {};
};

class ScriptedSandbox final : public Sandbox {
 public:
  explicit ScriptedSandbox(Stage& stage) : stage_(stage) {}

  Result<CommandEnd> run(const Command& command,
                         const std::function<void(std::string_view)>& output) override {
    {
      const std::lock_guard lock(stage_.mutex);
      stage_.commands.push_back(command);
    }
    const bool is_ours = command.argv.size() > 3;
    const bool is_checkout = is_ours && command.argv[3] == "kiln-checkout";
    const std::string name = is_checkout                ? "checkout"
                             : is_ours                  ? command.argv[3]
                             : command.argv.size() == 3 ? command.argv[2]
                                                        : command.argv[0];
    stage_.on_command(name);
    Play play = stage_.play_of(name);
    if (is_checkout) play.prints += stage_.checkout_prints;
    if (command.argv[0] == "/usr/bin/head") play = stage_.play_of("head");
    if (!play.prints.empty()) output(play.prints);
    std::unique_lock lock(mutex_);
    if (play.hangs) changed_.wait(lock, [this] { return stopped_; });
    play.end.stopped = stopped_;
    return play.end;
  }
  void stop() override {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
    changed_.notify_all();
  }
  void close() override {}
  Usage usage() override { return stage_.usage; }
  Harm harm() override { return stage_.harm; }

 private:
  Stage& stage_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool stopped_ = false;
};

class ScriptedSandboxes final : public Sandboxes {
 public:
  explicit ScriptedSandboxes(Stage& stage) : stage_(stage) {}
  Result<std::unique_ptr<Sandbox>> start(const SandboxSpec&) override {
    if (!stage_.starts) return fail(Errc::unavailable, "bwrap: No permissions to create a new namespace.");
    return std::make_unique<ScriptedSandbox>(stage_);
  }

 private:
  Stage& stage_;
};

struct Repository {
  std::map<std::string, std::string> files;
  std::optional<Error> fetch_error;
  std::string refs_behind;
  std::vector<std::string> folders;
  std::vector<scm::Submodule> submodules;
  std::optional<Error> submodule_error;
  std::vector<scm::LfsObject> lfs_asked;
  Result<scm::LfsFetched> lfs = scm::LfsFetched{};
};

class RepositorySource final : public Source {
 public:
  explicit RepositorySource(Repository& repository) : repository_(repository) {}
  Result<std::filesystem::path> mirror() override { return std::filesystem::path("/mirror"); }
  Result<scm::FetchedRefs> fetch(const std::string&, const std::string& commit) override {
    if (repository_.fetch_error) return tl::unexpected<Error>(*repository_.fetch_error);
    return scm::FetchedRefs{commit, repository_.refs_behind};
  }
  bool is_fresh() override { return repository_.refs_behind.empty(); }
  Result<std::map<std::string, std::string>> read_files(const std::string&,
                                                        const std::vector<std::string>& paths,
                                                        std::size_t) override {
    // What cannot be fetched is not in the mirror either.
    if (repository_.fetch_error) return fail(Errc::not_found, "no such commit");
    std::map<std::string, std::string> found;
    for (const std::string& path : paths) {
      if (repository_.files.contains(path)) found[path] = repository_.files[path];
    }
    return found;
  }
  Result<bool> is_folder(const std::string&, const std::string& path) override {
    for (const std::string& folder : repository_.folders) {
      if (folder == path) return true;
    }
    return false;
  }

  Result<std::vector<scm::Submodule>> submodules(const std::string&) override {
    if (repository_.submodule_error) return tl::unexpected<Error>(*repository_.submodule_error);
    return repository_.submodules;
  }

  Result<scm::LfsFetched> fetch_lfs(const std::vector<scm::LfsObject>& objects) override {
    repository_.lfs_asked = objects;
    return repository_.lfs;
  }

 private:
  Repository& repository_;
};

class ValueTools final : public Tools {
 public:
  Result<Tool> node(const Wish& wish) override {
    if (wish.text == "99")
      return fail(Errc::not_found, "node \"99\", asked for by .nvmrc, is not a released version");
    return Tool{"node/24.1.0", "24.1.0", "11.2.0"};
  }
  Result<Tool> manager(PackageManager manager, const Wish& wish) override {
    return Tool{std::string(to_string(manager)) + "/" + wish.text, wish.text, {}};
  }
  Result<Tool> system(const std::string& name, const Wish&) override {
    return Tool{{}, name == "go" ? "1.24.3" : "3.11.2", {}};
  }
};

}  // namespace kiln::runner::fakes
