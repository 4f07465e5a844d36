// What a build's network costs at its start: a sandbox behind each kind of wall, from start() to the end of
// its first `true`, and its close(). Rounds alternate, so that a slow moment of the machine hits all alike.
#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <filesystem>
#include <vector>

#include "runner/sandbox/sandbox.h"
#include "timing.h"

namespace {

using namespace kiln::runner;
using kiln::bench::Clock;
using kiln::bench::median;
using kiln::bench::ms_since;

struct Row {
  const char* name;
  kiln::model::NetworkMode mode;
  std::vector<double> ready{};
  std::vector<double> closed{};
};

bool measure(Row& row, const SandboxHost& found, const SandboxSpec& spec) {
  SandboxHost host = found;
  host.network.mode = row.mode;
  const auto began = Clock::now();
  auto sandbox = Sandbox::start(host, spec);
  if (!sandbox) return false;
  const auto end = (*sandbox)->run({{"/bin/true"}, {}, "/"}, [](std::string_view) {});
  row.ready.push_back(ms_since(began));
  const auto closing = Clock::now();
  (*sandbox)->close();
  row.closed.push_back(ms_since(closing));
  return end && end->exit_code == 0;
}

}  // namespace

int main(int argc, char** argv) {
  const int rounds = argc > 1 ? std::atoi(argv[1]) : 41;
  const std::filesystem::path agent =
      std::filesystem::read_symlink("/proc/self/exe").parent_path().parent_path() / "kiln-agent";
  const auto found = probe_sandbox(agent, {});
  if (!found) {
    fmt::print(stderr, "no sandbox behind a wall works here: {}\n", found.error().message);
    return 1;
  }
  std::string folder = (std::filesystem::temp_directory_path() / "kiln-bench-XXXXXX").string();
  if (mkdtemp(folder.data()) == nullptr) return 1;
  const SandboxSpec spec{.slot = 0,
                         .build_folder = folder + "/b",
                         .mirror = {},
                         .tools = {},
                         .cache = {},
                         .agent = agent,
                         .api_base_url = "http://127.0.0.1:9/client/v4"};
  std::array rows{Row{"host: no wall", kiln::model::NetworkMode::host},
                  Row{"none: one port", kiln::model::NetworkMode::none},
                  Row{"egress: the wall", kiln::model::NetworkMode::egress}};
  for (int round = 0; round < rounds; ++round) {
    for (Row& row : rows) {
      if (measure(row, *found, spec)) continue;
      fmt::print(stderr, "a sandbox failed: {}\n", row.name);
      return 1;
    }
  }
  for (const Row& row : rows) {
    fmt::print("{:18} ready {:6.1f} ms ({:.2f}x)   closed {:6.1f} ms ({:.2f}x)\n", row.name,
               median(row.ready), median(row.ready) / median(rows[0].ready), median(row.closed),
               median(row.closed) / median(rows[0].closed));
  }
  (void)kiln::remove_tree(folder);
  return 0;
}
