#include "runner/sandbox/launch.h"

#include <fcntl.h>
#include <fmt/format.h>

#include <array>
#include <optional>
#include <string_view>
#include <vector>

#include "base/child.h"
#include "base/memory_file.h"
#include "base/start_child.h"
#include "confine/seccomp_filter.h"
#include "runner/sandbox/become.h"
#include "runner/sandbox/bwrap_arguments.h"

namespace kiln::runner {
namespace {

BindSources plain_sources(const SandboxSpec& spec, const Confinement* limits) {
  const std::filesystem::path& folder = limits == nullptr ? spec.build_folder : limits->folder();
  return {.repo = folder / "repo",
          .home = folder / "home",
          .tmp = folder / "tmp",
          .mirror = spec.mirror,
          .tools = spec.tools,
          .cache = spec.cache,
          .agent = spec.agent};
}

BindSources staged_sources(const BindSources& plain) {
  const std::string stage = kStage;
  return {.repo = stage + "/repo",
          .home = stage + "/home",
          .tmp = stage + "/tmp",
          .mirror = plain.mirror.empty() ? "" : stage + "/mirror",
          .tools = plain.tools.empty() ? "" : stage + "/tools",
          .cache = plain.cache.empty() ? "" : stage + "/cache",
          .agent = stage + "/agent"};
}

std::array<Staged, 7> staging(const BindSources& from, const BindSources& to) {
  const auto entry = [](const std::string& source, const std::string& target, bool is_file) {
    return source.empty() ? Staged{} : Staged{source.c_str(), target.c_str(), is_file};
  };
  return {entry(from.repo, to.repo, false),   entry(from.home, to.home, false),
          entry(from.tmp, to.tmp, false),     entry(from.mirror, to.mirror, false),
          entry(from.tools, to.tools, false), entry(from.cache, to.cache, false),
          entry(from.agent, to.agent, true)};
}

// What the child inherits; closed here once it runs.
struct Inheritance {
  Fd passwd, group, hosts, resolv, gitconfig, seccomp, info, status, control, log, words, arguments;

