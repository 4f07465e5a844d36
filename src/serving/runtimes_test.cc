// Processes coming and going: crashes, idle ones, the limit on their number, the end of the server.
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include <chrono>
#include <fstream>
#include <thread>

#include "serving/test_ground.h"

namespace kiln::serving {
namespace {

const std::string kEcho = "export default { fetch(r) { return new Response('ok') } }";

std::string read_all(const std::filesystem::path& file) {
  // A process that ends meanwhile has none.
  return read_file(file, 1U << 20U).value_or("");
}

// The workerd processes below `ancestor`: their ids as this process sees them.
std::vector<int> workerds_below(int ancestor) {
  std::map<int, int> parents;
  std::vector<int> found;
  for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
    const std::string name = entry.path().filename();
    if (name.find_first_not_of("0123456789") != std::string::npos) continue;
    const std::string stat = read_all(entry.path() / "stat");
    const std::size_t close = stat.rfind(')');
    if (close != std::string::npos) parents[std::stoi(name)] = std::stoi(stat.substr(close + 4));
  }
  for (const auto& [pid, parent] : parents) {
    int above = parent;
    while (above > 1 && above != ancestor) above = parents.count(above) != 0 ? parents[above] : 0;
    const std::string command = read_all("/proc/" + std::to_string(pid) + "/cmdline");
    if (above == ancestor && command.rfind("/workerd", 0) == 0) found.push_back(pid);
  }
  return found;
}

TEST(Runtimes, KeepsOneProcessForAllWhoAskAtOnce) {
  KILN_NEEDS_WORKERD();
  TestGround ground;
  ground.start();
  const Uuid version = ground.add_script(kEcho);
  std::vector<std::future<Result<Endpoint>>> asked;
  for (int i = 0; i < 8; ++i)
    asked.push_back(std::async(std::launch::async, [&] { return ground.acquire(version); }));
  for (auto& one : asked) {
    const Result<Endpoint> endpoint = one.get();
    ASSERT_TRUE(endpoint) << endpoint.error().message;
    EXPECT_EQ(body_of(ask(endpoint->socket_path, "/")), "ok");
  }
  EXPECT_EQ(ground.runtimes->running(), 1);
}

TEST(Runtimes, KnowsNoUnknownVersion) {
  TestGround ground;
  ground.start();
  EXPECT_EQ(ground.acquire(ground.store.entropy.uuid()).error().code, Errc::version_not_found);
  const Uuid version = ground.add_script(kEcho);
  ASSERT_TRUE(ground.store.workers.delete_worker(ground.account.id, "hello", ground.store.clock.now()));
  EXPECT_EQ(ground.acquire(version).error().code, Errc::version_not_found);
}

TEST(Runtimes, StartsACrashedProcessAgainOnTheSameSocket) {
  KILN_NEEDS_WORKERD();
  TestGround ground;
  ground.start();
  const Uuid version = ground.add_script(kEcho);
  const Result<Endpoint> endpoint = ground.acquire(version);
  ASSERT_TRUE(endpoint) << endpoint.error().message;
  const std::vector<int> before = workerds_below(getpid());
  ASSERT_EQ(before.size(), 1U);
  ASSERT_EQ(kill(before[0], SIGKILL), 0);
  // A request that comes while there is no process waits in the socket's queue.
  EXPECT_TRUE(comes_true([&] { return body_of(ask(endpoint->socket_path, "/")) == "ok"; }));
  EXPECT_TRUE(comes_true([&] {
    const std::vector<int> now = workerds_below(getpid());
    return now.size() == 1 && now[0] != before[0];
  }));
}

TEST(Runtimes, RestsAVersionThatDoesNotStart) {
  KILN_NEEDS_WORKERD();
  TestGround ground;
  ground.start();
  const Uuid version = ground.add_script("throw new Error('never')");
  int refused_at_once = 0;
  for (int i = 0; i < 6; ++i) {
    const Result<Endpoint> endpoint = ground.acquire(version);
    ASSERT_FALSE(endpoint);
    EXPECT_EQ(endpoint.error().code, Errc::unavailable);
    EXPECT_EQ(endpoint.error().message.find("never"), std::string::npos);
    if (endpoint.error().message.find("tried again in") != std::string::npos) ++refused_at_once;
  }
  EXPECT_GT(refused_at_once, 0);
  EXPECT_EQ(ground.runtimes->running(), 0);
}

TEST(Runtimes, StopsAnIdleProcessButNoneInUse) {
  KILN_NEEDS_WORKERD();
  TestGround ground;
  ground.options.idle_ms = 200;
  ground.start();
  const Uuid idle = ground.add_script(kEcho);
  const Uuid used = ground.add_script(kEcho);
  const Result<Endpoint> kept = ground.acquire(used);
  ASSERT_TRUE(kept);
  EXPECT_EQ(body_of(ground.get(idle)), "ok");
  EXPECT_TRUE(comes_true([&] { return ground.runtimes->running() == 1; }));
  EXPECT_EQ(body_of(ask(kept->socket_path, "/")), "ok");
  EXPECT_EQ(body_of(ground.get(idle)), "ok");  // and starts again when asked for
}

TEST(Runtimes, StopsTheOneUnusedForLongestWhenTooManyRun) {
  KILN_NEEDS_WORKERD();
  TestGround ground;
  ground.options.max_running = 2;
  ground.start();
  const std::vector<Uuid> versions = {ground.add_script(kEcho), ground.add_script(kEcho),
                                      ground.add_script(kEcho)};
  EXPECT_EQ(body_of(ground.get(versions[0])), "ok");
  const Result<Endpoint> second = ground.acquire(versions[1]);
  ASSERT_TRUE(second);
  {
    const Result<Endpoint> third = ground.acquire(versions[2]);
    ASSERT_TRUE(third) << third.error().message;
    EXPECT_EQ(ground.runtimes->running(), 2);
    EXPECT_EQ(body_of(ask(second->socket_path, "/")), "ok");
    const Result<Endpoint> first = ground.acquire(versions[0]);
    ASSERT_FALSE(first);
    EXPECT_EQ(first.error().code, Errc::unavailable);
  }
  EXPECT_TRUE(comes_true([&] { return ground.acquire(versions[0]).has_value(); }));
}

TEST(Runtimes, PassesOnWhatAWorkerPrints) {
  KILN_NEEDS_WORKERD();
  TestGround ground;
  ground.start();
  const Uuid version = ground.add_script(
      "export default { fetch() { console.log('to out'); console.error('to err'); return new Response('ok') "
      "} }");
  EXPECT_EQ(body_of(ground.get(version)), "ok");
  const auto printed = [&](const std::string& line) {
    const std::lock_guard lock(ground.mutex);
    return std::find(ground.lines.begin(), ground.lines.end(), line) != ground.lines.end();
  };
  EXPECT_TRUE(comes_true([&] { return printed("to out") && printed("to err"); }));
}

TEST(Runtimes, ShowsSecretsNeitherInFilesNorInCommandLines) {
  KILN_NEEDS_WORKERD();
  TestGround ground;
  ground.start();
  store::NewVersion fresh;
  fresh.secrets["S"] = "a-most-unusual-secret";
  fresh.version.bindings_json = R"([{"name":"S","type":"secret_text"}])";
  const Uuid version = ground.add(
      {{"index.js", kEsm, "export default { fetch(r, env) { return new Response(env.S) } }"}}, fresh);
  const Result<Endpoint> endpoint = ground.acquire(version);
  ASSERT_TRUE(endpoint);
  EXPECT_EQ(body_of(ask(endpoint->socket_path, "/")), "a-most-unusual-secret");
  for (const auto& entry : std::filesystem::recursive_directory_iterator(ground.folder)) {
    if (!entry.is_regular_file()) continue;
    EXPECT_EQ(read_all(entry.path()).find("unusual"), std::string::npos) << entry.path();
  }
  const std::vector<int> processes = workerds_below(getpid());
  ASSERT_EQ(processes.size(), 1U);
  const std::string command = read_all("/proc/" + std::to_string(processes[0]) + "/cmdline");
  EXPECT_EQ(command.find("unusual"), std::string::npos);
}

TEST(Runtimes, GivesAProcessNeitherPrivilegesNorTheHostsFiles) {
  KILN_NEEDS_WORKERD();
  TestGround ground;
  ground.start();
  const Result<Endpoint> endpoint = ground.acquire(ground.add_script(kEcho));
  ASSERT_TRUE(endpoint) << endpoint.error().message;
  const std::vector<int> processes = workerds_below(getpid());
  ASSERT_EQ(processes.size(), 1U);
  const std::filesystem::path proc = "/proc/" + std::to_string(processes[0]);
  const std::string status = read_all(proc / "status");
  EXPECT_NE(status.find("Seccomp:\t2"), std::string::npos) << status;
  EXPECT_NE(status.find("NoNewPrivs:\t1"), std::string::npos) << status;
  EXPECT_NE(status.find("CapEff:\t0000000000000000"), std::string::npos) << status;
  EXPECT_NE(status.find("CapBnd:\t0000000000000000"), std::string::npos) << status;
  if (geteuid() == 0) {
    EXPECT_NE(status.find("Uid:\t62000\t62000\t62000\t62000"), std::string::npos) << status;
  }
  const std::filesystem::path root = proc / "root";
  for (const char* hidden : {"etc/passwd", "home", "root", "tmp", "usr/bin", "var"})
    EXPECT_FALSE(std::filesystem::exists(root / hidden)) << hidden;
  EXPECT_TRUE(std::filesystem::exists(root / "w/parts/0"));
}

TEST(Runtimes, LeavesNothingBehindWhenItStops) {
  KILN_NEEDS_WORKERD();
  TestGround ground;
  ground.start();
  const Result<Endpoint> endpoint = ground.acquire(ground.add_script(kEcho));
  ASSERT_TRUE(endpoint);
  ground.runtimes->stop();
  EXPECT_EQ(ground.runtimes->running(), 0);
  EXPECT_TRUE(std::filesystem::is_empty(ground.folder));
  EXPECT_TRUE(comes_true([] { return workerds_below(getpid()).empty(); }));
  EXPECT_EQ(ground.acquire(ground.store.entropy.uuid()).error().code, Errc::unavailable);
}

TEST(Runtimes, DiesWithItsServer) {
  KILN_NEEDS_WORKERD();
  // What outlives its parent becomes our child, so that nothing can hide.
  ASSERT_EQ(prctl(PR_SET_CHILD_SUBREAPER, 1), 0);
  std::array<int, 2> ends{};
  ASSERT_EQ(pipe2(ends.data(), O_CLOEXEC), 0);
  const pid_t server = fork();
  if (server == 0) {
    TestGround ground;
    ground.start();
    const Result<Endpoint> endpoint = ground.acquire(ground.add_script(kEcho));
    const char up = endpoint ? 'y' : 'n';
    if (write(ends[1], &up, 1) < 0) _exit(1);
    pause();
    _exit(0);
  }
  char up = 0;
  ASSERT_EQ(read(ends[0], &up, 1), 1);
  EXPECT_EQ(up, 'y');
  EXPECT_EQ(workerds_below(getpid()).size(), 1U);
  kill(server, SIGKILL);
  EXPECT_TRUE(comes_true([] {
    while (waitpid(-1, nullptr, WNOHANG) > 0) {
    }
    return workerds_below(getpid()).empty();
  }));
  prctl(PR_SET_CHILD_SUBREAPER, 0);
  close(ends[0]);
  close(ends[1]);
}

TEST(Runtimes, MakeProcessesAnewWhenTheirSettingsChange) {
  KILN_NEEDS_WORKERD();
  TestGround ground;
  ground.start();
  const Uuid version = ground.add_script("export default { fetch() { return new Response('on') } }");
  Result<Endpoint> old = ground.acquire(version);
  ASSERT_TRUE(old);
  ground.runtimes->renew("another-worker");
  EXPECT_FALSE(old->is_outdated());
  ground.runtimes->renew(ground.worker.tag);
  EXPECT_TRUE(old->is_outdated());
  const Result<Endpoint> fresh = ground.acquire(version);
  ASSERT_TRUE(fresh);
  EXPECT_NE(fresh->socket_path, old->socket_path);
  EXPECT_EQ(body_of(ask(fresh->socket_path, "/")), "on");
  EXPECT_EQ(body_of(ask(old->socket_path, "/")), "on") << "whoever uses the old one may end";
  old = fresh;
  EXPECT_TRUE(comes_true([&] { return ground.runtimes->running() == 1; }));
}

}  // namespace
}  // namespace kiln::serving
