#include "store/sqlite/migrations.h"

#include "store/sqlite/database.h"

namespace kiln::store::sqlite {

const std::vector<Migration>& migrations() {
  static const std::vector<Migration> all = {kMigrationCore,
                                             kMigrationWorkers,
                                             kMigrationRequireVersion,
                                             kMigrationReads,
                                             kMigrationDeployHooks,
                                             kMigrationUsage,
                                             kMigrationPreviews,
                                             kMigrationSubdomains,
                                             kMigrationCacheEpoch,
                                             kMigrationPullRequests,
                                             kMigrationLogFrames,
                                             kMigrationStartupTime,
                                             kMigrationBuildMinutes,
                                             kMigrationOrders,
                                             kMigrationChanges,
                                             kMigrationPreviewsOnly,
                                             kMigrationCloneCredentials,
                                             kMigrationRepoPlaces,
                                             kMigrationDeployCompleted,
                                             kMigrationEntrypoints,
                                             kMigrationCron,
                                             kMigrationHostRoutes,
                                             kMigrationForkTokens,
                                             kMigrationBuildColumns,
                                             kMigrationNamedHostRoutes,
                                             kMigrationDeliveries,
                                             kMigrationOutbox,
                                             kMigrationForges,
                                             kMigrationApprovals,
                                             kMigrationCredentials,
                                             kMigrationStories,
                                             kMigrationSessions,
                                             kMigrationEvents,
                                             kMigrationKv,
                                             kMigrationAudit,
                                             kMigrationTelemetry,
                                             kMigrationPeople,
                                             kMigrationSteering,
                                             kMigrationThinned,
                                             kMigrationD1,
                                             kMigrationReports,
                                             kMigrationPushed,
                                             kMigrationR2,
                                             kMigrationQueueWorkers,
                                             kMigrationBadges,
                                             kMigrationAttestations,
                                             kMigrationRenames};
  return all;
}

const Schema& main_schema() {
  // The cache holds the inner pages of the trees of a million builds.
  static const Schema schema{migrations(), true, 12'288, 0, true};
  return schema;
}

void apply(Connection& db, const Migration& migration) {
  db.execute(migration.sql);
  if (migration.then != nullptr) migration.then(db);
}

}  // namespace kiln::store::sqlite