  [[nodiscard]] InheritedFds numbers() const {
    return {passwd.get(),  group.get(), hosts.get(),  resolv.get(),  gitconfig.get(),
            seccomp.get(), info.get(),  status.get(), control.get(), log.get()};
  }
};

Status fill_etc(Inheritance& to, unsigned uid, const NetworkPolicy& network) {
  const std::string passwd = fmt::format(
      "root:x:0:0:root:/root:/usr/sbin/nologin\nbuildhome:x:{0}:{0}:build:{1}:/bin/sh\n"
      "nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\n",
      uid, kHome);
  const std::string group = fmt::format("root:x:0:\nbuildhome:x:{}:\nnogroup:x:65534:\n", uid);
  // The mirror belongs to the runner; git would not fetch from somebody else's repository.
  const std::string gitconfig = fmt::format("[safe]\n\tdirectory = {}\n", kMirror);
  const Result<std::string>& filter = confine::seccomp_program(confine::Confined::build);
  if (!filter) return tl::unexpected<Error>(filter.error());
  const auto put = [](Fd& target, std::string_view bytes) -> Status {
    Result<Fd> file = memory_file(bytes);
    if (!file) return tl::unexpected<Error>(std::move(file.error()));
    target = std::move(*file);
    return {};
  };
  return put(to.passwd, passwd)
      .and_then([&] { return put(to.group, group); })
      .and_then([&] { return put(to.hosts, network.hosts); })
      .and_then([&] { return put(to.resolv, network.resolv_conf); })
      .and_then([&] { return put(to.gitconfig, gitconfig); })
      .and_then([&] { return put(to.seccomp, *filter); });
}

Status connect_ends(Inheritance& theirs, Launched& ours) {
  Result<Ends> info = pipe_from_child();
  Result<Ends> status = pipe_from_child();
  Result<Ends> log = pipe_from_child();
  Result<Ends> words = pipe_from_child();
  Result<Ends> control = socket_to_child();
  for (const Result<Ends>* ends : {&info, &status, &log, &words, &control}) {
    if (!*ends) return context(ends->error(), "starting a sandbox");
  }
  theirs.info = std::move(info->theirs);
  theirs.status = std::move(status->theirs);
  theirs.log = std::move(log->theirs);
  theirs.words = std::move(words->theirs);
  theirs.control = std::move(control->theirs);
  ours.info = std::move(info->ours);
  ours.status = std::move(status->ours);
  ours.log = std::move(log->ours);
  ours.words = std::move(words->ours);
  ours.control = std::move(control->ours);
  fcntl(ours.log.get(), F_SETFL, O_NONBLOCK);
  return {};
}

void set_process_limits(SandboxPlan& plan, const Confinement* limits, IdentityMode mode) {
  ProcessLimits wanted;
  if (limits != nullptr) {
    wanted = limits->process_limits();
  } else if (mode != IdentityMode::own_uid) {
    wanted.processes = Limits{}.processes;  // the uid is this slot's own, so its count is this build's
  }
  plan.most_processes = wanted.processes;
  plan.most_data = wanted.data;
  plan.largest_file = wanted.file;
}

}  // namespace

Result<Launched> launch(IdentityMode mode, unsigned uid, const SandboxSpec& spec,
                        const NetworkPolicy& network, const Confinement* limits) {
  const std::string program = system_program("bwrap");
  if (program.empty()) {
    return fail(Errc::unavailable, "there is no bwrap in /usr/bin: install the package bubblewrap");
  }
  Launched ours;
  Inheritance theirs;
  if (Status done = fill_etc(theirs, uid_inside(mode, uid), network); !done)
    return tl::unexpected<Error>(done.error());
  if (Status done = connect_ends(theirs, ours); !done) return tl::unexpected<Error>(done.error());

  const BindSources plain = plain_sources(spec, limits);
  const BindSources staged = staged_sources(plain);
  const bool as_pool_uid = mode == IdentityMode::pool_uid;
  const InheritedFds numbers = theirs.numbers();
  // Through a file: the words would show in the sandbox as the command line of its process 1.
  Result<Fd> arguments =
      memory_file(zero_ended(bwrap_arguments(mode, network.mode, as_pool_uid ? staged : plain, numbers)));
  if (!arguments) return tl::unexpected<Error>(arguments.error());
  theirs.arguments = std::move(*arguments);

  std::vector<std::string> words{"bwrap", "--args", std::to_string(theirs.arguments.get()), "--"};
  for (std::string& word : agent_command(mode, uid, numbers)) words.push_back(std::move(word));
  const std::vector<char*> argv = pointers_to(words);
  std::string path = "PATH=/usr/local/bin:/usr/bin:/bin";
  std::array<char*, 2> environment{path.data(), nullptr};
  const std::array inherited{numbers.passwd,    numbers.group,   numbers.hosts,         numbers.resolv,
                             numbers.gitconfig, numbers.seccomp, numbers.info,          numbers.status,
                             numbers.log,       numbers.control, theirs.arguments.get()};
  const std::vector<int> doors = limits == nullptr ? std::vector<int>{} : limits->doors();
  SandboxPlan sandbox{
      .drop_to_uid = as_pool_uid, .doors = doors, .uid = uid, .staged = staging(plain, staged)};
  set_process_limits(sandbox, limits, mode);
  ChildPlan plan{.program = program.c_str(), .argv = argv.data(), .environment = environment.data()};
  plan.group = ChildPlan::Group::session;
  plan.out = theirs.words.get();
  plan.err = theirs.words.get();
  plan.inherited = inherited;
  plan.prepare = [&sandbox] { return prepare_sandbox(sandbox); };
  Result<Child> child = start_child(plan);
  if (!child) return context(child.error(), "preparing the sandbox");
  ours.pid = child->pid;
  ours.process = std::move(child->handle);
  return ours;
}

}  // namespace kiln::runner
