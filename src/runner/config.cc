#include "runner/config.h"

#include <fmt/format.h>
#include <toml++/toml.h>

#include <charconv>
#include <optional>
#include <system_error>
#include <utility>

#include "base/sizes.h"
#include "runner/sandbox/network/policy.h"

namespace kiln::runner {
namespace {

using Words = std::map<std::string, std::string>;

Result<Words> pair_up(Work work, const std::vector<std::string>& arguments) {
  const Words known{{"--server", ""},      {"--root", ""},      {"--tools", ""},  {"--agent", ""},
                    {"--concurrency", ""}, {"--runner-id", ""}, {"--config", ""}, {"--cache", ""}};
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

tl::unexpected<Error> wrong(const std::string& file, std::string_view key, std::string_view allowed) {
  return fail(Errc::invalid, fmt::format("{}: runner.{} must be {}", file, key, allowed), "--config");
}

Status read_environment(const std::string& file, const toml::table& runner, Words& environment) {
  const toml::table* table = runner["environment"].as_table();
  if (table == nullptr) return {};
  for (const auto& [name, value] : *table) {
    if (!value.is_string()) return wrong(file, fmt::format("environment.{}", name.str()), "a string");
    environment[std::string(name.str())] = value.value<std::string>().value_or("");
  }
  return {};
}

// Every node of the list runner.`key`, which may be absent.
template <typename Take>
Status read_list(const std::string& file, const toml::table& runner, std::string_view key,
                 std::string_view allowed, Take take) {
  const toml::node* node = runner.get(key);
  if (node == nullptr) return {};
  if (!node->is_array()) return wrong(file, key, allowed);
  for (const toml::node& one : *node->as_array()) {
    if (!take(one)) return wrong(file, key, allowed);
  }
  return {};
}

Status read_lists(const std::string& file, const toml::table& runner, NetworkSettings& network) {
  const auto take_address = [&network](const toml::node& node) {
    network.allow_addresses.push_back(node.value<std::string>().value_or(""));
    return may_be_allowed(network.allow_addresses.back());
  };
  const auto take_port = [&network](const toml::node& node) {
    const std::int64_t port = node.is_integer() ? node.value<std::int64_t>().value_or(0) : 0;
    network.forward_ports.push_back(static_cast<std::uint16_t>(port));
    return port > 0 && port < 65536 && network.forward_ports.size() <= kMaxForwardPorts;
  };
  return read_list(file, runner, "allow_addresses",
                   "a list of IPv4 addresses, none of them loopback or link-local", take_address)
      .and_then([&] {
        return read_list(file, runner, "forward_ports",
                         fmt::format("a list of at most {} ports from 1 to 65535", kMaxForwardPorts),
                         take_port);
      });
}

Status read_network(const std::string& file, const toml::table& runner, NetworkSettings& network) {
  if (runner["network"]) {
    const std::string word = runner["network"].value<std::string>().value_or("");
    const std::optional<NetworkMode> mode = network_mode(word);
    if (!mode) return wrong(file, "network", R"(one of "egress", "none", "host")");
    network.mode = *mode;
  }
  if (runner["block_private"]) {
    const auto block = runner["block_private"].value<bool>();
    if (!block || !runner["block_private"].is_boolean()) return wrong(file, "block_private", "true or false");
    network.block_private = *block;
  }
  return read_lists(file, runner, network);
}

Status read_limits(const std::string& file, const toml::table& document, model::LimitSettings& limits) {
  for (const std::string& name : model::limit_names()) {
    const auto node = document["limits"][name];
    if (!node) continue;
    model::SettingValue value;
    if (const auto text = node.value<std::string>(); text && node.is_string()) value = *text;
    if (const auto whole = node.value<std::int64_t>(); whole && node.is_integer()) value = *whole;
    if (const auto part = node.value<double>(); part && node.is_floating_point()) value = *part;
    const std::string allowed = model::set_limit(limits, name, value);
    if (allowed.empty()) continue;
    return fail(Errc::invalid, fmt::format("{}: limits.{} must be {}", file, name, allowed), "--config");
  }
  return {};
}

void read_cache(const toml::table& runner, CacheLimits& cache) {
  if (const auto days = runner["cache_days"].value<std::int64_t>()) {
    cache.keep_ms = TimeMs{*days} * 24 * 60 * 60'000;
  }
  if (const auto megabytes = runner["cache_mb_per_worker"].value<std::int64_t>()) {
    cache.bytes_per_worker = static_cast<std::uint64_t>(*megabytes) << 20U;
  }
}

// `into` is left as it is when the key is absent.
Status read_size(const std::string& file, const toml::table& runner, std::string_view key,
                 std::uint64_t& into) {
  const toml::node* node = runner.get(key);
  if (node == nullptr) return {};
  const Result<std::uint64_t> size = parse_size(node->value<std::string>().value_or(""));
  if (!node->is_string() || !size) return wrong(file, key, "a size such as \"1GiB\", or \"0\"");
  into = *size;
  return {};
}

Status read_git(const std::string& file, const toml::table& document, Options& options) {
  const toml::table* git = document["git"].as_table();
  if (git == nullptr) return {};
  if (const toml::array* list = (*git)["allow"].as_array()) {
    for (const toml::node& one : *list) options.git_allow.push_back(one.value<std::string>().value_or(""));
  }
  if (const auto seconds = (*git)["timeout_seconds"].value<int>()) options.git.timeout_ms = *seconds * 1000;
  if (const auto text = (*git)["max_size"].value<std::string>()) {
    const Result<std::uint64_t> size = parse_size(*text);
    if (!size) return fail(Errc::invalid, fmt::format("{}: git.max_size must be a size", file), "--config");
    options.git.max_bytes = *size;
  }
  return {};
}

// The settings file is the server's, which has checked it whole; the runner takes what is its own.
Status read_settings(const std::string& file, Options& options) {
  try {
    const toml::table document = toml::parse_file(file);
    if (Status read = read_limits(file, document, options.limits); !read) return read;
    if (Status read = read_git(file, document, options); !read) return read;
    options.workerd = document["workers"]["workerd"].value<std::string>().value_or("");
    const toml::table* runner = document["runner"].as_table();
    if (runner == nullptr) return {};
    if (options.tools.empty()) options.tools = (*runner)["tools_dir"].value<std::string>().value_or("");
    read_cache(*runner, options.cache);
    return read_environment(file, *runner, options.environment)
        .and_then([&] { return read_network(file, *runner, options.network); })
        .and_then([&] { return read_size(file, *runner, "min_free_disk", options.min_free_disk); })
        .and_then([&] { return read_size(file, *runner, "tools_size", options.tools_size); });
  } catch (const toml::parse_error& error) {
    return fail(Errc::invalid, fmt::format("{}:{}: {}", file, error.source().begin.line, error.description()),
                "--config");
  }
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
        options.concurrency > 1024) {
      return fail(Errc::invalid, "--concurrency must be a number from 1 to 1024", "--concurrency");
    }
  }
  if (const std::string& file = (*words)["--config"]; !file.empty()) {
    if (Status read = read_settings(file, options); !read) return tl::unexpected<Error>(read.error());
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
