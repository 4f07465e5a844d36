#include "store/sqlite/route_resolver.h"

#include <fmt/format.h>

#include <optional>
#include <string>

#include "store/sqlite/host_route_rows.h"

namespace kiln::store::sqlite {
namespace {

constexpr std::size_t kVersionLabel = 8;

struct FoundWorker {
  std::string tag;
  bool enabled = false;
  bool previews_enabled = false;
};

std::optional<std::string> account_at(Connection& db, std::string_view subdomain) {
  Query row = db.query("SELECT id FROM accounts WHERE subdomain = ?");
  if (!row.bind(subdomain).step()) return std::nullopt;
  return row.text(0);
}

std::optional<FoundWorker> worker_named(Connection& db, std::string_view account_id, std::string_view name) {
  Query row = db.query(
      "SELECT tag, subdomain_enabled, previews_enabled FROM workers WHERE account_id = ? AND name = ? AND "
      "deleted_on IS NULL");
  if (!row.bind(account_id).bind(name).step()) return std::nullopt;
  return FoundWorker{row.text(0), row.integer(1) != 0, row.integer(2) != 0};
}

// The current deployment's versions; empty when there is none.
std::vector<model::DeploymentTarget> live_versions(Connection& db, const std::string& worker_tag) {
  Query row = db.query(
      "SELECT version_id, percentage FROM deployment_versions WHERE deployment_number = "
      "(SELECT max(number) FROM deployments WHERE worker_tag = ?) ORDER BY position");
  row.bind(worker_tag);
  std::vector<model::DeploymentTarget> found;
  while (row.step()) found.push_back({row.uuid(0), row.real(1)});
  return found;
}

std::optional<Uuid> labelled_version(Connection& db, const std::string& worker_tag, std::string_view label) {
  if (label.size() != kVersionLabel) return std::nullopt;
  Query row = db.query("SELECT id FROM versions WHERE worker_tag = ? AND label = ?");
  if (!row.bind(worker_tag).bind(label).step()) return std::nullopt;
  return row.uuid(0);
}

std::optional<Uuid> aliased_version(Connection& db, const std::string& worker_tag, std::string_view alias) {
  Query row = db.query("SELECT version_id FROM version_aliases WHERE worker_tag = ? AND alias = ?");
  if (!row.bind(worker_tag).bind(alias).step()) return std::nullopt;
  return row.uuid(0);
}

// Every kind of name that may stand before "-<worker>", in the order in which they are believed.
std::optional<Uuid> preview_version(Connection& db, const std::string& worker_tag, std::string_view name) {
  if (std::optional<Uuid> id = labelled_version(db, worker_tag, name)) return id;
  return aliased_version(db, worker_tag, name);
}

Result<Route> deployed(Connection& db, std::string_view account_id, std::string_view name,
                       const FoundWorker& worker) {
  Route route{std::string(account_id), worker.tag, std::string(name), {}, live_versions(db, worker.tag)};
  if (route.versions.empty()) {
    return fail(Errc::conflict, fmt::format("The Worker {} has no deployment yet. Deploy it with `wrangler "
                                            "deploy` or push to its production branch.",
                                            name));
  }
  return route;
}

Result<Route> preview(Connection& db, const std::string& account_id, std::string_view label) {
  std::string owner;  // the longest Worker name that fits, for the message
  for (std::size_t dash = label.find('-'); dash != std::string_view::npos; dash = label.find('-', dash + 1)) {
    const std::string_view name = label.substr(dash + 1);
    const std::optional<FoundWorker> worker = worker_named(db, account_id, name);
    if (!worker) continue;
    if (owner.empty()) owner = name;
    const std::string_view before = label.substr(0, dash);
    const std::optional<Uuid> version = preview_version(db, worker->tag, before);
    if (!version) continue;
    if (!worker->previews_enabled) {
      return fail(Errc::forbidden,
                  fmt::format("The previews of the Worker {} are switched off. Switch them on with "
                              "`preview_urls = true` in its wrangler configuration and deploy.",
                              name));
    }
    return Route{account_id, worker->tag, std::string(name), std::string(before), {{*version, 100}}};
  }
  if (owner.empty()) {
    return fail(Errc::not_found, fmt::format("There is no Worker {} here. `wrangler deploy` makes one; `kiln "
                                             "status` says where Workers answer.",
                                             label));
  }
  return fail(Errc::not_found,
              fmt::format("The Worker {} has no version or alias {}. `wrangler versions list` shows its "
                          "versions; an address takes the first 8 digits of a version's id.",
                          owner, label.substr(0, label.size() - owner.size() - 1)));
}

}  // namespace

Result<Route> SqliteRouteResolver::route(std::string_view subdomain, std::string_view label) {
  return database_.read([&](Connection& db) -> Result<Route> {
    const std::optional<std::string> account_id = account_at(db, subdomain);
    if (!account_id) {
      return fail(Errc::not_found, fmt::format("No account here has the subdomain {}. `kiln account list` "
                                               "shows them.",
                                               subdomain));
    }
    const std::optional<FoundWorker> worker = worker_named(db, *account_id, label);
    if (!worker) return preview(db, *account_id, label);
    if (!worker->enabled) {
      return fail(Errc::forbidden,
                  fmt::format("The address of the Worker {} is switched off. Switch it on with `workers_dev "
                              "= true` in its wrangler configuration and deploy.",
                              label));
    }
    return deployed(db, *account_id, label, *worker);
  });
}

Result<Route> SqliteRouteResolver::service(std::string_view account_id, std::string_view worker) {
  return database_.read([&](Connection& db) -> Result<Route> {
    const std::optional<FoundWorker> found = worker_named(db, account_id, worker);
    if (!found) {
      return fail(Errc::not_found, fmt::format("There is no Worker {} to bind to. Deploy it first.", worker));
    }
    return deployed(db, account_id, worker, *found);
  });
}

Result<std::vector<model::HostRoute>> SqliteRouteResolver::host_routes() {
  return database_.read(
      [](Connection& db) -> Result<std::vector<model::HostRoute>> { return read_host_routes(db); });
}

}  // namespace kiln::store::sqlite
