// The wall from inside real sandboxes, in every mode that this user can start.
#include "runner/sandbox/network/wall.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>

#include <csignal>
#include <filesystem>
#include <functional>
#include <set>

#include "runner/sandbox/modes_for_test.h"
#include "runner/sandbox/network/slirp.h"
#include "runner/sandbox/network/ways_out_for_test.h"
#include "runner/sandbox/network/world_for_test.h"

namespace kiln::runner {
namespace {

namespace fs = std::filesystem;
using testing::Greeter;
using ::testing::HasSubstr;
using testing::kMachine;
using testing::kMetadata;
using testing::kPrivate;
using testing::kPublic;
using ::testing::Not;

// Processes named slirp4netns whose parent is `parent`.
std::vector<int> stacks_of(int parent) {
  std::vector<int> found;
  for (const auto& entry : fs::directory_iterator("/proc")) {
    const std::string name = entry.path().filename();
    if (name.find_first_not_of("0123456789") != std::string::npos) continue;
    const std::string status = read_file(entry.path() / "status", 8192).value_or("");
    if (status.starts_with("Name:\tslirp4netns\n") &&
        status.find("\nPPid:\t" + std::to_string(parent) + "\n") != std::string::npos)
      found.push_back(std::stoi(name));
  }
  return found;
}

struct Run {
  int code = -1;
  std::string out;
};

class Build {
 public:
  Build(IdentityMode mode, model::NetworkSettings network, const std::string& api = "")
      : Build(mode, std::move(network), api, std::make_unique<testing::TempDir>()) {}

  // Below a folder that somebody else removes.
  Build(IdentityMode mode, model::NetworkSettings network, const fs::path& folder) {
    start(mode, std::move(network), "", folder);
  }

  Run run(const std::string& shell) {
    Run run;
    const auto end = sandbox_->run({{"/bin/bash", "-c", shell}, {"PATH=/usr/bin:/bin:/usr/sbin"}, kCheckout},
                                   [&run](std::string_view text) { run.out.append(text); });
    EXPECT_TRUE(end) << (end ? "" : end.error().message);
    if (end) run.code = end->exit_code;
    return run;
  }

  // What whoever listens there says, or the shell's words about why nobody does.
  std::string ask(const std::string& address, int port) {
    return run("timeout 5 cat < /dev/tcp/" + address + "/" + std::to_string(port) + " || echo no answer").out;
  }

  Sandbox& sandbox() { return *sandbox_; }

 private:
  Build(IdentityMode mode, model::NetworkSettings network, const std::string& api,
        std::unique_ptr<testing::TempDir> root)
      : root_(std::move(root)) {
    start(mode, std::move(network), api, root_->path());
  }

  void start(IdentityMode mode, model::NetworkSettings network, const std::string& api,
             const fs::path& folder) {
    chmod(folder.c_str(), 0700);
    SandboxSpec spec;
    spec.slot = 3;
    spec.build_folder = folder / "b";
    spec.agent = KILN_AGENT_FILE;
    spec.api_base_url = api;
    auto started = Sandbox::start({.mode = mode, .network = std::move(network)}, spec);
    EXPECT_TRUE(started) << (started ? "" : started.error().message);
    if (started) sandbox_ = std::move(*started);
  }

