#include "workers/settings.h"

#include <algorithm>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <map>
#include <vector>

#include "base/time_format.h"
#include "model/cron.h"
#include "workers/references.h"

namespace kiln::workers {
namespace {

namespace json = boost::json;

constexpr std::size_t kMaxSchedules = 250;
constexpr std::size_t kMaxCron = 256;
constexpr const char* kTailConsumers = "tail_consumers";

Result<model::Worker> stored(Ports& ports, model::Worker worker) {
  worker.modified_on = ports.clock.now();
  if (const Status updated = ports.workers.update_worker(worker); !updated)
    return tl::unexpected<Error>(updated.error());
  return worker;
}

// When each of the Worker's schedules was made.
std::map<std::string, std::string> creation_times(const model::Worker& worker) {
  std::map<std::string, std::string> out;
  boost::system::error_code error;
  const json::value list = json::parse(worker.schedules_json, error);
  if (error || !list.is_array()) return out;
  for (const json::value& item : list.get_array()) {
    const json::object* schedule = item.if_object();
    const json::value* cron = schedule == nullptr ? nullptr : schedule->if_contains("cron");
    const json::value* created = schedule == nullptr ? nullptr : schedule->if_contains("created_on");
    if (cron != nullptr && cron->is_string() && created != nullptr && created->is_string())
      out.emplace(cron->get_string(), created->get_string());
  }
  return out;
}

}  // namespace

json::object settings_of(const model::Worker& worker) {
  boost::system::error_code error;
  json::value value = json::parse(worker.settings_json, error);
  return !error && value.is_object() ? value.get_object() : json::object();
}

Result<model::Worker> change_settings(Ports& ports, model::Worker worker, const json::object& changes) {
  json::object settings = settings_of(worker);
  const json::value* const consumers = changes.if_contains(kTailConsumers);
  if (consumers != nullptr) {
    if (const Status fit = check_tail_consumers(ports, worker.account_id, worker.name, *consumers); !fit)
      return tl::unexpected<Error>(fit.error());
  }
  const json::value* const before = settings.if_contains(kTailConsumers);
  const bool heard_anew =
      consumers != nullptr && (before == nullptr ? *consumers != json::array() : *before != *consumers);
  for (const auto& [key, value] : changes) settings[key] = value;
  worker.settings_json = json::serialize(settings);
  Result<model::Worker> changed = stored(ports, std::move(worker));
  if (changed && heard_anew && ports.renew) ports.renew(changed->tag);
  return changed;
}

Result<model::Worker> change_schedules(Ports& ports, model::Worker worker, const json::array& schedules) {
  if (schedules.size() > kMaxSchedules)
    return fail(Errc::invalid, "There are too many schedules.", "schedules");
  const TimeMs now = ports.clock.now();
  const std::map<std::string, std::string> known = creation_times(worker);
  json::array list;
  std::vector<store::NextRun> runs;
  for (const json::value& item : schedules) {
    const json::object* schedule = item.if_object();
    const json::value* text = schedule == nullptr ? nullptr : schedule->if_contains("cron");
    if (text == nullptr || !text->is_string() || text->get_string().empty() ||
        text->get_string().size() > kMaxCron) {
      return fail(Errc::invalid, R"(Schedules must be a list of {"cron":"…"}.)", "schedules");
    }
    std::string cron(text->get_string());
    const Result<model::Cron> parsed = model::Cron::parse(cron);
    if (!parsed) {
      return fail(Errc::invalid, "invalid cron string \"" + cron + "\": " + parsed.error().message + ".",
                  "schedules");
    }
    const bool again =
        std::any_of(runs.begin(), runs.end(), [&](const store::NextRun& run) { return run.cron == cron; });
    if (again) continue;
    const auto before = known.find(cron);
    list.push_back(json::object{{"cron", cron},
                                {"created_on", before == known.end() ? format_rfc3339(now) : before->second},
                                {"modified_on", format_rfc3339(now)}});
    runs.push_back({std::move(cron), parsed->next_after(now)});
  }
  worker.schedules_json = json::serialize(list);
  worker.modified_on = now;
  if (const Status set = ports.workers.set_schedules(worker, runs); !set)
    return tl::unexpected<Error>(set.error());
  if (ports.schedules_changed) ports.schedules_changed();
  return worker;
}

Result<model::Worker> change_addresses(Ports& ports, model::Worker worker, bool enabled,
                                       std::optional<bool> previews) {
  worker.subdomain_enabled = enabled;
  if (previews) worker.previews_enabled = *previews;
  return stored(ports, std::move(worker));
}

}  // namespace kiln::workers
