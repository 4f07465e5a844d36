#include "store/sqlite/audited_tables.h"

#include <fmt/format.h>

#include "base/strings.h"

namespace kiln::store::sqlite {
namespace {

std::map<std::string, int, std::less<>> places_in(Connection& db, const char* table) {
  std::map<std::string, int, std::less<>> places;
  Query row = db.query("SELECT name, cid FROM pragma_table_info(?)");
  row.bind(table);
  while (row.step()) places[row.text(0)] = static_cast<int>(row.integer(1));
  return places;
}

std::string told_name(std::string_view column) {
  for (const std::string_view ending : {"_json", "_sealed"}) {
    if (column.ends_with(ending)) column.remove_suffix(ending.size());
  }
  return std::string(column);
}

std::vector<std::string> words_of(const char* list) {
  return *list == '\0' ? std::vector<std::string>() : split(list, ' ');
}

AuditedTable audited_table(Connection& db, const AuditedColumns& told) {
  const auto places = places_in(db, told.table);
  const auto place_of = [&](const std::string& column) {
    const auto found = places.find(column);
    if (found == places.end())
      throw SqlError(SQLITE_CORRUPT, fmt::format("the table {} has no column {}", told.table, column));
    return found->second;
  };
  AuditedTable table{told.object, {}, {}};
  for (const std::string& column : words_of(told.key)) table.key.push_back(place_of(column));
  for (const std::string& column : words_of(told.shown))
    table.columns.push_back({place_of(column), told_name(column), false});
  for (const std::string& column : words_of(told.hidden))
    table.columns.push_back({place_of(column), told_name(column), true});
  return table;
}

}  // namespace

// A token's or hook's hash and whatever else proves something is silent where a row's making tells of it.
const std::vector<AuditedColumns>& audited_columns() {
  static const std::vector<AuditedColumns> all = {
      {"accounts", "account", "id", "name subdomain build_minutes deleted_on", "", "created_on"},
      {"api_tokens", "token", "id", "account_id name permissions expires_on revoked_on old_until", "",
       "secret_hash old_secret_hash created_on last_used_on"},
      {"badges", "badge", "worker_tag", "branch", "uuid_sealed", "account_id uuid_hash created_on"},
      {"build_tokens", "build token", "uuid", "name cloudflare_token_id owner_type is_default deleted_on",
       "secret_sealed", "account_id created_on"},
      {"builds", "build", "uuid",
       "trigger_uuid worker_tag branch source commit_hash status outcome waits_for_approval", "",
       "number account_id created_on modified_on initializing_on running_on stopped_on pull_request_json "
       "secrets_sealed runner_id lease_id lease_until attempt deploy_started ended_by_lease api_token_hash "
       "environment_json ordinal memory_peak cpu_ms written processes_peak restricted deploy_completed "
       "commit_message author build_command deploy_command root_directory build_token_uuid build_token_name "
       "repo_name provider_account_name provider_type unreported sentence failed_step log_gone "
       "end_cause"},
      {"connection_secrets", "credential", "connection_uuid kind", "public_half ends_on", "sealed",
       "made_on"},
      {"cron_schedules", "cron trigger", "worker_tag cron", "", "",
       "due_on try_on attempts last_on last_outcome"},
      {"deliveries", "delivery", "uuid", "connection_uuid repo_name provider event signature", "",
       "number account_id ordinal provider_id delivery_key received_on repeated"},
      {"deploy_hooks", "deploy hook", "worker_tag name", "branch", "",
       "uuid_hash uuid_sealed account_id created_on modified_on latest_build_on"},
      {"d1_databases", "D1 database", "id", "name", "", "number account_id created_on"},
      {"deployment_versions", "deployed version", "version_id", "percentage", "",
       "deployment_number position"},
      {"deployments", "deployment", "id", "worker_tag source author_email annotations_json build_uuid", "",
       "number created_on ordinal"},
      {"event_subscriptions", "event subscription", "id", "name enabled worker_name events_json", "",
       "number account_id queue_number created_on modified_on"},
      {"forges", "forge", "uuid", "provider web_url api_url app_id app_slug client_id", "ca secrets_sealed",
       "number account_id created_on"},
      {"host_routes", "route", "pattern", "id worker_tag whole_host enabled", "", "account_id created_on"},
      {"kv_namespaces", "KV namespace", "id", "title", "", "number account_id created_on"},
      {"login_codes", "login code", "name", "account_id permissions expires_on", "", "code_hash"},
      {"previews", "preview", "id", "worker_tag name slug settings_json", "", "created_on modified_on"},
      {"queue_consumers", "queue consumer", "id",
       "kind batch_size max_retries visibility_ms retry_delay dead_letter_queue worker_tag max_wait_ms "
       "max_concurrency",
       "", "queue_number created_on"},
      {"queues", "queue", "id", "name delivery_delay retention paused purged_on", "",
       "number account_id backlog_count backlog_bytes created_on modified_on"},
      {"r2_buckets", "R2 bucket", "id", "name storage_class", "", "number account_id created_on"},
      {"repo_connections", "connection", "uuid",
       "provider_type provider_account_id provider_account_name repo_id repo_name clone_url host_keys "
       "deleted_on",
       "hook_secret_sealed clone_auth_sealed", "account_id hook_id created_on modified_on renamed_on"},
      {"sessions", "session", "id", "token_id account_id permissions name address expires_on person", "",
       "number secret_hash created_on last_used_on user_agent granted_by"},
      {"sinks", "sink", "uuid",
       "name kind place worker_name events_json outcomes production_only enabled off_reason",
       "secrets_sealed", "number account_id created_on modified_on rests_until"},
      {"trigger_variables", "variable", "trigger_uuid name", "is_secret value", "value_sealed", "created_on"},
      {"triggers", "trigger", "uuid",
       "worker_tag connection_uuid build_token_uuid name build_command deploy_command root_directory "
       "branch_includes_json branch_excludes_json path_includes_json path_excludes_json "
       "build_caching_enabled paused deleted_on require_version cache_epoch fork_builds report_path_skips",
       "", "account_id created_on modified_on"},
      {"version_aliases", "alias", "worker_tag alias", "version_id", "", "modified_on"},
      {"version_secrets", "secret", "version_id name", "", "value_sealed", ""},
      {"versions", "version", "id",
       "worker_tag number source author_email main_module compatibility_date annotations_json build_uuid "
       "preview_id previews_only",
       "",
       "label created_on body_part compatibility_flags_json bindings_json limits_json assets_config_json "
       "etag handlers_json has_assets assets_json upload_hash startup_time_ms entrypoints_json"},
      {"watches", "polling", "connection_uuid", "poll_seconds build_first", "",
       "heads_known looked_on next_on failures problem"},
      {"workers", "Worker", "name",
       "tag subdomain_enabled previews_enabled settings_json schedules_json deleted_on", "",
       "account_id created_on modified_on"},
  };
  return all;
}

const std::vector<CountedTable>& counted_tables() {
  static const std::vector<CountedTable> all = {
      {"asset_sessions", "asset upload"}, {"preview_assets", "asset"}, {"queue_messages", "message"},
      {"sink_deliveries", "sending"},     {"worker_assets", "asset"},
  };
  return all;
}

const std::vector<const char*>& silent_tables() {
  static const std::vector<const char*> all = {
      "account_events",      "asset_missing",
      "attestations",        "audit",
      "audit_retention",     "build_caches",
      "build_counts",        "build_logs",
      "build_materials",     "build_steps",
      "build_time",          "build_tools",
      "signing_keys",        "change_numbers",
      "changed_builds",      "delivery_notes",
      "delivery_refs",       "delivery_verdicts",
      "deploy_hook_starts",  "hook_deliveries",
      "migrations",          "outbox",
      "pull_request_builds", "pull_requests",
      "report_rests",        "reports",
      "seen_heads",          "thinned",
      "traces_due",          "version_builds",
      "version_modules",
  };
  return all;
}

AuditedTables audited_tables(Connection& db) {
  AuditedTables tables;
  for (const AuditedColumns& told : audited_columns()) tables.by_name[told.table] = audited_table(db, told);
  for (const CountedTable& counted : counted_tables())
    tables.by_name[counted.table] = AuditedTable{counted.object, {}, {}, true};
  return tables;
}

}  // namespace kiln::store::sqlite
