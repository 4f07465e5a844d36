// Sessions of the page over the database. Owned by app; safe from any thread.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "store/session_store.h"
#include "store/sqlite/database.h"

namespace kiln::store::sqlite {

class SqliteSessionStore final : public SessionStore {
 public:
  explicit SqliteSessionStore(Database& database) : database_(database) {}

  [[nodiscard]] Status add_login_code(const model::LoginCode& code, const std::string& code_hash) override;
  [[nodiscard]] Result<model::Session> begin_by_code(const std::string& code_hash,
                                                     const NewSession& fresh) override;
  [[nodiscard]] Result<model::Session> begin_by_token(const std::string& token_hash,
                                                      const NewSession& fresh) override;
  [[nodiscard]] Result<model::Session> begin_by_person(const model::ProvenPerson& person,
                                                       const NewSession& fresh) override;
  [[nodiscard]] Status end_sessions_granted_otherwise(const std::string& granted_by) override;
  [[nodiscard]] Result<std::optional<model::Session>> find_session(const std::string& secret_hash) override;
  [[nodiscard]] Result<std::optional<model::Session>> session(const Uuid& id) override;
  [[nodiscard]] Result<std::vector<model::Session>> sessions(const std::optional<Uuid>& token) override;
  void touch_session(const Uuid& id) override;
  [[nodiscard]] Status end_session(const Uuid& id) override;

 private:
  Database& database_;
};

}  // namespace kiln::store::sqlite
