#include "serving/validator.h"

#include <fmt/format.h>
#include <poll.h>

#include <algorithm>
#include <array>
#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <chrono>
#include <string>

#include "confine/host_users.h"
#include "serving/exports.h"
#include "serving/run_folder.h"
#include "serving/sockets.h"
#include "serving/spawn.h"
#include "serving/start_words.h"
#include "serving/workerd_config.h"

namespace kiln::serving {
namespace {

using std::chrono::steady_clock;

constexpr std::size_t kMaxTrialWords = std::size_t{64} << 10U;
constexpr std::size_t kMaxTaken = 1000;  // remembered
constexpr std::size_t kMaxEntrypoints = 64;
constexpr const char* kEsModule = "application/javascript+module";
static_assert(WorkerdValidator::kAtOnce <= kValidatorUids);

// Follows one start to its end; the process is gone when this is.
class Trial {
 public:
  Trial(const Engine& engine, Spawned process)
      : engine_(engine), process_(std::move(process)), began_(steady_clock::now()) {}
  ~Trial() {
    if (reaped_) return;
    kill_now(process_);
    (void)reap(process_);
  }
  Trial(const Trial&) = delete;
  Trial& operator=(const Trial&) = delete;

  // The milliseconds until it listened. What it printed until then goes to `out`.
  Result<int> follow(std::string& out) {
    const auto deadline = began_ + std::chrono::milliseconds(engine_.start_ms);
    while (true) {
      const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - steady_clock::now()).count();
      if (left <= 0) return tl::unexpected<Error>(started_too_slowly(engine_));
      std::array<pollfd, 4> fds{{{process_.process.get(), POLLIN, 0},
                                 {process_.control.get(), POLLIN, 0},
                                 {process_.out.get(), POLLIN, 0},
                                 {process_.err.get(), POLLIN, 0}}};
      poll(fds.data(), fds.size(), static_cast<int>(left));
      if (fds[2].revents != 0) drain(process_.out, out);
      if (fds[3].revents != 0) drain(process_.err, err_);
      if (fds[1].revents != 0) read_some(process_.control, said_);
      if (said_.find('\n') != std::string::npos) {
        const int took = milliseconds();
        drain(process_.out, out);
        return took;
      }
      if (fds[0].revents != 0) return ended();
    }
  }

 private:
  static void drain(Fd& fd, std::string& into) {
    read_some(fd, into);
    if (into.size() > kMaxTrialWords) into.erase(0, into.size() - kMaxTrialWords);
  }

  [[nodiscard]] int milliseconds() const {
    const auto took = std::chrono::ceil<std::chrono::milliseconds>(steady_clock::now() - began_).count();
    return std::max(static_cast<int>(took), 1);
  }

  Result<int> ended() {
    const Ending ending = reap(process_);
    reaped_ = true;
    while (read_some(process_.err, err_) && err_.size() < 2 * kMaxTrialWords) {
    }
    return tl::unexpected<Error>(why_not_started(engine_, ending, err_));
  }

  const Engine& engine_;
  Spawned process_;
  steady_clock::time_point began_;
  bool reaped_ = false;
  std::string said_;
  std::string err_;
};

}  // namespace

Result<workers::Started> WorkerdValidator::validate(const workers::Candidate& candidate) {
  if (const Status fits = check_compatibility(candidate.version.compatibility_date,
                                              candidate.version.compatibility_flags_json);
      !fits) {
    return tl::unexpected<Error>(fits.error());
  }
  model::Version version = candidate.version;
  version.entrypoints = entrypoints_of(candidate);
  if (version.entrypoints.size() > kMaxEntrypoints) {
    return fail(Errc::script_invalid,
                fmt::format("The main module exports {} entrypoints; Kiln serves {} at most.",
                            version.entrypoints.size(), kMaxEntrypoints));
  }
  Result<Told> told = start({version, candidate.program, candidate.secrets}, true);
  if (!told) return tl::unexpected<Error>(told.error());
  return workers::Started{told->ms, std::move(version.entrypoints)};
}

std::vector<std::string> WorkerdValidator::entrypoints_of(const workers::Candidate& candidate) {
  const model::Version& given = candidate.version;
  const auto main = std::find_if(candidate.program.begin(), candidate.program.end(),
                                 [&](const workers::Part& part) { return part.name == given.main_module; });
  if (given.main_module.empty() || main == candidate.program.end() || !may_export_entrypoints(main->content))
    return {};
  const std::string lister = lister_of(given.main_module);
  std::vector<workers::Part> program = candidate.program;
  program.push_back({kListerName, {}, kEsModule, lister});
  model::Version version = given;
  version.main_module = kListerName;
  version.modules.push_back({kListerName, kEsModule, {}, lister.size()});
  version.has_assets = false;
  const Result<Told> told = start({version, program, candidate.secrets}, true);
  return told ? listed_in(told->out) : std::vector<std::string>();
}

