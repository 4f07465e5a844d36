#include "store/sqlite/migrations.h"

namespace kiln::store::sqlite {

const std::vector<Migration>& migrations() {
  static const std::vector<Migration> all = {
      kMigrationCore,         kMigrationWorkers,         kMigrationRequireVersion,
      kMigrationReads,        kMigrationDeployHooks,     kMigrationUsage,
      kMigrationPreviews,     kMigrationSubdomains,      kMigrationCacheEpoch,
      kMigrationPullRequests, kMigrationLogFrames,       kMigrationStartupTime,
      kMigrationBuildMinutes, kMigrationOrders,          kMigrationChanges,
      kMigrationPreviewsOnly, kMigrationCloneCredentials};
  return all;
}

}  // namespace kiln::store::sqlite
