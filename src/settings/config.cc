#include "settings/config.h"

#include <fmt/format.h>
#include <toml++/toml.h>
#include <unistd.h>

#include <algorithm>
#include <thread>
#include <vector>

#include "base/fs.h"
#include "settings/take.h"

namespace kiln::settings {
namespace {

constexpr std::size_t kLargestFile = 1U << 20U;
constexpr int kMostKept = 100'000'000;

// One known key: where it stands and how its value is taken.
struct Key {
  std::string table;
  std::string name;
  Take take;
};

std::vector<Key> known_keys(Config& config) {
  using model::NetworkMode;
  using wire::EnvironmentForm;
  model::NetworkSettings& network = config.build.network;
  std::vector<Key> keys = {
      {"server", "public_url", take_base_url(config.public_url)},
      {"server", "log_level",
       take_word<log::Level>(config.log_level, {{"debug", log::Level::debug},
                                                {"info", log::Level::info},
                                                {"warn", log::Level::warn},
                                                {"error", log::Level::error}})},
      {"server", "log_format",
       take_word<log::Format>(config.log_format,
                              {{"logfmt", log::Format::logfmt}, {"json", log::Format::json}})},
      {"server", "drain_seconds", take_number(config.drain_seconds, 0, 24 * 60 * 60)},
      {"server", "trusted_proxies", take_proxies(config.trusted_proxies.addresses)},
      {"server", "client_address_header",
       take_word<TrustedProxies::Field>(config.trusted_proxies.field,
                                        {{"Forwarded", TrustedProxies::Field::forwarded},
                                         {"X-Forwarded-For", TrustedProxies::Field::x_forwarded_for},
                                         {"either", TrustedProxies::Field::either}})},
      {"server", "page_hosts", take_hosts(config.page_hosts)},
      {"server", "plain_login", take_bool(config.plain_login)},
      {"server", "max_connections", take_number(config.max_connections, 16, 1'000'000)},
      {"server", "connections_per_address", take_number(config.connections_per_address, 4, 1'000'000)},
      {"tls", "listen", take_text(config.tls.listen)},
      {"tls", "certificate", take_path(config.tls.certificate)},
      {"tls", "key", take_path(config.tls.key)},
      {"tls", "workers_certificate", take_path(config.tls.workers_certificate)},
      {"tls", "workers_key", take_path(config.tls.workers_key)},
      {"oidc", "issuer", take_provider(config.oidc.issuer)},
      {"oidc", "client_id", take_text(config.oidc.client_id)},
      {"oidc", "client_secret_file", take_path(config.oidc.client_secret_file)},
      {"oidc", "ca_file", take_path(config.oidc.ca_file)},
      {"oidc", "name", take_text(config.oidc.name)},
      {"oidc", "scopes", take_scopes(config.oidc.scopes)},
      {"oidc", "groups_claim", take_text(config.oidc.groups_claim)},
      {"oidc", "account_id", take_account(config.oidc.account_id)},
      {"oidc", "session_hours", take_number(config.oidc.session_hours, 1, 7 * 24)},
      {"oidc", "view", take_groups(config.oidc.roles.view)},
      {"oidc", "operate", take_groups(config.oidc.roles.operate)},
      {"oidc", "administer", take_groups(config.oidc.roles.administer)},
      {"builds", "concurrency", take_number(config.concurrency, 1, model::kMostConcurrentBuilds)},
      {"builds", "timeout_seconds", take_number(config.timeout_seconds, 1, 24 * 60 * 60)},
      {"builds", "max_attempts", take_number(config.max_attempts, 1, 10)},
      {"builds", "supersede_queued", take_bool(config.supersede_queued)},
      {"builds", "preview_token",
       take_word<model::PreviewToken>(config.preview_token, {{"previews", model::PreviewToken::previews},
                                                             {"full", model::PreviewToken::full}})},
      {"runner", "embedded", take_bool(config.run_embedded_runner)},
      {"runner", "tools_dir", take_path(config.tools_dir)},
      {"runner", "cache_days", take_number(config.build.cache_days, 1, 3650)},
      {"runner", "cache_mb_per_worker", take_number(config.build.cache_mb_per_worker, 1, 100'000'000)},
      {"runner", "min_free_disk", take_size(config.build.min_free_disk)},
      {"runner", "tools_size", take_size(config.build.tools_size)},
      {"runner", "environment", take_environment(config.build.environment)},
      {"runner", "network",
       take_word<NetworkMode>(
           network.mode,
           {{"egress", NetworkMode::egress}, {"none", NetworkMode::none}, {"host", NetworkMode::host}})},
      {"runner", "block_private", take_bool(network.block_private)},
      {"runner", "allow_addresses", take_build_addresses(network.allow_addresses)},
      {"runner", "forward_ports", take_forward_ports(network.forward_ports)},
      {"api", "environment_variables",
       take_word<EnvironmentForm>(config.environment_variables, {{"by-client", EnvironmentForm::by_client},
                                                                 {"strings", EnvironmentForm::strings},
                                                                 {"objects", EnvironmentForm::objects}})},
      {"api", "failed_auth_per_minute", take_number(config.failed_auth_per_minute, 0, 1'000'000)},
      {"api", "body_memory", take_size(config.body_memory, std::uint64_t{260} << 20U, "260MiB")},
      {"api", "read_cache", take_size(config.read_cache)},
      {"audit", "keep_days", take_number(config.audit_keep_days, 0, 36'500)},
      {"git", "allow", take_git_places(config.git_allow)},
      {"git", "timeout_seconds", take_seconds(config.git.timeout_ms, 1, 24 * 3600)},
      {"git", "max_size", take_size(config.git.max_bytes)},
      {"metrics", "listen", take_text(config.metrics_listen)},
      {"metrics", "per_worker", take_bool(config.metrics_per_worker)},
      {"traces", "endpoint", take_base_url(config.traces_endpoint)},
      {"traces", "authorization", take_text(config.traces_authorization)},
      {"events", "allow", take_git_places(config.events_allow)},
      {"git", "calls_per_host", take_number(config.git_calls_per_host, 1, 16)},
      {"scm", "catch_up_seconds", take_number(config.catch_up_seconds, 0, 24 * 3600)},
      {"github", "webhook_secret", take_text(config.github_webhook_secret)},
      {"retention", "build_days", take_number(config.retention.build_days, 0, 36'500)},
      {"retention", "builds", take_number(config.retention.builds, 0, kMostKept)},
      {"retention", "log_days", take_number(config.retention.log_days, 0, 36'500)},
      {"retention", "logs", take_number(config.retention.logs, 0, kMostKept)},
      {"retention", "version_days", take_number(config.retention.version_days, 0, 36'500)},
      {"retention", "versions", take_number(config.retention.versions, 0, kMostKept)},
      {"retention", "deployments", take_number(config.retention.deployments, 1, kMostKept)},
      {"retention", "deleted_worker_days", take_number(config.retention.deleted_worker_days, 0, 36'500)},
      {"retention", "delivery_days", take_number(config.retention.delivery_days, 1, 90)},
      {"retention", "deliveries", take_number(config.retention.deliveries, 100, 10'000)},
      {"retention", "blob_hours", take_number(config.retention.blob_hours, 1, 24 * 365)},
      {"deploy", "target",
       take_word<bool>(config.embedded_target, {{"embedded", true}, {"cloudflare", false}})},
      {"deploy", "account_id", take_account(config.deploy_account)},
      {"workers", "subdomain", take_label(config.subdomain)},
      {"workers", "max_aliases", take_number(config.max_aliases, 1, 1'000'000)},
      {"workers", "domain", take_domain(config.workers_domain)},
      {"workers", "public_url", take_origin(config.workers_url)},
      {"workers", "zones", take_zones(config.zones)},
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
      {"workers", "kv_namespace_size",
       take_size(config.kv_namespace, std::uint64_t{1} << 20U, "a size of at least \"1MiB\"")},
      {"workers", "d1_database_size",
       take_size(config.d1_database, std::uint64_t{1} << 20U, "a size of at least \"1MiB\"")},
      {"workers", "r2_bucket_size",
       take_size(config.r2_bucket, std::uint64_t{1} << 20U, "a size of at least \"1MiB\"")},
      {"workers", "queue_size",
       take_size(config.queue, std::uint64_t{1} << 20U, "a size of at least \"1MiB\"")},
      {"workers", "outbound", take_outbound(config.worker_outbound)},
  };
  for (const std::string& name : model::limit_names())
    keys.push_back({"limits", name, take_limit(config.build.limits, name)});
  return keys;
}

template <typename... Words>
tl::unexpected<Error> refused(const std::filesystem::path& file, fmt::format_string<Words...> words,
                              Words&&... values) {
  return fail(Errc::invalid, file.string() + ":" + fmt::format(words, std::forward<Words>(values)...),
              "--config");
}

Status take_key(const std::vector<Key>& keys, const std::filesystem::path& file, std::string_view table,
                std::string_view name, const toml::node& node) {
  const auto line = node.source().begin.line;
  const auto key = std::find_if(keys.begin(), keys.end(),
                                [&](const Key& k) { return k.table == table && k.name == name; });
  if (key == keys.end())
    return refused(file, "{}: unknown setting {}.{}; docs/configuration.md lists them all", line, table,
                   name);
  const std::string allowed = key->take(node);
  if (!allowed.empty()) return refused(file, "{}: {}.{} must be {}", line, table, name, allowed);
  return {};
}

Status take_document(const toml::table& document, const std::filesystem::path& file, Config& config) {
  const std::vector<Key> keys = known_keys(config);
  for (const auto& [table_name, table_node] : document) {
    const toml::table* table = table_node.as_table();
    if (table == nullptr)
      return refused(file, "{}: {} stands outside a [table]", table_node.source().begin.line,
                     table_name.str());
    for (const auto& [name, node] : *table) {
      if (Status taken = take_key(keys, file, table_name.str(), name.str(), node); !taken) return taken;
    }
  }
  if (config.oidc.issuer.empty() != config.oidc.client_id.empty())
    return refused(file, " oidc.issuer and oidc.client_id go together: what the provider calls Kiln");
  if (!config.embedded_target && config.deploy_account.empty()) {
    return refused(
        file, " deploy.target = \"cloudflare\" needs deploy.account_id, the account that builds deploy to");
  }
  return {};
}

}  // namespace

Result<Config> load_config(const std::optional<std::filesystem::path>& file) {
  Config config;
  config.concurrency = std::max(1, static_cast<int>(std::thread::hardware_concurrency()) / 2);
  if (!file) return config;
  Result<std::string> text = read_file(*file, kLargestFile);
  if (!text) return fail(Errc::invalid, std::move(text.error().message), "--config");
  config.text = std::move(*text);
  try {
    if (Status taken = take_document(toml::parse(config.text, file->string()), *file, config); !taken)
      return tl::unexpected<Error>(std::move(taken.error()));
  } catch (const toml::parse_error& error) {
    return refused(*file, "{}: {}", error.source().begin.line, error.description());
  }
  return config;
}

std::filesystem::path workerd_to_start(const std::filesystem::path& setting,
                                       const std::filesystem::path& tools) {
  if (!setting.empty()) return setting;
  std::filesystem::path renewed = tools / "workerd/default/workerd";
  if (access(renewed.c_str(), X_OK) == 0) return renewed;
  return tools / "node/default/lib/node_modules/@cloudflare/workerd-linux-64/bin/workerd";
}

std::vector<std::string> setting_names() {
  Config unused;
  std::vector<std::string> names;
  for (const Key& key : known_keys(unused)) names.push_back(key.table + "." + key.name);
  return names;
}

}  // namespace kiln::settings
