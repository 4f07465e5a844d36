#include "store/sqlite/sealed_rows.h"

namespace kiln::store::sqlite {

Status check_key(Database& database, const SecretBox& box) {
  return database.read([&](Connection& db) -> Status {
    Query rows = db.query(
        "SELECT * FROM (SELECT secret_sealed FROM build_tokens LIMIT 20) UNION ALL "
        "SELECT * FROM (SELECT clone_auth_sealed FROM repo_connections "
        "WHERE clone_auth_sealed IS NOT NULL LIMIT 20) UNION ALL "
        "SELECT * FROM (SELECT hook_secret_sealed FROM repo_connections "
        "WHERE hook_secret_sealed IS NOT NULL LIMIT 20) UNION ALL "
        "SELECT * FROM (SELECT value_sealed FROM trigger_variables "
        "WHERE value_sealed IS NOT NULL LIMIT 20) UNION ALL "
        "SELECT * FROM (SELECT sealed FROM connection_secrets LIMIT 20) UNION ALL "
        "SELECT * FROM (SELECT uuid_sealed FROM deploy_hooks LIMIT 20) UNION ALL "
        "SELECT * FROM (SELECT uuid_sealed FROM badges LIMIT 20) UNION ALL "
        "SELECT * FROM (SELECT secrets_sealed FROM forges LIMIT 20) UNION ALL "
        "SELECT * FROM (SELECT secrets_sealed FROM sinks LIMIT 20) UNION ALL "
        "SELECT * FROM (SELECT value_sealed FROM version_secrets LIMIT 20) UNION ALL "
        "SELECT * FROM (SELECT private_sealed FROM signing_keys LIMIT 20)");
    bool any = false;
    while (rows.step()) {
      if (box.unseal(rows.view(0))) return {};
      any = true;
    }
    if (!any) return {};
    return fail(Errc::corrupt, "the key does not open what the database holds sealed: it is another one's");
  });
}

}  // namespace kiln::store::sqlite
