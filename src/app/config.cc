#include "app/config.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <toml++/toml.h>

#include <algorithm>
#include <array>
#include <functional>
#include <thread>
#include <vector>

#include "base/ids.h"
#include "base/resolver.h"
#include "base/sizes.h"
#include "base/strings.h"
#include "model/limits.h"
#include "scm/git/reach.h"

namespace kiln::app {
namespace {

constexpr const char* kASize = "a size such as \"1GiB\", or \"0\"";

// One known key: where it stands and how its value is taken. `take` answers what is allowed, or nothing when
// it fits.
struct Key {
  std::string table;
  std::string name;
  std::function<std::string(const toml::node&)> take;
};

auto take_text(std::string& into) {
  return [&into](const toml::node& node) -> std::string {
    const auto value = node.value<std::string>();
    if (!value || !node.is_string()) return "a string";
    into = *value;
    return {};
  };
}

auto take_number(int& into, int least, int most) {
  return [&into, least, most](const toml::node& node) -> std::string {
    const auto value = node.value<std::int64_t>();
    if (!node.is_integer() || !value || *value < least || *value > most) {
      return fmt::format("a whole number from {} to {}", least, most);
    }
    into = static_cast<int>(*value);
    return {};
  };
}

auto take_bool(bool& into) {
  return [&into](const toml::node& node) -> std::string {
    if (!node.is_boolean()) return "true or false";
    into = node.value<bool>().value_or(into);
    return {};
  };
}

auto take_label(std::string& into) {
  return [&into](const toml::node& node) -> std::string {
    const std::string value = node.value<std::string>().value_or("");
    if (!is_dns_label(value)) return "a DNS label: 1 to 63 of a-z, 0-9 and - within";
    into = value;
    return {};
  };
}

auto take_account(std::string& into) {
  return [&into](const toml::node& node) -> std::string {
    const std::string value = node.value<std::string>().value_or("");
    if (!is_hex32(value)) return "an account id: 32 lower-case hexadecimal digits";
    into = value;
    return {};
  };
}

auto take_domain(std::string& into) {
  return [&into](const toml::node& node) -> std::string {
    const std::string value = node.value<std::string>().value_or("");
    const std::vector<std::string> labels = split(value, '.');
    if (!std::all_of(labels.begin(), labels.end(), is_dns_label)) return "a lower-case domain name";
    into = value;
    return {};
  };
}

template <typename T>
auto take_word(T& into, std::vector<std::pair<std::string, T>> words) {
  return [&into, words = std::move(words)](const toml::node& node) -> std::string {
    const std::string value = node.value<std::string>().value_or("");
    std::string allowed;
    for (const auto& [word, meaning] : words) {
      if (word == value) {
        into = meaning;
        return {};
      }
      allowed += (allowed.empty() ? "one of \"" : "\", \"") + word;
    }
    return allowed + "\"";
  };
}

auto take_path(std::filesystem::path& into) {
  return [&into](const toml::node& node) -> std::string {
    const std::string value = node.value<std::string>().value_or("");
    if (value.empty() || value.front() != '/') return "an absolute path";
    into = value;
    return {};
  };
}

// Lists whose values the runner takes from the same file (runner/config.h), and looks at more closely.
auto check_list(std::function<bool(const toml::node&)> fits, std::string allowed) {
  return [fits = std::move(fits), allowed = std::move(allowed)](const toml::node& node) -> std::string {
    const toml::array* list = node.as_array();
    if (list == nullptr || !std::all_of(list->begin(), list->end(), fits)) return allowed;
    return {};
  };
}

bool is_outside_address(const toml::node& node) {
  std::array<unsigned char, 4> bytes{};
  if (inet_pton(AF_INET, node.value<std::string>().value_or("").c_str(), bytes.data()) != 1) return false;
  return bytes[0] != 0 && bytes[0] != 127 && (bytes[0] != 169 || bytes[1] != 254);
}

bool is_port(const toml::node& node) {
  const std::int64_t port = node.is_integer() ? node.value<std::int64_t>().value_or(0) : 0;
  return port > 0 && port < 65536;
}

// "10.0.0.0/8" or "fd00::/8".
bool is_range(const std::string& text) {
  const std::size_t slash = text.find('/');
  if (slash == std::string::npos) return false;
  const std::string address = text.substr(0, slash);
  std::array<unsigned char, 16> bytes{};
  const bool is_v4 = inet_pton(AF_INET, address.c_str(), bytes.data()) == 1;
  if (!is_v4 && inet_pton(AF_INET6, address.c_str(), bytes.data()) != 1) return false;
  const std::string length = text.substr(slash + 1);
  if (length.empty() || length.size() > 3 || length.find_first_not_of("0123456789") != std::string::npos)
    return false;
  return std::stoi(length) <= (is_v4 ? 32 : 128);
}

auto take_ranges(std::vector<std::string>& into) {
  return [&into](const toml::node& node) -> std::string {
    const char* const allowed =
        "a list of \"public\", \"private\", \"local\" and ranges such as \"10.1.0.0/16\"";
    const toml::array* list = node.as_array();
    if (list == nullptr) return allowed;
    std::vector<std::string> ranges;
    for (const toml::node& item : *list) {
      const std::string text = item.value<std::string>().value_or("");
      if (text != "public" && text != "private" && text != "local" && !is_range(text)) return allowed;
      ranges.push_back(text);
    }
    into = std::move(ranges);
    return {};
  };
}

auto take_proxies(IpRanges& into) {
  return [&into](const toml::node& node) -> std::string {
    const char* const allowed = "a list of addresses and ranges such as \"10.1.0.0/16\"";
    const toml::array* list = node.as_array();
    if (list == nullptr) return allowed;
    std::vector<std::string> texts;
    for (const toml::node& item : *list) texts.push_back(item.value<std::string>().value_or(""));
    Result<IpRanges> ranges = IpRanges::parse(texts);
    if (!ranges) return allowed;
    into = std::move(*ranges);
    return {};
  };
}

auto take_git_places(std::vector<std::string>& into) {
  return [&into](const toml::node& node) -> std::string {
    const char* const allowed = "a list of addresses, ranges such as \"10.1.0.0/16\", and host names";
    const toml::array* list = node.as_array();
    if (list == nullptr) return allowed;
    for (const toml::node& item : *list) into.push_back(item.value<std::string>().value_or(""));
    SystemResolver unused;
    return scm::Reach::make(into, unused) ? "" : allowed;
  };
}

auto take_environment(std::map<std::string, std::string>& into) {
  return [&into](const toml::node& node) -> std::string {
    const toml::table* table = node.as_table();
    if (table == nullptr) return "a table of strings";
    for (const auto& [name, value] : *table) {
      if (!value.is_string()) return "a table of strings";
      into[std::string(name.str())] = value.value<std::string>().value_or("");
    }
    return {};
  };
}

// Checked here, obeyed by the runner, which reads the file itself.
auto check_limit(std::string name) {
  return [name = std::move(name)](const toml::node& node) {
    model::LimitSettings unused;
    model::SettingValue value;
    if (node.is_string()) value = node.value<std::string>().value_or("");
    if (node.is_integer()) value = node.value<std::int64_t>().value_or(0);
    if (node.is_floating_point()) value = node.value<double>().value_or(0);
    return model::set_limit(unused, name, value);
  };
}

// The same: a size in words.
auto check_size() {
  return [](const toml::node& node) -> std::string {
    const bool fits = node.is_string() && parse_size(node.value<std::string>().value_or(""));
    return fits ? "" : kASize;
  };
}

auto take_size(std::uint64_t& into, std::uint64_t least = 0, const char* allowed = kASize) {
  return [&into, least, allowed](const toml::node& node) -> std::string {
    const Result<std::uint64_t> size = parse_size(node.value<std::string>().value_or(""));
    if (!node.is_string() || !size || *size < least) return allowed;
    into = *size;
    return {};
  };
}

std::vector<Key> known_keys(Config& config) {
  using wire::EnvironmentForm;
  std::vector<Key> keys = {
      {"server", "public_url", take_text(config.public_url)},
      {"server", "log_level",
       take_word<log::Level>(config.log_level, {{"debug", log::Level::debug},
                                                {"info", log::Level::info},
                                                {"warn", log::Level::warn},
                                                {"error", log::Level::error}})},
      {"server", "trusted_proxies", take_proxies(config.trusted_proxies)},
      {"server", "max_connections", take_number(config.max_connections, 16, 1'000'000)},
      {"server", "connections_per_address", take_number(config.connections_per_address, 4, 1'000'000)},
      {"builds", "concurrency", take_number(config.concurrency, 1, 1024)},
      {"builds", "timeout_seconds", take_number(config.timeout_seconds, 1, 24 * 60 * 60)},
      {"builds", "max_attempts", take_number(config.max_attempts, 1, 10)},
      {"builds", "supersede_queued", take_bool(config.supersede_queued)},
      {"builds", "preview_token",
       take_word<api::PreviewToken>(config.preview_token, {{"previews", api::PreviewToken::previews},
                                                           {"full", api::PreviewToken::full}})},
      {"runner", "embedded", take_bool(config.run_embedded_runner)},
      {"runner", "tools_dir", take_path(config.tools_dir)},
      {"runner", "cache_days", take_number(config.cache_days, 1, 3650)},
      {"runner", "cache_mb_per_worker", take_number(config.cache_mb_per_worker, 1, 100'000'000)},
      {"runner", "min_free_disk", check_size()},
      {"runner", "tools_size", check_size()},
      {"runner", "environment", take_environment(config.build_environment)},
      {"runner", "network",
       take_word<std::string>(config.build_network,
                              {{"egress", "egress"}, {"none", "none"}, {"host", "host"}})},
      {"runner", "block_private", take_bool(config.block_private)},
      {"runner", "allow_addresses",
       check_list(is_outside_address, "a list of IPv4 addresses, none of them loopback or link-local")},
      {"runner", "forward_ports", check_list(is_port, "a list of ports from 1 to 65535")},
      {"api", "environment_variables",
       take_word<EnvironmentForm>(config.environment_variables, {{"strings", EnvironmentForm::strings},
                                                                 {"objects", EnvironmentForm::objects}})},
      {"api", "failed_auth_per_minute", take_number(config.failed_auth_per_minute, 0, 1'000'000)},
      {"api", "body_memory",
       take_size(config.body_memory, std::uint64_t{260} << 20U, "a size of at least \"260MiB\"")},
      {"api", "read_cache", take_size(config.read_cache)},
      {"git", "allow", take_git_places(config.git_allow)},
      {"git", "timeout_seconds", take_number(config.git_timeout_seconds, 1, 24 * 3600)},
      {"git", "max_size", take_size(config.git_max_size)},
      {"git", "calls_per_host", take_number(config.git_calls_per_host, 1, 16)},
      {"github", "webhook_secret", take_text(config.github_webhook_secret)},
      {"deploy", "target",
       take_word<bool>(config.embedded_target, {{"embedded", true}, {"cloudflare", false}})},
      {"deploy", "account_id", take_account(config.deploy_account)},
      {"workers", "subdomain", take_label(config.subdomain)},
      {"workers", "max_aliases", take_number(config.max_aliases, 1, 1'000'000)},
      {"workers", "domain", take_domain(config.workers_domain)},
      {"workers", "version_header", take_bool(config.version_header)},
      {"workers", "connect_timeout_seconds", take_number(config.connect_timeout_seconds, 1, 3600)},
      {"workers", "response_timeout_seconds", take_number(config.response_timeout_seconds, 1, 24 * 3600)},
      {"workers", "serve", take_bool(config.serve_workers)},
      {"workers", "workerd", take_path(config.workerd)},
      {"workers", "start_ms", take_number(config.worker_start_ms, 100, 600'000)},
      {"workers", "memory_mb", take_number(config.worker_memory_mb, 128, 1 << 20)},
      {"workers", "idle_seconds", take_number(config.worker_idle_seconds, 1, 7 * 24 * 60 * 60)},
      {"workers", "max_running", take_number(config.max_running_workers, 1, 2048)},
      {"workers", "max_connections", take_number(config.worker_connections, 16, 1'000'000)},
      {"workers", "hang_seconds", take_number(config.worker_hang_seconds, 1, 3600)},
      {"workers", "cache_size",
       take_size(config.worker_cache, std::uint64_t{1} << 20U, "a size of at least \"1MiB\"")},
      {"workers", "outbound", take_ranges(config.worker_outbound)},
  };
  for (const std::string& name : model::limit_names()) keys.push_back({"limits", name, check_limit(name)});
  return keys;
}

Status take_key(const std::vector<Key>& keys, const std::filesystem::path& file, std::string_view table,
                std::string_view name, const toml::node& node) {
  const auto line = node.source().begin.line;
  const auto key = std::find_if(keys.begin(), keys.end(),
                                [&](const Key& k) { return k.table == table && k.name == name; });
  if (key == keys.end()) {
    return fail(Errc::invalid,
                fmt::format("{}:{}: unknown setting {}.{}; docs/configuration.md lists them all",
                            file.string(), line, table, name));
  }
  const std::string allowed = key->take(node);
  if (!allowed.empty()) {
    return fail(Errc::invalid,
                fmt::format("{}:{}: {}.{} must be {}", file.string(), line, table, name, allowed));
  }
  return {};
}

}  // namespace

Result<Config> load_config(const std::optional<std::filesystem::path>& file) {
  Config config;
  config.concurrency = std::max(1, static_cast<int>(std::thread::hardware_concurrency()) / 2);
  if (!file) return config;
  config.file = *file;
  const std::vector<Key> keys = known_keys(config);
  toml::table document;
  try {
    document = toml::parse_file(file->string());
  } catch (const toml::parse_error& error) {
    return fail(Errc::invalid,
                fmt::format("{}:{}: {}", file->string(), error.source().begin.line, error.description()));
  }
  for (const auto& [table_name, table_node] : document) {
    const toml::table* table = table_node.as_table();
    if (table == nullptr) {
      return fail(Errc::invalid, fmt::format("{}:{}: {} stands outside a [table]", file->string(),
                                             table_node.source().begin.line, table_name.str()));
    }
    for (const auto& [name, node] : *table) {
      if (Status taken = take_key(keys, *file, table_name.str(), name.str(), node); !taken) {
        return tl::unexpected<Error>(taken.error());
      }
    }
  }
  if (!config.embedded_target && config.deploy_account.empty()) {
    return fail(
        Errc::invalid,
        fmt::format("{}: deploy.target = \"cloudflare\" needs deploy.account_id, the account that builds "
                    "deploy to",
                    file->string()));
  }
  return config;
}

}  // namespace kiln::app