  std::unique_ptr<testing::TempDir> root_;
  std::unique_ptr<Sandbox> sandbox_;
};

class WallTest : public ::testing::TestWithParam<IdentityMode> {
 protected:
  Build build(model::NetworkSettings network, const std::string& api = "") {
    return {GetParam(), network, api};
  }
};
INSTANTIATE_TEST_SUITE_P(Modes, WallTest, ::testing::ValuesIn(modes()), mode_name);

// Every mode, since root can be an ordinary user there.
class WallInAWorld : public WallTest {};
INSTANTIATE_TEST_SUITE_P(Modes, WallInAWorld,
                         ::testing::Values(IdentityMode::pool_uid, IdentityMode::pool_uid_without_userns,
                                           IdentityMode::own_uid),
                         mode_name);

constexpr unsigned kOrdinaryUser = 62'500;

// As whom a sandbox of that mode is started. The raw call changes this thread alone.
void become_starter_of(IdentityMode mode) {
  if (mode != IdentityMode::own_uid) return;
  ASSERT_EQ(syscall(SYS_setresgid, kOrdinaryUser, kOrdinaryUser, kOrdinaryUser), 0);
  ASSERT_EQ(syscall(SYS_setresuid, kOrdinaryUser, kOrdinaryUser, kOrdinaryUser), 0);
}

// Runs `body` on a machine of its own (world_for_test.h), as the user whom `mode` is for.
void in_a_world(IdentityMode mode, const std::function<void(const testing::World&)>& body,
                const char* resolver = "127.0.0.1") {
  if (geteuid() != 0) GTEST_SKIP() << "only root can make a world of network namespaces";
  std::string why;
  std::thread([&] {
    testing::World world;
    if (!world.make(resolver)) {
      why = world.why;
      return;
    }
    std::thread([&] {
      become_starter_of(mode);
      body(world);
    }).join();
  }).join();
  if (!why.empty()) GTEST_SKIP() << "no world can be made here: " << why;
}

void in_a_world(IdentityMode mode, const std::function<void()>& body) {
  in_a_world(mode, [&body](const testing::World&) { body(); });
}

TEST_P(WallInAWorld, EgressReachesTheOutsideButNeitherTheHostNorTheMetadataService) {
  in_a_world(GetParam(), [this] {
    const Greeter on_loopback("127.0.0.1", 7001, "loopback");
    const Greeter everywhere("0.0.0.0", 7002, "everywhere");
    EXPECT_EQ(build({.mode = model::NetworkMode::host}).ask(kMetadata, 80), "outside") << "the world has one";
    Build walled = build({});
    EXPECT_EQ(walled.ask(kPublic, 80), "outside");
    EXPECT_EQ(walled.ask(kPrivate, 80), "outside");
    EXPECT_THAT(walled.ask(kMetadata, 80), HasSubstr("Permission denied"));
    EXPECT_THAT(walled.ask(kMachine, 7002), HasSubstr("Permission denied"));
    EXPECT_THAT(walled.ask("127.0.0.1", 7001), HasSubstr("refused"));
    for (const char* alias : {"10.0.2.2", "10.0.2.3", "10.0.2.77", "0.0.0.0", "255.255.255.255"}) {
      for (const int port : {7001, 7002})
        EXPECT_THAT(walled.ask(alias, port), HasSubstr("no answer")) << alias;
    }
  });
}

TEST_P(WallInAWorld, OnlyDnsOfTheNameServerIsReachable) {
  in_a_world(GetParam(), [this] {
    // The machine's resolver is its own loopback: its other ports must not show at the resolver's address.
    const Greeter resolver("127.0.0.1", 53, "resolver");
    const Greeter other("127.0.0.1", 7001, "loopback");
    Build walled = build({});
    EXPECT_THAT(walled.run("cat /etc/resolv.conf").out, HasSubstr("nameserver 10.0.2.3"));
    EXPECT_EQ(walled.ask("10.0.2.3", 53), "resolver");
    EXPECT_THAT(walled.ask("10.0.2.3", 7001), HasSubstr("Permission denied"));
  });
}

TEST_P(WallInAWorld, PrivateRangesCloseByASettingButForTheAllowed) {
  in_a_world(GetParam(), [this] {
    Build closed = build({.block_private = true});
    EXPECT_THAT(closed.ask(kPrivate, 80), HasSubstr("Permission denied"));
    EXPECT_EQ(closed.ask(kPublic, 80), "outside");
    Build allowed = build({.block_private = true, .allow_addresses = {kPrivate, kMetadata, kMachine}});
    EXPECT_EQ(allowed.ask(kPrivate, 80), "outside");
    EXPECT_THAT(allowed.ask(kMetadata, 80), HasSubstr("no answer"));
    const Greeter everywhere("0.0.0.0", 7002, "everywhere");
    EXPECT_THAT(allowed.ask(kMachine, 7002), HasSubstr("no answer"));
  });
}

TEST_P(WallInAWorld, AServerElsewhereStaysReachable) {
  in_a_world(GetParam(), [this] {
    const std::string url = std::string("http://") + kPrivate + ":80/client/v4";
    EXPECT_EQ(build({.block_private = true}, url).ask(kPrivate, 80), "outside");
    Build none = build({.mode = model::NetworkMode::none}, url);
    EXPECT_EQ(none.ask(kPrivate, 80), "outside");
    EXPECT_THAT(none.ask(kPrivate, 81), HasSubstr("refused"));
    EXPECT_THAT(none.ask(kPublic, 80), HasSubstr("unreachable"));
  });
}

TEST_P(WallInAWorld, AServerOnTheHostsOwnAddressShowsThatPortAlone) {
  in_a_world(GetParam(), [this] {
    const Greeter server(kMachine, 7003, "server");
    const Greeter other(kMachine, 7004, "other");
    for (const model::NetworkMode mode : {model::NetworkMode::egress, model::NetworkMode::none}) {
      Build walled = build({.mode = mode}, std::string("http://") + kMachine + ":7003/client/v4");
      EXPECT_EQ(walled.ask(kMachine, 7003), "server");
      EXPECT_THAT(walled.ask(kMachine, 7004), HasSubstr("refused"));
    }
  });
}

TEST_P(WallInAWorld, ABuildCannotUndoIt) {
  in_a_world(GetParam(), [this] {
    Build walled = build({});
    const std::string out =
        walled
            .run(
                "for words in 'rule flush' 'rule del pref 200' 'rule add pref 1 lookup main' 'route flush "
                "table 1000' 'route add 169.254.0.0/16 via 10.0.2.2' 'link set tap0 down' 'addr add "
                "10.9.0.1/8 dev tap0' 'link add x type dummy'; do ip $words && echo DONE $words; done 2>&1; "
                "ip rule; ip route show table 1000; ")
            .out;
    EXPECT_THAT(out, Not(HasSubstr("DONE"))) << out;
    EXPECT_THAT(out, HasSubstr("Operation not permitted"));
    EXPECT_THAT(out, HasSubstr("prohibit 169.254.0.0/16"));
    EXPECT_THAT(walled.ask(kMetadata, 80), HasSubstr("Permission denied"));
  });
}

// Lines of kWaysOut.
std::string ways_out(Build& build, const std::string& arguments) {
  return build
      .run(std::string("python3 -c \"$(cat <<'PY'") + testing::kWaysOut + "PY\n)\" " + arguments + " 2>&1")
      .out;
}

TEST_P(WallInAWorld, NothingThatASocketSaysAboutItsWayPassesIt) {
  const auto target = [](const char* address, int port) {
    return std::string(" ") + address + ":" + std::to_string(port);
  };
  const auto attempts = [&](const testing::World& world) {
    const Greeter resolver(kMachine, 53, "inside");
    const Greeter everywhere("0.0.0.0", 7002, "inside");
    Build walled = build({.block_private = true});
    // The gateway, the name server, which is the machine itself, and what other routes refuse.
    const std::string tcp =
        ways_out(walled, "tcp" + target("10.0.2.2", 7002) + target("10.0.2.3", 7002) +
                             target(kMachine, 7002) + target(kMetadata, 80) + target(kPrivate, 80));
    EXPECT_THAT(tcp, HasSubstr("tcp BINDTODEVICE 169.254.169.254:80 ")) << "it was tried";
    EXPECT_THAT(tcp, Not(HasSubstr("side\n"))) << tcp;
    const std::string udp =
        ways_out(walled, "udp" + target(kMetadata, 80) + target(kPrivate, 80) + target(testing::kGroup, 80) +
                             target("192.0.2.255", 80) + target("255.255.255.255", 80));
    EXPECT_THAT(udp, HasSubstr("udp PKTINFO 239.1.2.3:80 ")) << "it was tried";
    EXPECT_THAT(udp, Not(HasSubstr("side\n"))) << udp;
    // The same ways lead to what is open; a source that is not the build's own leads nowhere.
    const std::string open = ways_out(walled, "tcp" + target(kPublic, 80) + target("10.0.2.3", 53)) +
                             ways_out(walled, "udp" + target(kPublic, 80));
    for (const char* line : {"tcp plain 203.0.113.7:80 outside", "tcp BINDTODEVICE 203.0.113.7:80 outside",
                             "tcp BINDTODEVICE 10.0.2.3:53 inside", "udp plain 203.0.113.7:80 outside",
                             "udp BINDTODEVICE 203.0.113.7:80 outside", "udp PKTINFO 203.0.113.7:80 outside"})
      EXPECT_THAT(open, HasSubstr(line)) << open;
    for (const std::string& words : world.heard())
      EXPECT_TRUE(words.ends_with(kPublic) && !words.starts_with("FREEBIND")) << words << " came outside";
  };
  in_a_world(GetParam(), attempts, kMachine);
}

TEST_P(WallInAWorld, MetadataElsewhereIsClosedUntilItIsAllowed) {
  in_a_world(GetParam(), [this] {
    model::NetworkSettings opened;
    for (const char* address : testing::kMetadataElsewhere) opened.allow_addresses.emplace_back(address);
    Build walled = build({});
    Build allowed = build(opened);
    for (const char* address : testing::kMetadataElsewhere) {
      EXPECT_THAT(walled.ask(address, 80), HasSubstr("Permission denied")) << address;
      EXPECT_THAT(ways_out(walled, std::string("tcp ") + address + ":80"), Not(HasSubstr("outside")))
          << address;
      EXPECT_EQ(allowed.ask(address, 80), "outside") << address;
    }
  });
}

// As systemd's ProtectKernelTunables leaves it.
TEST(WallBehindAReadOnlyProc, StandsWhereRootNeedsNoUserNamespace) {
  in_a_world(IdentityMode::pool_uid_without_userns, [] {
    ASSERT_TRUE(testing::World::shell(
        "mount --bind /proc/sys /proc/sys && mount -o remount,bind,ro /proc/sys && ! echo 0 2>/dev/null "
        ">/proc/sys/net/ipv4/ip_forward"));
    Build walled(IdentityMode::pool_uid_without_userns, {});
    EXPECT_EQ(walled.ask(kPublic, 80), "outside");
    EXPECT_THAT(walled.ask(kMetadata, 80), HasSubstr("Permission denied"));
  });
}

TEST_P(WallInAWorld, ABuildMakesNoPacketsOfItsOwn) {
  in_a_world(GetParam(), [this] {
    Build walled = build({});
    const std::string out =
        walled
            .run(
                "for kind in 'socket.AF_PACKET, socket.SOCK_RAW' 'socket.AF_INET, socket.SOCK_RAW, 255' "
                "'socket.AF_INET6, socket.SOCK_RAW, 58'; do python3 -c \"import socket; "
                "socket.socket($kind); print('MADE')\" 2>&1 | tail -1; done; unshare -Urn true 2>&1 && echo "
                "MADE; unshare -n true 2>&1 && echo MADE; ls -l /dev/net 2>&1")
            .out;
    EXPECT_THAT(out, Not(HasSubstr("MADE"))) << out;
    EXPECT_THAT(out, HasSubstr("PermissionError")) << out;
    EXPECT_THAT(out, HasSubstr("No such file")) << "a tun device of its own: " << out;
  });
}

TEST_P(WallTest, WithoutEgressOnlyTheDoorsAreThere) {
  const Greeter server("127.0.0.1", 0, "server");
  const Greeter registry("127.0.0.1", 0, "registry");
  const Greeter other("127.0.0.1", 0, "other");
  Build none = build({.mode = model::NetworkMode::none, .forward_ports = {registry.port()}},
                     "http://127.0.0.1:" + std::to_string(server.port()) + "/client/v4");
  EXPECT_EQ(none.ask("127.0.0.1", server.port()), "server");
  EXPECT_EQ(none.ask("localhost", server.port()), "server");
  EXPECT_EQ(none.ask("127.0.0.1", registry.port()), "registry");
  EXPECT_THAT(none.ask("127.0.0.1", other.port()), HasSubstr("refused"));
  EXPECT_EQ(none.run("ip -o link | wc -l").out, "1\n");
  EXPECT_TRUE(stacks_of(getpid()).empty());
}

TEST_P(WallTest, TheHostsNetworkIsSharedOnlyWhenAskedFor) {
  const Greeter server("127.0.0.1", 0, "server");
  EXPECT_EQ(build({.mode = model::NetworkMode::host}).ask("127.0.0.1", server.port()), "server");
}

TEST_P(WallTest, AbstractSocketsOfTheHostAreNotThere) {
  const Fd listener(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::string name = "kiln-wall-test-" + std::to_string(getpid());
  name.copy(address.sun_path + 1, sizeof address.sun_path - 2);
  const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + name.size());
  ASSERT_EQ(bind(listener.get(), reinterpret_cast<sockaddr*>(&address), size), 0);
  ASSERT_EQ(listen(listener.get(), 8), 0);
  const std::string probe = "python3 -c 'import socket; socket.socket(socket.AF_UNIX).connect(\"\\0" + name +
                            "\"); print(\"reached\")' 2>&1 | tail -1";
  EXPECT_EQ(build({.mode = model::NetworkMode::host}).run(probe).out, "reached\n");
  EXPECT_THAT(build({.mode = model::NetworkMode::none}).run(probe).out, HasSubstr("ConnectionRefused"));
}

TEST_P(WallTest, TwoBuildsDoNotReachEachOther) {
  Build one = build({.mode = model::NetworkMode::none});
  const testing::TempDir root;
  SandboxSpec spec;
  spec.slot = 4;
  spec.build_folder = root.path() / "b";
  spec.agent = KILN_AGENT_FILE;
  auto other = Sandbox::start({.mode = GetParam(), .network = {.mode = model::NetworkMode::none}}, spec);
  ASSERT_TRUE(other);
  std::string answer;
  const auto listening = [&](std::string_view text) {
    if (text.find("listening") != std::string_view::npos) answer = one.ask("127.0.0.1", 7005);
    if (!answer.empty()) (*other)->stop();
  };
  ASSERT_TRUE((*other)->run({{"python3", "-uc",
                              "import socket,time\ns=socket.create_server(('0.0.0.0',7005))\n"
                              "print('listening')\ntime.sleep(60)"},
                             {"PATH=/usr/bin"},
                             kCheckout},
                            listening));
  EXPECT_THAT(answer, HasSubstr("refused"));
}

TEST_P(WallTest, NothingIsLeftBehind) {
  if (const Status there = check_slirp(GetParam()); !there) GTEST_SKIP() << there.error().message;
  ASSERT_TRUE(stacks_of(getpid()).empty());
  Build walled = build({});
  EXPECT_EQ(walled.run("ip -o link | wc -l").out, "2\n");
  ASSERT_EQ(stacks_of(getpid()).size(), 1U);
  walled.sandbox().close();
  EXPECT_TRUE(stacks_of(getpid()).empty());
}

TEST_P(WallTest, TheStackHasNothingToGiveAway) {
  if (geteuid() != 0) GTEST_SKIP() << "an ordinary user cannot jail it";
  Build walled = build({});
  walled.run("true");
  const std::vector<int> stacks = stacks_of(getpid());
  ASSERT_EQ(stacks.size(), 1U);
  const std::string proc = "/proc/" + std::to_string(stacks[0]);
  const std::string status = read_file(proc + "/status", 8192).value_or("");
  // CAP_NET_BIND_SERVICE is what slirp4netns keeps for itself where it had to start as root.
  const bool as_pool_uid = GetParam() == IdentityMode::pool_uid;
  EXPECT_THAT(status, HasSubstr(as_pool_uid ? "CapEff:\t0000000000000000" : "CapEff:\t0000000000000400"));
  EXPECT_THAT(status, HasSubstr(as_pool_uid ? "Uid:\t61003\t61003" : "Uid:\t0\t0"));
  EXPECT_THAT(status, HasSubstr("NoNewPrivs:\t1"));
  EXPECT_THAT(status, HasSubstr("Seccomp:\t2"));
  std::set<std::string> seen;
  for (const auto& entry : fs::directory_iterator(proc + "/root/etc")) seen.insert(entry.path().filename());
  EXPECT_EQ(seen, std::set<std::string>{"resolv.conf"});
  EXPECT_FALSE(fs::exists(proc + "/root/root"));
  EXPECT_FALSE(fs::exists(proc + "/root/proc/1"));
}

TEST_P(WallTest, AKilledRunnerTakesTheStackWithIt) {
  if (const Status there = check_slirp(GetParam()); !there) GTEST_SKIP() << there.error().message;
  const testing::TempDir root;
  std::array<int, 2> ends{};
  ASSERT_EQ(pipe2(ends.data(), O_CLOEXEC), 0);
  const pid_t runner = fork();
  if (runner == 0) {
    Build walled(GetParam(), {}, root.path());
    const auto up = [&](std::string_view) { (void)!write(ends[1], "u", 1); };
    (void)walled.sandbox().run({{"/bin/sh", "-c", "echo up; sleep 600"}, {"PATH=/usr/bin"}, kCheckout}, up);
    _exit(0);
  }
  close(ends[1]);
  char byte = 0;
  ASSERT_EQ(read(ends[0], &byte, 1), 1);
  close(ends[0]);
  const std::vector<int> stacks = stacks_of(runner);
  ASSERT_EQ(stacks.size(), 1U);
  const Fd stack(static_cast<int>(syscall(SYS_pidfd_open, stacks[0], 0)));
  kill(runner, SIGKILL);
  waitpid(runner, nullptr, 0);
  pollfd ended{stack.get(), POLLIN, 0};
  EXPECT_EQ(poll(&ended, 1, 5'000), 1) << "slirp4netns outlives its runner";
}

TEST(WallAsOrdinaryUser, WithoutATunDeviceIsRefusedInClearWords) {
  if (access("/dev/net/tun", R_OK | W_OK) == 0 && geteuid() != 0) GTEST_SKIP() << "the device is open to all";
  if (geteuid() == 0) {
    // Root itself needs no device, having one made in the jail.
    EXPECT_TRUE(check_slirp(IdentityMode::pool_uid));
    return;
  }
  const Status there = check_slirp(IdentityMode::own_uid);
  ASSERT_FALSE(there);
  EXPECT_EQ(there.error().code, Errc::unavailable);
  EXPECT_THAT(there.error().message, HasSubstr("chmod 0666 /dev/net/tun"));
  const auto host = probe_sandbox(KILN_AGENT_FILE, {});
  ASSERT_FALSE(host);
  EXPECT_THAT(host.error().message, HasSubstr("/dev/net/tun"));
}

}  // namespace
}  // namespace kiln::runner
