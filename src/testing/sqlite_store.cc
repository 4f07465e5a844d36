#include "testing/sqlite_store.h"

#include <cstdio>
#include <cstdlib>
#include <utility>

#include "testing/memory_store.h"

namespace kiln::testing {
namespace {

std::unique_ptr<OpenStore> open_sqlite(const std::filesystem::path& folder, const Clock& clock,
                                       const SecretBox& box, Entropy& entropy) {
  auto database = store::sqlite::Database::open(folder / "kiln.db", clock);
  if (!database) {
    std::fprintf(stderr, "setting up a test store: %s\n", database.error().message.c_str());
    std::abort();
  }
  return std::make_unique<SqliteOpenStore>(*std::move(database), box, entropy);
}

}  // namespace

SqliteOpenStore::SqliteOpenStore(std::unique_ptr<store::sqlite::Database> opened, const SecretBox& box,
                                 Entropy& entropy)
    : database(std::move(opened)),
      accounts(*database),
      connections(*database, box, entropy),
      build_tokens(*database, box, entropy),
      triggers(*database, box, entropy),
      builds(*database),
      queue(*database, box, entropy),
      workers(*database),
      versions(*database, box, entropy),
      previews(*database),
      assets(*database),
      host_routes(*database),
      route_resolver(*database),
      deploy_hooks(*database, box, entropy),
      pull_requests(*database),
      schedules(*database),
      deliveries(*database) {}

store::Ports SqliteOpenStore::ports() {
  return {accounts,     connections,   build_tokens, triggers,   builds,      queue,
          workers,      versions,      previews,     assets,     host_routes, route_resolver,
          deploy_hooks, pull_requests, schedules,    deliveries, *database};
}

StoreFactory sqlite_factory() {
  return {"SQLite", open_sqlite};
}

TestStore::TestStore()
    : StoreGround(sqlite_factory()),
      database(static_cast<SqliteOpenStore&>(*opened).database.get()),
      builds(static_cast<SqliteOpenStore&>(*opened).builds) {}

}  // namespace kiln::testing
