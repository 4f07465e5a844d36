#include "api/workers/records.h"

#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>

#include "base/time_format.h"
#include "workers/previews.h"
#include "workers/settings.h"

namespace kiln::api {
namespace {

namespace json = boost::json;

json::array words(const std::vector<std::string>& list) {
  json::array out;
  for (const std::string& word : list) out.emplace_back(word);
  return out;
}

json::value setting_or(const json::object& settings, std::string_view name, const json::value& otherwise) {
  const json::value* value = settings.if_contains(name);
  return value != nullptr && !value->is_null() ? *value : otherwise;
}

json::object resources_of(const model::Version& version) {
  json::object script = {
      {"etag", version.etag}, {"handlers", words(version.handlers)}, {"last_deployed_from", version.source}};
  json::object runtime = {
      {"compatibility_date", version.compatibility_date},
      {"compatibility_flags", stored_json(version.compatibility_flags_json, json::array())},
      {"usage_model", "standard"},
      {"limits", stored_json(version.limits_json, json::object())},
  };
  return {{"script", std::move(script)},
          {"script_runtime", std::move(runtime)},
          {"bindings", stored_json(version.bindings_json, json::array())}};
}

}  // namespace

json::value stored_json(const std::string& text, json::value otherwise) {
  boost::system::error_code error;
  json::value value = json::parse(text, error);
  return error ? std::move(otherwise) : std::move(value);
}

json::object version_summary(const model::Version& version, bool has_preview) {
  const std::string created = format_rfc3339(version.created_on);
  return {{"id", version.id.str()},
          {"number", version.number},
          {"metadata",
           {{"created_on", created},
            {"modified_on", created},
            {"source", version.source},
            {"author_id", ""},
            {"author_email", version.author_email},
            {"has_preview", has_preview},
            {"hasPreview", has_preview}}},
          {"annotations", stored_json(version.annotations_json, json::object())}};
}

json::object version_record(const model::Version& version, bool has_preview) {
  json::object record = version_summary(version, has_preview);
  record["resources"] = resources_of(version);
  record["startup_time_ms"] = version.startup_time_ms;
  return record;
}

json::object flat_version_record(const model::Worker& worker, const model::Version& version, bool has_preview,
                                 const workers::Hosts& hosts) {
  json::object record = {
      {"id", version.id.str()},
      {"number", version.number},
      {"created_on", format_rfc3339(version.created_on)},
      {"source", version.source},
      {"author_id", ""},
      {"author_email", version.author_email},
      {"annotations", stored_json(version.annotations_json, json::object())},
      {"main_module", version.main_module},
      {"compatibility_date", version.compatibility_date},
      {"compatibility_flags", stored_json(version.compatibility_flags_json, json::array())},
      {"limits", stored_json(version.limits_json, json::object())},
      {"bindings", stored_json(version.bindings_json, json::array())},
      {"usage_model", "standard"},
      {"startup_time_ms", version.startup_time_ms},
      {"urls", json::array()}};
  if (version.has_assets)
    record["assets"] = {{"config", stored_json(version.assets_config_json, json::object())}};
  if (has_preview)
    record["urls"] = json::array{hosts.preview_url(workers::version_label(version.id), worker.name)};
  return record;
}

json::object deployment_record(const model::Deployment& deployment) {
  json::array versions;
  for (const model::DeploymentTarget& target : deployment.versions) {
    versions.push_back({{"version_id", target.version_id.str()}, {"percentage", target.percentage}});
  }
  return {{"id", deployment.id.str()},
          {"created_on", format_rfc3339(deployment.created_on)},
          {"source", deployment.source},
          {"strategy", "percentage"},
          {"author_email", deployment.author_email},
          {"annotations", stored_json(deployment.annotations_json, json::object())},
          {"versions", std::move(versions)}};
}

json::object script_record(const model::Worker& worker, const model::Version* latest) {
  const json::object settings = workers::settings_of(worker);
  json::object record = {{"id", worker.name},
                         {"tag", worker.tag},
                         {"created_on", format_rfc3339(worker.created_on)},
                         {"modified_on", format_rfc3339(worker.modified_on)},
                         {"usage_model", "standard"},
                         {"logpush", setting_or(settings, "logpush", false)},
                         {"tags", setting_or(settings, "tags", json::array())},
                         {"tail_consumers", setting_or(settings, "tail_consumers", nullptr)},
                         {"routes", nullptr}};
  if (settings.contains("observability")) record["observability"] = settings.at("observability");
  if (latest == nullptr) return record;
  record["etag"] = latest->etag;
  record["handlers"] = words(latest->handlers);
  record["last_deployed_from"] = latest->source;
  record["compatibility_date"] = latest->compatibility_date;
  record["compatibility_flags"] = stored_json(latest->compatibility_flags_json, json::array());
  record["has_assets"] = latest->has_assets;
  record["has_modules"] = !latest->main_module.empty();
  return record;
}

json::object search_record(const model::Worker& worker) {
  return {{"id", worker.tag},
          {"script_name", worker.name},
          {"service_name", worker.name},
          {"environment_name", "production"},
          {"environment_is_default", true},
          {"created_on", format_rfc3339(worker.created_on)},
          {"modified_on", format_rfc3339(worker.modified_on)}};
}

json::object worker_record(const model::Worker& worker, const workers::Hosts& hosts) {
  const json::object settings = workers::settings_of(worker);
  json::object subdomain = {{"enabled", worker.subdomain_enabled},
                            {"previews_enabled", worker.previews_enabled},
                            {"url", hosts.worker_url(worker.name)},
                            {"preview_url_suffix", hosts.preview_suffix(worker.name)}};
  return {{"id", worker.tag},
          {"name", worker.name},
          {"created_on", format_rfc3339(worker.created_on)},
          {"updated_on", format_rfc3339(worker.modified_on)},
          {"logpush", setting_or(settings, "logpush", false)},
          {"tags", setting_or(settings, "tags", json::array())},
          {"tail_consumers", setting_or(settings, "tail_consumers", json::array())},
          {"observability", setting_or(settings, "observability", json::object{{"enabled", false}})},
          {"subdomain", std::move(subdomain)},
          {"previews_base_config", json::object()}};
}

json::object preview_record(const model::Worker& worker, const model::Preview& preview,
                            const workers::Hosts& hosts) {
  json::object record = {{"id", preview.id.str()},
                         {"name", preview.name},
                         {"slug", preview.slug},
                         {"worker_name", worker.name},
                         {"created_on", format_rfc3339(preview.created_on)},
                         {"updated_on", format_rfc3339(preview.modified_on)},
                         {"urls", json::array()}};
  if (worker.previews_enabled) {
    record["urls"] = json::array{hosts.preview_url(preview.slug, worker.name)};
  }
  for (const auto& [key, value] : workers::settings_of(preview)) record[key] = value;
  return record;
}

json::object preview_deployment_record(const model::Worker& worker, const model::Preview& preview,
                                       const model::Version& version, const workers::Hosts& hosts) {
  json::object env;
  const json::value bindings = stored_json(version.bindings_json, json::array());
  for (const json::value& item : bindings.as_array()) {
    json::object binding = item.as_object();
    const std::string name(binding.at("name").as_string());
    binding.erase("name");
    env[name] = std::move(binding);
  }
  json::object record = {
      {"id", version.id.str()},
      {"preview_id", preview.id.str()},
      {"preview_name", preview.name},
      {"created_on", format_rfc3339(version.created_on)},
      {"main_module", version.main_module},
      {"compatibility_date", version.compatibility_date},
      {"compatibility_flags", stored_json(version.compatibility_flags_json, json::array())},
      {"annotations", stored_json(version.annotations_json, json::object())},
      {"env", std::move(env)},
      {"urls", json::array()}};
  if (worker.previews_enabled) {
    record["urls"] = json::array{hosts.preview_url(workers::version_label(version.id), worker.name)};
  }
  return record;
}

json::object service_record(const model::Worker& worker, const std::string& last_deployed_from) {
  const json::object settings = workers::settings_of(worker);
  json::object script = {{"id", worker.name},
                         {"tag", worker.tag},
                         {"tags", setting_or(settings, "tags", json::array())},
                         {"created_on", format_rfc3339(worker.created_on)},
                         {"modified_on", format_rfc3339(worker.modified_on)}};
  if (!last_deployed_from.empty()) script["last_deployed_from"] = last_deployed_from;
  return {{"id", worker.name},
          {"created_on", format_rfc3339(worker.created_on)},
          {"modified_on", format_rfc3339(worker.modified_on)},
          {"default_environment", {{"environment", "production"}, {"script", std::move(script)}}}};
}

}  // namespace kiln::api
