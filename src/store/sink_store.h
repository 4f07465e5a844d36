// Port: the addresses to which an account's events are sent, with their secrets, sealed at rest. Owned by
// app; every method is one durable transaction and safe from any thread. What belongs to another account is
// Errc::not_found.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "model/sink.h"

namespace kiln::store {

inline constexpr int kMostSinks = 100;  // of an account

class SinkStore {
 public:
  virtual ~SinkStore() = default;

  // Errors: Errc::conflict, field name, when the account has one of that name, or too many.
  [[nodiscard]] virtual Status add_sink(const model::Sink& sink, const model::SinkSecrets& secrets) = 0;
  // The oldest first.
  [[nodiscard]] virtual Result<std::vector<model::Sink>> sinks(const std::string& account_id) = 0;
  [[nodiscard]] virtual Result<model::Sink> sink(const std::string& account_id, const Uuid& uuid) = 0;
  [[nodiscard]] virtual Result<model::SinkSecrets> sink_secrets(const Uuid& uuid) = 0;
  // All but its kind. What waits for one that is off now is parked. Errors: as add_sink().
  [[nodiscard]] virtual Status change_sink(const model::Sink& sink, const model::SinkSecrets& secrets) = 0;
  // With its deliveries.
  [[nodiscard]] virtual Status delete_sink(const std::string& account_id, const Uuid& uuid) = 0;

  // Those that are enabled.
  [[nodiscard]] virtual Result<std::vector<model::Sink>> listening_sinks(const std::string& account_id) = 0;
  // How the build before that one, of the same trigger and branch, ended by itself; nothing where there is
  // none among the Worker's thousand before it.
  [[nodiscard]] virtual Result<std::optional<model::BuildOutcome>> outcome_before(
      const std::string& account_id, const Uuid& build) = 0;
};

}  // namespace kiln::store
