#include "workers/settings.h"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "base/time_format.h"

namespace kiln::workers {
namespace {

namespace json = boost::json;

constexpr std::size_t kMaxSchedules = 250;
constexpr std::size_t kMaxCron = 256;

Result<model::Worker> stored(Ports& ports, model::Worker worker) {
  worker.modified_on = ports.clock.now();
  if (const Status updated = ports.store.update_worker(worker); !updated)
    return tl::unexpected<Error>(updated.error());
  return worker;
}

}  // namespace

json::object settings_of(const model::Worker& worker) {
  boost::system::error_code error;
  json::value value = json::parse(worker.settings_json, error);
  return !error && value.is_object() ? value.get_object() : json::object();
}

Result<model::Worker> change_settings(Ports& ports, model::Worker worker, const json::object& changes) {
  json::object settings = settings_of(worker);
  for (const auto& [key, value] : changes) settings[key] = value;
  worker.settings_json = json::serialize(settings);
  return stored(ports, std::move(worker));
}

Result<model::Worker> change_schedules(Ports& ports, model::Worker worker, const json::array& schedules) {
  if (schedules.size() > kMaxSchedules)
    return fail(Errc::invalid, "There are too many schedules.", "schedules");
  const std::string now = format_rfc3339(ports.clock.now());
  json::array list;
  for (const json::value& item : schedules) {
    const json::object* schedule = item.if_object();
    const json::value* cron = schedule == nullptr ? nullptr : schedule->if_contains("cron");
    if (cron == nullptr || !cron->is_string() || cron->get_string().empty() ||
        cron->get_string().size() > kMaxCron) {
      return fail(Errc::invalid, R"(Schedules must be a list of {"cron":"…"}.)", "schedules");
    }
    list.push_back(json::object{{"cron", cron->get_string()}, {"created_on", now}, {"modified_on", now}});
  }
  worker.schedules_json = json::serialize(list);
  return stored(ports, std::move(worker));
}

Result<model::Worker> change_addresses(Ports& ports, model::Worker worker, bool enabled,
                                       std::optional<bool> previews) {
  worker.subdomain_enabled = enabled;
  if (previews) worker.previews_enabled = *previews;
  return stored(ports, std::move(worker));
}

}  // namespace kiln::workers
