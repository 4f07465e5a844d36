#include "runner/sandbox/network/inside.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/nsfs.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>

#include "base/child.h"
#include "base/process_status.h"
#include "base/start_child.h"
#include "runner/sandbox/network/netlink.h"
#include "runner/sandbox/network/socket_address.h"

namespace kiln::runner {
namespace {

constexpr int kPatienceMs = 10'000;
constexpr int kBacklog = 128;
constexpr std::size_t kMaxDoors = 64;
constexpr std::size_t kMostAnswered = kMaxDoors + 1;  // in one message: the doors', and the router's

struct Report {
  int error = 0;
  int step = 0;  // index of kSteps
};
constexpr std::array kSteps{"nothing",
                            "entering its user namespace",
                            "entering it",
                            "opening a netlink socket",
                            "waiting for its loopback interface",
                            "setting its routing",
                            "listening on a door's port",
                            "making a namespace for its router",
                            "setting its router (where /proc/sys is read-only, make it writable)",
                            "laying the cable to its router (veth) and setting its routing"};
enum Step : std::uint8_t {
  none,
  enter_owner,
  enter_network,
  open_netlink,
  wait_loopback,
  route,
  listen_door,
  make_router,
  set_router,
  lay_cable
};

// What the child needs, laid out before the fork.
struct Work {
  int network = -1;
  int owner = -1;
  int init = -1;
  int answer = -1;
  NetlinkMessages build;  // for the build's namespace
  std::vector<SocketAddress> doors;
  bool has_router = false;
  NetlinkMessages router;  // for the router's
  NetlinkMessages cable;   // for the build's, after those
};

[[noreturn]] void report_failure(const Work& work, Step step) {
  const Report report{errno, step};
  (void)!write(work.answer, &report, sizeof report);
  _exit(1);
}

bool is_loopback_up(int any_socket) {
  ifreq request{};
  std::strcpy(request.ifr_name, "lo");
  return ioctl(any_socket, SIOCGIFFLAGS, &request) == 0 && (request.ifr_flags & IFF_UP) != 0;
}

// bubblewrap gives lo its address and brings it up, and fails when somebody else did so before.
void wait_for_loopback(const Work& work, int netlink) {
  const int any_socket = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (any_socket < 0) report_failure(work, wait_loopback);
  while (!is_loopback_up(any_socket)) {
    std::array<pollfd, 2> wanted{pollfd{netlink, POLLIN, 0}, pollfd{work.init, POLLIN, 0}};
    const int ready = poll(wanted.data(), wanted.size(), kPatienceMs);
    if (ready == 0) errno = ETIMEDOUT;
    if (wanted[1].revents != 0) errno = ESRCH;
    if (ready == 0 || wanted[1].revents != 0) report_failure(work, wait_loopback);
    std::array<char, 8192> news{};
    (void)!recv(netlink, news.data(), news.size(), MSG_DONTWAIT);
  }
}

// The kernel's answer to one message: 0 or an error number.
int acknowledgement(int netlink) {
  std::array<char, 8192> answer{};
  ssize_t got = 0;
  do {
    got = recv(netlink, answer.data(), answer.size(), 0);
  } while (got < 0 && errno == EINTR);
  if (got < 0) return errno;
  nlmsghdr header{};
  if (static_cast<std::size_t>(got) < sizeof header + sizeof(nlmsgerr)) return EPROTO;
  std::memcpy(&header, answer.data(), sizeof header);
  if (header.nlmsg_type != NLMSG_ERROR) return EPROTO;
  nlmsgerr error{};
  std::memcpy(&error, answer.data() + NLMSG_HDRLEN, sizeof error);
  return -error.error;
}

int open_netlink_socket(const Work& work) {
  const int netlink = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
  if (netlink < 0) report_failure(work, open_netlink);
  return netlink;
}

void send_messages(const Work& work, int netlink, const NetlinkMessages& messages, Step step) {
  for (const std::string& message : messages) {
    if (send(netlink, message.data(), message.size(), 0) != static_cast<ssize_t>(message.size()))
      report_failure(work, step);
    errno = acknowledgement(netlink);
    if (errno != 0) report_failure(work, step);
  }
}

// A file below /proc/sys, of the namespace that this thread is in. A service may have been given a read-only
// one; then root takes another /proc, which nobody else sees.
int open_setting(const char* name) {
  const int usual = open("/proc/sys", O_PATH | O_DIRECTORY | O_CLOEXEC);
  const int file = openat(usual, name, O_WRONLY | O_CLOEXEC);
  if (file >= 0 || errno != EROFS) return file;
  const int proc = fsopen("proc", FSOPEN_CLOEXEC);
  if (proc < 0 || fsconfig(proc, FSCONFIG_CMD_CREATE, nullptr, nullptr, 0) != 0) return -1;
  const int own = fsmount(proc, FSMOUNT_CLOEXEC, 0);
  const int sys = openat(own, "sys", O_PATH | O_DIRECTORY | O_CLOEXEC);
  return openat(sys, name, O_WRONLY | O_CLOEXEC);
}

void set_setting(const Work& work, const char* name, char value) {
  const int file = open_setting(name);
  if (file < 0 || write(file, &value, 1) != 1) report_failure(work, set_router);
}

// This thread goes on in the router's namespace. Returns its descriptor.
int make_the_router(const Work& work, int build_netlink) {
  if (unshare(CLONE_NEWNET) != 0) report_failure(work, make_router);
  const int router = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
  if (router < 0) report_failure(work, make_router);
  // What may come from where is said by rules, and the kernel's own guess, which some hosts switch on, knows
  // nothing of ports. Before there are devices, which take over what is set for all.
  set_setting(work, "net/ipv4/conf/all/rp_filter", '0');
  set_setting(work, "net/ipv4/conf/default/rp_filter", '0');
  set_setting(work, "net/ipv4/ip_forward", '1');
  send_messages(work, open_netlink_socket(work), work.router, lay_cable);
  send_messages(work, build_netlink, work.cable, lay_cable);
  return router;
}

int make_listener(const Work& work, const SocketAddress& door) {
  const int fd = socket(door.family(), SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0 || bind(fd, door.get(), door.size) != 0 || listen(fd, kBacklog) != 0)
    report_failure(work, listen_door);
  return fd;
}

void send_success(const Work& work, const std::array<int, kMostAnswered>& made, std::size_t count) {
  Report report;
  iovec part{&report, sizeof report};
  alignas(cmsghdr) std::array<char, CMSG_SPACE(kMostAnswered * sizeof(int))> control{};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  if (count > 0) {
    message.msg_control = control.data();
    message.msg_controllen = CMSG_SPACE(count * sizeof(int));
    cmsghdr* header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(count * sizeof(int));
    std::memcpy(CMSG_DATA(header), made.data(), count * sizeof(int));
  }
  if (sendmsg(work.answer, &message, MSG_NOSIGNAL) != sizeof report) _exit(1);
}

[[noreturn]] void work_inside(const Work& work) {
  if (work.owner >= 0 && setns(work.owner, CLONE_NEWUSER) != 0) report_failure(work, enter_owner);
  if (setns(work.network, CLONE_NEWNET) != 0) report_failure(work, enter_network);
  const int news = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
  sockaddr_nl groups{};
  groups.nl_family = AF_NETLINK;
  groups.nl_groups = RTMGRP_LINK;
  if (news < 0 || bind(news, reinterpret_cast<sockaddr*>(&groups), sizeof groups) != 0)
    report_failure(work, open_netlink);
  wait_for_loopback(work, news);
  const int netlink = open_netlink_socket(work);
  send_messages(work, netlink, work.build, route);
  std::array<int, kMostAnswered> made{};
  std::size_t count = 0;
  for (const SocketAddress& door : work.doors) made[count++] = make_listener(work, door);
  if (work.has_router) made[count++] = make_the_router(work, netlink);
  send_success(work, made, count);
  _exit(0);
}

Result<std::vector<Fd>> receive_answer(int socket) {
  Report report;
  iovec part{&report, sizeof report};
  alignas(cmsghdr) std::array<char, CMSG_SPACE(kMostAnswered * sizeof(int))> control{};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = control.data();
  message.msg_controllen = control.size();
  ssize_t got = 0;
  do {
    got = recvmsg(socket, &message, MSG_CMSG_CLOEXEC);
  } while (got < 0 && errno == EINTR);
  if (got != sizeof report) return fail(Errc::io, "preparing a build's network: the helper ended early");
  std::vector<Fd> made;
  for (cmsghdr* header = CMSG_FIRSTHDR(&message); header != nullptr; header = CMSG_NXTHDR(&message, header)) {
    const std::size_t count = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    for (std::size_t i = 0; i < count; ++i) {
      int fd = -1;
      std::memcpy(&fd, CMSG_DATA(header) + i * sizeof fd, sizeof fd);
      made.emplace_back(fd);
    }
  }
  if (report.error == 0) return made;
  const Errc code = report.error == ESRCH ? Errc::unavailable : Errc::io;
  return fail(code, fmt::format("preparing a build's network: {}: {}",
                                kSteps[static_cast<std::size_t>(report.step)], std::strerror(report.error)));
}

bool same_file(int fd, const char* path) {
  struct stat one {};
  struct stat other {};
  return fstat(fd, &one) == 0 && stat(path, &other) == 0 && one.st_ino == other.st_ino &&
         one.st_dev == other.st_dev;
}

}  // namespace

Result<NetworkNamespace> open_network_namespace(int child, int bubblewrap) {
  NetworkNamespace space;
  space.init = Fd(static_cast<int>(syscall(SYS_pidfd_open, child, 0)));
  space.network = Fd(open(fmt::format("/proc/{}/ns/net", child).c_str(), O_RDONLY | O_CLOEXEC));
  const int why = errno;
  // Its number may have passed to a stranger by now: then the parent is another.
  pollfd ended{space.init.get(), POLLIN, 0};
  if (!space.init || parent_of(child) != bubblewrap || poll(&ended, 1, 0) != 0)
    return fail(Errc::unavailable, "the sandbox ended before its network was ready");
  if (!space.network)
    return fail(Errc::io, fmt::format("opening a build's network namespace: {}", std::strerror(why)));
  if (same_file(space.network.get(), "/proc/thread-self/ns/net"))
    return fail(Errc::internal, "the sandbox has no network namespace of its own");
  space.owner = Fd(ioctl(space.network.get(), NS_GET_USERNS));
  if (!space.owner)
    return fail(Errc::io, fmt::format("finding the owner of a build's network: {}", std::strerror(errno)));
  fcntl(space.owner.get(), F_SETFD, FD_CLOEXEC);
  if (same_file(space.owner.get(), "/proc/self/ns/user")) space.owner.reset();
  return space;
}

Result<Inside> prepare_inside(const NetworkNamespace& space, const NetworkPolicy& policy) {
  Result<Ends> ends = socket_to_child(SOCK_SEQPACKET);
  if (!ends) return tl::unexpected<Error>(ends.error());
  Work work{.network = space.network.get(),
            .owner = space.owner.get(),
            .init = space.init.get(),
            .answer = ends->theirs.get(),
            .build = routing_messages(policy),
            .doors = {},
            .has_router = policy.mode == model::NetworkMode::egress,
            .router = {},
            .cable = {}};
  if (work.has_router) {
    work.router = router_messages(policy, work.network);
    work.cable = cable_messages();
  }
  for (const Door& door : policy.doors) work.doors.push_back(socket_address(door));
  if (work.doors.size() > kMaxDoors)
    return fail(Errc::invalid, fmt::format("a build's network has more than {} forwarded ports", kMaxDoors),
                "forward_ports");
  const pid_t pid = vfork_into([&work] { work_inside(work); });
  if (pid < 0) return fail(Errc::io, fmt::format("forking: {}", std::strerror(errno)));
  ends->theirs.reset();
  Result<std::vector<Fd>> made = receive_answer(ends->ours.get());
  while (waitpid(pid, nullptr, 0) < 0 && errno == EINTR) {
  }
  if (!made) return tl::unexpected<Error>(std::move(made.error()));
  if (made->size() != policy.doors.size() + (work.has_router ? 1 : 0))
    return fail(Errc::internal, "a build's network has fewer doors than were asked for");
  Inside inside;
  if (work.has_router) {
    inside.router = std::move(made->back());
    made->pop_back();
  }
  inside.listeners = std::move(*made);
  return inside;
}

}  // namespace kiln::runner
