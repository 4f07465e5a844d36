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
                                             kMigrationDeliveries};
  return all;
}

void apply(Connection& db, const Migration& migration) {
  db.execute(migration.sql);
  if (migration.then != nullptr) migration.then(db);
}

}  // namespace kiln::store::sqlite
