// The schema as a list of steps, applied in order, each in one transaction. A step that has been released is
// never edited: add another.
#pragma once

#include <cstdint>
#include <vector>

namespace kiln::store::sqlite {

class Connection;

struct Migration {
  const char* name;
  const char* sql;
  void (*then)(Connection& db) = nullptr;  // what SQL cannot say, after it
};

// One file a step: migration_001_core.cc and so on; migrations.cc lists them.
extern const Migration
    kMigrationCore;  // accounts, tokens, connections, triggers, builds, logs, hook deliveries
extern const Migration kMigrationWorkers;  // workers, versions, deployments, assets, aliases
extern const Migration kMigrationRequireVersion;
extern const Migration kMigrationReads;        // what makes reading quick at any size of history
extern const Migration kMigrationDeployHooks;  // deploy hooks and what they started
extern const Migration kMigrationUsage;        // what a build used
extern const Migration kMigrationPreviews;     // named previews, and the age of aliases
extern const Migration kMigrationSubdomains;   // no two accounts have the same
extern const Migration kMigrationCacheEpoch;   // purges of build caches
extern const Migration kMigrationPullRequests;
extern const Migration kMigrationLogFrames;         // log chunks as the runner packed them
extern const Migration kMigrationStartupTime;       // of versions, as measured at their upload
extern const Migration kMigrationBuildMinutes;      // of an account: used in a month, and the most it may use
extern const Migration kMigrationOrders;            // indexes in the order of every list
extern const Migration kMigrationChanges;           // the numbered feed of changes
extern const Migration kMigrationPreviewsOnly;      // versions and assets of preview branches' builds
extern const Migration kMigrationCloneCredentials;  // of connections, apart from their URLs
extern const Migration kMigrationRepoPlaces;        // connections are told apart by their hosts too
extern const Migration kMigrationDeployCompleted;   // known of a build before its runner was lost
extern const Migration kMigrationEntrypoints;       // of versions, as found at their upload
extern const Migration kMigrationCron;              // when cron triggers are due
extern const Migration kMigrationHostRoutes;        // routes and custom domains
extern const Migration kMigrationForkTokens;        // builds of forks name a token that is nobody's
extern const Migration kMigrationBuildColumns;      // each fact about a build in one place
extern const Migration kMigrationNamedHostRoutes;   // a view: routes with the names of what they lead to
extern const Migration kMigrationDeliveries;        // what was reported, and what triggers made of it
extern const Migration kMigrationOutbox;            // moves of builds that others are to be told, and reports
extern const Migration kMigrationForges;            // source hosts that accounts have set up
extern const Migration kMigrationApprovals;         // builds that wait for a maintainer
extern const Migration kMigrationCredentials;       // of connections, and when their hosts are asked for news
extern const Migration kMigrationStories;           // what builds went through, lists of them, and events
extern const Migration kMigrationSessions;          // who is signed in to the page
extern const Migration kMigrationEvents;            // queues, event subscriptions and sinks
extern const Migration kMigrationKv;                // KV namespaces
extern const Migration kMigrationAudit;             // who did what
extern const Migration kMigrationTelemetry;         // indexes of what waits, and traces that are to be told
extern const Migration kMigrationPeople;            // sessions of people whom a provider knows
extern const Migration kMigrationSteering;          // paused triggers, deleted accounts, rotated tokens
extern const Migration kMigrationThinned;           // what retention has taken away
extern const Migration kMigrationD1;                // D1 databases
extern const Migration kMigrationAttestations;      // of versions, and the key that signs them
extern const Migration kMigrationReports;           // what hosts refused and limited, and why builds ended
extern const Migration kMigrationPushed;            // what pushes asked for, and keys of deliveries by age
extern const Migration kMigrationR2;                // R2 buckets
extern const Migration kMigrationQueueWorkers;      // Workers that consume queues
extern const Migration kMigrationBadges;            // of Workers
extern const Migration kMigrationRenames;           // of repositories, in their host's order

[[nodiscard]] const std::vector<Migration>& migrations();

// What a file of its kind holds, and how it is opened. Lasts as long as the program.
struct Schema {
  const std::vector<Migration>& steps;
  bool feeds_changes = false;   // it numbers its changes for those who wait for them
  int cache_kib = 0;            // of each connection
  std::int64_t most_pages = 0;  // of 4 KiB; what would take more is Errc::disk_full. 0: no bound
  bool has_audit = false;       // it tells of acts what they changed in it
};
[[nodiscard]] const Schema& main_schema();

// Inside the caller's transaction; the list of what is done is the caller's as well.
void apply(Connection& db, const Migration& migration);

}  // namespace kiln::store::sqlite
