#include "testing/sqlite_store.h"

#include <cstdio>
#include <cstdlib>
#include <string>
#include <utility>

#include "base/fs.h"
#include "testing/fake_clock.h"
#include "testing/memory_store.h"
#include "testing/temp_dir.h"

namespace kiln::testing {
namespace {

[[noreturn]] void give_up(const Error& error) {
  std::fprintf(stderr, "setting up a test store: %s\n", error.message.c_str());
  std::abort();
}

// The bytes of a new file, made once: a test does not wait for every migration.
const std::string& new_file() {
  static const std::string bytes = [] {
    const TempDir folder;
    const FakeClock clock;
    const std::filesystem::path file = folder.path() / "kiln.db";
    if (auto made = store::sqlite::Database::open(file, clock); !made) give_up(made.error());
    Result<std::string> read = read_file(file, std::size_t{1} << 24U);
    if (!read) give_up(read.error());
    return std::move(*read);
  }();
  return bytes;
}

std::unique_ptr<OpenStore> open_sqlite(const std::filesystem::path& folder, const Clock& clock,
                                       const SecretBox& box, Entropy& entropy) {
  const std::filesystem::path file = folder / "kiln.db";
  std::error_code ignored;
  if (!std::filesystem::exists(file, ignored)) {
    if (const Status made = write_file_durably(file, new_file(), 0600); !made) give_up(made.error());
  }
  auto database = store::sqlite::Database::open(file, clock);
  if (!database) give_up(database.error());
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
      badges(*database, box, entropy),
      pull_requests(*database),
      schedules(*database),
      deliveries(*database),
      logs(*database),
      outbox(*database),
      reports(*database),
      forges(*database, box, entropy),
      watches(*database),
      stories(*database),
      glances(*database),
      ids(*database),
      events(*database),
      sessions(*database),
      queues(*database),
      messages(*database, entropy),
      batches(*database, entropy),
      subscriptions(*database),
      sinks(*database, box, entropy),
      sink_deliveries(*database),
      kv_namespaces(*database),
      d1_databases(*database),
      r2_buckets(*database),
      audit(*database),
      gauges(*database),
      traces(*database),
      snapshots(*database, box, entropy),
      checks(*database),
      retained(*database) {}

store::Ports SqliteOpenStore::ports() {
  return {accounts,     connections,     build_tokens,  triggers,     builds,      queue,
          workers,      versions,        previews,      assets,       host_routes, route_resolver,
          deploy_hooks, badges,          pull_requests, schedules,    deliveries,  logs,
          outbox,       reports,         forges,        watches,      stories,     glances,
          events,       sessions,        queues,        messages,     batches,     subscriptions,
          sinks,        sink_deliveries, kv_namespaces, d1_databases, r2_buckets,  audit,
          gauges,       traces,          ids,           snapshots,    checks,      retained,
          *database};
}

StoreFactory sqlite_factory() {
  return {"SQLite", open_sqlite};
}

TestStore::TestStore()
    : StoreGround(sqlite_factory()),
      database(static_cast<SqliteOpenStore&>(*opened).database.get()),
      builds(static_cast<SqliteOpenStore&>(*opened).builds) {}

}  // namespace kiln::testing
