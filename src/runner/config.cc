#include "runner/config.h"

#include <fmt/format.h>
#include <toml++/toml.h>

#include <charconv>

namespace kiln::runner {
namespace {

using Words = std::map<std::string, std::string>;

Result<Words> pair_up(const std::vector<std::string>& arguments) {
  const Words known{{"--server", ""},      {"--root", ""},      {"--tools", ""}, {"--agent", ""},
                    {"--concurrency", ""}, {"--runner-id", ""}, {"--config", ""}};
  Words words;
  for (std::size_t i = 0; i < arguments.size(); i += 2) {
    const std::string& name = arguments[i];
    if (!known.contains(name)) return fail(Errc::invalid, fmt::format("unknown option {}", name), name);
    if (i + 1 == arguments.size()) return fail(Errc::invalid, fmt::format("{} needs a value", name), name);
    words[name] = arguments[i + 1];
  }
  for (const char* needed : {"--server", "--root", "--tools", "--agent", "--runner-id"}) {
    if (words[needed].empty()) return fail(Errc::invalid, fmt::format("{} is missing", needed), needed);
  }
  return words;
}

// The settings file is the server's, which has checked it whole; the runner takes what is its own.
Result<Words> read_settings(const std::string& file, CacheLimits& cache) {
  Words environment;
  try {
    const toml::table document = toml::parse_file(file);
    if (const auto days = document["runner"]["cache_days"].value<std::int64_t>())
      cache.keep_ms = TimeMs{*days} * 24 * 60 * 60'000;
    if (const auto megabytes = document["runner"]["cache_mb_per_worker"].value<std::int64_t>())
      cache.bytes_per_worker = static_cast<std::uint64_t>(*megabytes) << 20U;
    const toml::table* table = document["runner"]["environment"].as_table();
    if (table == nullptr) return environment;
    for (const auto& [name, value] : *table) {
      if (!value.is_string()) {
        return fail(Errc::invalid,
                    fmt::format("{}: runner.environment.{} must be a string", file, name.str()), "--config");
      }
      environment[std::string(name.str())] = value.value<std::string>().value_or("");
    }
  } catch (const toml::parse_error& error) {
    return fail(Errc::invalid, fmt::format("{}:{}: {}", file, error.source().begin.line, error.description()),
                "--config");
  }
  return environment;
}

}  // namespace

Result<Options> parse_options(const std::vector<std::string>& arguments) {
  Result<Words> words = pair_up(arguments);
  if (!words) return tl::unexpected<Error>(words.error());
  Options options;
  Result<ServerAddress> server = ServerAddress::parse((*words)["--server"]);
  if (!server) return tl::unexpected<Error>(server.error());
  options.server = *server;
  options.root = std::filesystem::absolute((*words)["--root"]);
  options.tools = std::filesystem::absolute((*words)["--tools"]);
  options.agent = std::filesystem::absolute((*words)["--agent"]);
  options.runner_id = (*words)["--runner-id"];
  if (const std::string& number = (*words)["--concurrency"]; !number.empty()) {
    const auto [end, error] =
        std::from_chars(number.data(), number.data() + number.size(), options.concurrency);
    if (error != std::errc() || end != number.data() + number.size() || options.concurrency < 1 ||
        options.concurrency > 1024) {
      return fail(Errc::invalid, "--concurrency must be a number from 1 to 1024", "--concurrency");
    }
  }
  if (const std::string& file = (*words)["--config"]; !file.empty()) {
    Result<Words> environment = read_settings(file, options.cache);
    if (!environment) return tl::unexpected<Error>(environment.error());
    options.environment = *environment;
  }
  return options;
}

}  // namespace kiln::runner
