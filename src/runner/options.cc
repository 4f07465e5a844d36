#include "runner/options.h"

#include <fmt/format.h>

#include <charconv>

#include "settings/config.h"

namespace kiln::runner {
namespace {

using Words = std::map<std::string, std::string>;

Result<Words> pair_up(Work work, const std::vector<std::string>& arguments) {
  const Words known{{"--server", ""}, {"--root", ""},        {"--tools", ""},
                    {"--agent", ""},  {"--concurrency", ""}, {"--runner-id", ""},
                    {"--config", ""}, {"--cache", ""},       {"--log-level", ""}};
  Words words;
  for (std::size_t i = 0; i < arguments.size(); i += 2) {
    const std::string& name = arguments[i];
    if (!known.contains(name)) return fail(Errc::invalid, fmt::format("unknown option {}", name), name);
    if (i + 1 == arguments.size()) return fail(Errc::invalid, fmt::format("{} needs a value", name), name);
    words[name] = arguments[i + 1];
  }
  std::vector<const char*> needed_options{"--server", "--root", "--tools", "--agent", "--runner-id"};
  if (work != Work::serve) needed_options = {"--root", "--agent"};
  for (const char* needed : needed_options) {
    if (words[needed].empty()) return fail(Errc::invalid, fmt::format("{} is missing", needed), needed);
  }
  return words;
}

void take_settings(settings::Config config, Options& options) {
  settings::BuildConfig& build = config.build;
  if (options.tools.empty()) options.tools = std::move(config.tools_dir);
  options.log_level = config.log_level;
  options.log_format = config.log_format;
  options.workerd = std::move(config.workerd);
  options.git_allow = std::move(config.git_allow);
  options.git = config.git;
  options.cache.keep_ms = TimeMs{build.cache_days} * 24 * 60 * 60'000;
  options.cache.bytes_per_worker = static_cast<std::uint64_t>(build.cache_mb_per_worker) << 20U;
  options.min_free_disk = build.min_free_disk;
  options.tools_size = build.tools_size;
  options.environment = std::move(build.environment);
  options.network = std::move(build.network);
  options.limits = build.limits;
}

}  // namespace

Result<Options> parse_options(const std::vector<std::string>& arguments) {
  Options options;
  if (!arguments.empty() && arguments.front() == "--local") options.work = Work::local;
  if (!arguments.empty() && arguments.front() == "--doctor") options.work = Work::doctor;
  const auto first = arguments.begin() + (options.work == Work::serve ? 0 : 1);
  Result<Words> words = pair_up(options.work, {first, arguments.end()});
  if (!words) return tl::unexpected<Error>(words.error());
  if (options.work == Work::serve) {
    Result<ServerAddress> server = ServerAddress::parse((*words)["--server"]);
    if (!server) return tl::unexpected<Error>(server.error());
    options.server = *server;
  }
  options.root = (*words)["--root"];
  options.tools = (*words)["--tools"];
  options.cache_dir = (*words)["--cache"];
  if (options.cache_dir.empty()) options.cache_dir = options.root / "cache";
  options.agent = (*words)["--agent"];
  options.runner_id = (*words)["--runner-id"];
  if (const std::string& number = (*words)["--concurrency"]; !number.empty()) {
    const auto [end, error] =
        std::from_chars(number.data(), number.data() + number.size(), options.concurrency);
    if (error != std::errc() || end != number.data() + number.size() || options.concurrency < 1 ||
        options.concurrency > model::kMostConcurrentBuilds) {
      return fail(Errc::invalid,
                  fmt::format("--concurrency must be a number from 1 to {}", model::kMostConcurrentBuilds),
                  "--concurrency");
    }
  }
  if (const std::string& file = (*words)["--config"]; !file.empty()) {
    Result<settings::Config> config = settings::load_config(file);
    if (!config) return tl::unexpected<Error>(std::move(config.error()));
    take_settings(std::move(*config), options);
  }
  if (const std::string& level = (*words)["--log-level"]; !level.empty()) {
    if (level.size() != 1 || level[0] < '0' || level[0] > '3')
      return fail(Errc::invalid, "--log-level must be a number from 0 to 3", "--log-level");
    options.log_level = static_cast<log::Level>(level[0] - '0');
  }
  if (options.tools.empty()) options.tools = options.agent.parent_path() / "tools";
  for (std::filesystem::path* path : {&options.root, &options.tools, &options.cache_dir, &options.agent}) {
    std::error_code error;
    std::filesystem::path whole = std::filesystem::absolute(*path, error);
    if (error)
      return fail(Errc::io,
                  fmt::format("finding {} from the present folder: {}", path->string(), error.message()));
    *path = std::move(whole);
  }
  return options;
}

}  // namespace kiln::runner
