// What a build's sandbox costs, from its start to the end of a first `true` and then to nobody being left in
// it: with its network, cgroup and disk, started for its build and taken from those prepared ahead. The peer
// is bare bubblewrap running `true` with the same namespaces. Rounds alternate, so that a slow moment of the
// machine hits all alike.
#include <fmt/format.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include "base/child.h"
#include "runner/sandbox/pool.h"
#include "timing.h"

namespace {

using namespace kiln::runner;
using kiln::bench::Clock;
using kiln::bench::median;
using kiln::bench::ms_since;

struct Row {
  const char* name;
  std::vector<double> set_up{};
  std::vector<double> torn_down{};
  [[nodiscard]] double total() const { return median(set_up) + median(torn_down); }
};

bool bare(Row& row) {
  std::array words{"bwrap",
                   "--unshare-all",
                   "--unshare-user",
                   "--disable-userns",
                   "--die-with-parent",
                   "--ro-bind",
                   "/usr",
                   "/usr",
                   "--symlink",
                   "usr/bin",
                   "/bin",
                   "--symlink",
                   "usr/lib",
                   "/lib",
                   "--symlink",
                   "usr/lib64",
                   "/lib64",
                   "--proc",
                   "/proc",
                   "--dev",
                   "/dev",
                   "--tmpfs",
                   "/tmp",
                   "true"};
  std::vector<char*> argv;
  for (const char* word : words) argv.push_back(const_cast<char*>(word));
  argv.push_back(nullptr);
  const std::string program = kiln::system_program("bwrap");
  const auto began = Clock::now();
  pid_t pid = -1;
  int status = 0;
  if (posix_spawn(&pid, program.c_str(), nullptr, nullptr, argv.data(), environ) != 0) return false;
  if (waitpid(pid, &status, 0) != pid) return false;
  row.set_up.push_back(ms_since(began));
  row.torn_down.push_back(0);
  return status == 0;
}

bool whole(Row& row, const std::function<kiln::Result<std::unique_ptr<Sandbox>>()>& start) {
  const auto began = Clock::now();
  auto sandbox = start();
  if (!sandbox) {
    fmt::print(stderr, "{}\n", sandbox.error().message);
    return false;
  }
  const auto end = (*sandbox)->run({{"/bin/true"}, {}, "/"}, [](std::string_view) {});
  row.set_up.push_back(ms_since(began));
  const auto closing = Clock::now();
  (*sandbox)->close();
  row.torn_down.push_back(ms_since(closing));
  if (!end) fmt::print(stderr, "{}\n", end.error().message);
  return end && end->exit_code == 0;
}

}  // namespace

int main(int argc, char** argv) {
  const int rounds = argc > 1 ? std::atoi(argv[1]) : 41;
  const std::filesystem::path agent =
      std::filesystem::read_symlink("/proc/self/exe").parent_path().parent_path() / "kiln-agent";
  if (geteuid() == 0 && !enter_own_mounts()) return 1;
  const auto found = probe_sandbox(agent, {});
  if (!found) {
    fmt::print(stderr, "no sandbox behind a wall works here: {}\n", found.error().message);
    return 1;
  }
  std::string folder = (std::filesystem::temp_directory_path() / "kiln-bench-XXXXXX").string();
  if (mkdtemp(folder.data()) == nullptr) return 1;
  const std::filesystem::path mirror = folder + "/mirror";
  std::filesystem::create_directories(mirror);
  std::filesystem::create_directories(folder + "/builds");
  LimitKeeper::Setup setup;
  setup.memory_by_default = true;
  setup.root = folder;
  setup.builds = folder + "/builds";
  auto limits = LimitKeeper::open(setup);
  if (!limits) {
    fmt::print(stderr, "{}\n", limits.error().message);
    return 1;
  }
  SandboxSpec spec;
  spec.build_folder = folder + "/builds/b";
  spec.mirror = mirror;
  spec.agent = agent;
  spec.api_base_url = "http://127.0.0.1:9/client/v4";
  std::array rows{Row{"bwrap true"}, Row{"started for its build"}, Row{"prepared"}};
  bool good = true;
  {
    SandboxPool pool(*found, **limits, 1);
    SandboxSpec direct = spec;
    direct.limits = limits->get();
    direct.slot = 100;  // no number of the pool's
    const auto wait_for_next = [&pool] {
      pool.prepare_next();
      (void)pool.wait_until_ready(std::chrono::seconds(2));
      std::this_thread::sleep_for(std::chrono::milliseconds(60));  // its network too
    };
    Row first{"teaches the pool what is wanted"};
    good = whole(first, [&] { return pool.start(spec); });
    for (int round = 0; good && round < rounds; ++round) {
      wait_for_next();
      good = bare(rows[0]) && whole(rows[1], [&] { return Sandbox::start(*found, direct); }) &&
             whole(rows[2], [&] { return pool.start(spec); });
    }
  }
  if (!good) return 1;
  for (const Row& row : rows) {
    fmt::print("{:22} set up {:6.1f} ms, torn down {:6.1f} ms: {:.2f}x of bwrap (goal: at most 3x)\n",
               row.name, median(row.set_up), median(row.torn_down), row.total() / rows[0].total());
  }
  fmt::print(
      "prepared: without the making, which goes on beside the build before, and without the network's end, "
      "the "
      "cgroup's and the disk's, which go beside the next\n");
  limits->reset();
  (void)kiln::remove_tree(folder);
  return 0;
}
