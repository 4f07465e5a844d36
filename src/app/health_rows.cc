#include "app/health_rows.h"

#include <fmt/format.h>

#include <boost/json/object.hpp>

#include "base/time_format.h"

namespace kiln::app {
namespace {

namespace json = boost::json;

constexpr TimeMs kRenewMs = TimeMs{14} * 24 * 3'600'000;
constexpr std::size_t kDate = 10;  // of a time in RFC 3339
constexpr TimeMs kLongOutboxMs = 60'000;
constexpr TimeMs kLongOverdueMs = TimeMs{15} * 60'000;

struct Row {
  const char* name;
  bool fine;
  std::string found;
  const char* is_for;  // what it means while it is fine
  std::string harm;    // and what while it is not
  const char* todo;
};

json::object row_json(const Row& row) {
  return {{"name", row.name},
          {"state", row.fine ? "ok" : "limited"},
          {"found", row.found},
          {"means", row.fine ? row.is_for : row.harm},
          {"todo", row.fine ? "" : row.todo}};
}

TimeMs age(std::optional<TimeMs> since, TimeMs now) {
  return since && *since < now ? now - *since : 0;
}

std::string waiting_words(TimeMs age_ms) {
  return age_ms == 0 ? std::string("nothing waits") : fmt::format("waits since {} s", age_ms / 1000);
}

void add_gauges(const store::Gauges& now, const ServerLook& look, json::array& rows) {
  const TimeMs outbox = age(now.oldest_outbox, look.now);
  rows.push_back(row_json({"outbox", outbox < kLongOutboxMs,
                           fmt::format("{} moves, {}", now.outbox, waiting_words(outbox)),
                           "hosts, queues and sinks hear of every move of a build",
                           "hosts, queues and sinks hear of builds late", "see the server's log"}));
  const TimeMs reports = age(now.oldest_report, look.now);
  const std::int64_t given_up = look.given_up.value_or(0);
  const std::string refused =
      given_up == 0 ? std::string() : fmt::format(", {} given up: kiln forge reports", given_up);
  rows.push_back(row_json({"reports to hosts", reports < kLongOverdueMs, waiting_words(reports) + refused,
                           "source hosts take what they are told of builds",
                           "a source host does not take what it is told of builds", "kiln forge list"}));
  const TimeMs sinks = age(now.oldest_sink_delivery, look.now);
  rows.push_back(row_json({"sinks", sinks < kLongOverdueMs, waiting_words(sinks), "sinks take events",
                           "a sink does not take events", "kiln sinks"}));
  if (look.traces)
    rows.push_back(
        row_json({"traces", now.traces < 100, fmt::format("{} builds wait", now.traces),
                  "the collector takes builds' traces", "the collector does not take builds' traces",
                  "look at traces.endpoint of the settings and at the collector"}));
  rows.push_back(
      row_json({"builds", !look.no_builds,
                fmt::format("{} run, {} wait, {} for approval", now.running, now.waiting, now.unapproved),
                "builds are taken", look.no_builds.value_or(""), "kiln status"}));
}

}  // namespace

json::array health_rows(const ServerLook& look) {
  json::array rows;
  rows.push_back(row_json({"readiness", look.ready.has_value(), look.ready ? "ready" : "not ready",
                           "load balancers send requests here", look.ready ? "" : look.ready.error().message,
                           "see the server's log"}));
  if (look.gauges) {
    add_gauges(*look.gauges, look, rows);
  } else {
    rows.push_back(row_json({"database", false, "cannot be read", "", look.gauges.error().message,
                             "see the server's log and the disk of the data directory"}));
  }
  if (look.certificate_ends) {
    const TimeMs left = *look.certificate_ends - look.now;
    const std::string ends = format_rfc3339(*look.certificate_ends).substr(0, kDate);
    rows.push_back(
        row_json({"certificate", left > kRenewMs, fmt::format("ends on {}", ends),
                  "browsers and clients trust our own TLS",
                  left > 0 ? "it ends soon, and then nobody trusts it" : "nobody trusts it any more",
                  "renew its files, then: systemctl reload kiln (or SIGHUP)"}));
  }
  rows.push_back(row_json({"metrics", true, look.metrics_url.empty() ? "nobody may scrape" : look.metrics_url,
                           "what Prometheus is told", "", ""}));
  return rows;
}

}  // namespace kiln::app