Status WorkerdValidator::check_compatibility(const std::string& date, const std::string& flags_json) {
  if (flags_json.empty() || flags_json == "[]") return {};
  const std::string both = date + ' ' + flags_json;
  {
    const std::lock_guard lock(mutex_);
    if (taken_.contains(both)) return {};
  }
  const Result<Told> took = start_empty(date, flags_json, false);
  if (!took) {
    if (took.error().code != Errc::script_invalid) return tl::unexpected<Error>(took.error());
    const std::vector<std::string> named = experimental_among(date, flags_json);
    if (named.empty()) return tl::unexpected<Error>(took.error());
    return fail(
        Errc::script_invalid,
        fmt::format("The compatibility flag{} {} {} experimental: the runtime may change or drop what {} "
                    "{} at any time, and Kiln runs no Worker with it. Take {} out of "
                    "compatibility_flags in the wrangler configuration.",
                    named.size() == 1 ? "" : "s", fmt::join(named, ", "), named.size() == 1 ? "is" : "are",
                    named.size() == 1 ? "it" : "they", named.size() == 1 ? "does" : "do",
                    named.size() == 1 ? "it" : "them"),
        "compatibility_flags");
  }
  const std::lock_guard lock(mutex_);
  if (taken_.size() >= kMaxTaken) taken_.clear();
  taken_.insert(both);
  return {};
}

// Which of them the runtime takes as an experiment alone: it is asked of each by itself.
std::vector<std::string> WorkerdValidator::experimental_among(const std::string& date,
                                                              const std::string& flags_json) {
  std::vector<std::string> named;
  boost::system::error_code error;
  const boost::json::value list = boost::json::parse(flags_json, error);
  if (error || !list.is_array()) return named;
  for (const boost::json::value& flag : list.get_array()) {
    const std::string alone = boost::json::serialize(boost::json::array{flag});
    if (!flag.is_string() || start_empty(date, alone, false) || !start_empty(date, alone, true)) continue;
    named.push_back('\'' + std::string(flag.get_string()) + '\'');
  }
  return named;
}

Status WorkerdValidator::try_date(const std::string& date) {
  const Result<Told> told = start_empty(date, "[]", true);
  if (!told) return tl::unexpected<Error>(told.error());
  return {};
}

Result<WorkerdValidator::Told> WorkerdValidator::start_empty(const std::string& date,
                                                             const std::string& flags_json,
                                                             bool experimental) {
  const std::vector<workers::Part> program{{"index.js", "index.js", kEsModule, "export default {}"}};
  model::Version version;
  version.main_module = program[0].name;
  version.modules.push_back({program[0].name, program[0].content_type, {}, program[0].content.size()});
  version.compatibility_date = date;
  version.compatibility_flags_json = flags_json;
  return start({version, program, {}}, experimental);
}

Result<WorkerdValidator::Told> WorkerdValidator::start(const workers::Candidate& candidate,
                                                       bool experimental) {
  free_.acquire();
  Result<Told> took = start_once(candidate, next_++, experimental);
  free_.release();
  return took;
}

Result<WorkerdValidator::Told> WorkerdValidator::start_once(const workers::Candidate& candidate, int number,
                                                            bool experimental) {
  Surroundings around;
  if (engine_.run_date) around.run_date = engine_.run_date(candidate.version.compatibility_date);
  const Result<WorkerdConfig> config = workerd_config(candidate.version, candidate.secrets, around);
  if (!config) return tl::unexpected<Error>(config.error());
  const Result<RunFolder> files = RunFolder::make(folder_ / std::to_string(number));
  if (!files) return tl::unexpected<Error>(files.error());
  for (const std::size_t part : config->parts) {
    if (part >= candidate.program.size()) return fail(Errc::internal, "a module has no part of the upload");
    if (const Status kept = files->write_part(part, candidate.program[part].content); !kept)
      return tl::unexpected<Error>(kept.error());
  }
  const Result<Sockets> sockets = Sockets::open(files->path() / "s", config->entrypoints, false);
  if (!sockets) return tl::unexpected<Error>(sockets.error());
  SandboxSpec spec;
  spec.sockets = sockets->named();
  spec.folder = files->path();
  spec.experimental = experimental;
  spec.uid = kFirstValidatorUid + static_cast<unsigned>(number % kAtOnce);
  Result<Spawned> process = spawn(engine_, std::move(spec), config->text);
  if (!process) {
    // The upload is not to blame, and whoever sent it should know what to do.
    return fail(Errc::unavailable, "This upload cannot be validated: " + process.error().message);
  }
  Told told;
  const Result<int> took = Trial(engine_, *std::move(process)).follow(told.out);
  if (!took) return tl::unexpected<Error>(took.error());
  told.ms = *took;
  return told;
}

}  // namespace kiln::serving
