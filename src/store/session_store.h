// Port: sessions of the page and the one-time codes that begin them. Of both only hashes are stored. Owned by
// app; every method is one durable transaction and safe from any thread. What has expired, lain idle too long
// or lost its token is not there any more.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "model/session.h"

namespace kiln::store {

inline constexpr int kMostSessions = 50;  // of a token, of a person, or of neither

// A session to be: the store adds whose it is, and when it ends at the latest.
struct NewSession {
  Uuid id;
  std::string secret_hash;  // sha256 (raw) of the cookie's value
  std::string address;
  std::string user_agent;
};

class SessionStore {
 public:
  virtual ~SessionStore() = default;

  // `code_hash` is sha256 (raw) of the code's text.
  [[nodiscard]] virtual Status add_login_code(const model::LoginCode& code, const std::string& code_hash) = 0;
  // The code is spent with it, so that of two who have it one is let in. Errors: Errc::unauthenticated.
  [[nodiscard]] virtual Result<model::Session> begin_by_code(const std::string& code_hash,
                                                             const NewSession& fresh) = 0;
  // Of a live API token; builds' own tokens begin none. Errors: Errc::unauthenticated.
  [[nodiscard]] virtual Result<model::Session> begin_by_token(const std::string& token_hash,
                                                              const NewSession& fresh) = 0;
  [[nodiscard]] virtual Result<model::Session> begin_by_person(const model::ProvenPerson& person,
                                                               const NewSession& fresh) = 0;
  // Ends those of people who were let in by other settings than these; empty: of all people.
  [[nodiscard]] virtual Status end_sessions_granted_otherwise(const std::string& granted_by) = 0;

  // With its token's rights as they are now. Nothing when there is none.
  [[nodiscard]] virtual Result<std::optional<model::Session>> find_session(
      const std::string& secret_hash) = 0;
  [[nodiscard]] virtual Result<std::optional<model::Session>> session(const Uuid& id) = 0;
  // Newest first; `token`: of this token alone.
  [[nodiscard]] virtual Result<std::vector<model::Session>> sessions(const std::optional<Uuid>& token) = 0;
  // Notes the use; may be lossy.
  virtual void touch_session(const Uuid& id) = 0;
  // Errors: Errc::not_found.
  [[nodiscard]] virtual Status end_session(const Uuid& id) = 0;
};

}  // namespace kiln::store
