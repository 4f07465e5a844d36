// Sinks and what is on its way to them, over the database. Owned by app; safe from any thread.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/entropy.h"
#include "base/secret_box.h"
#include "store/outbox.h"
#include "store/sink_delivery_store.h"
#include "store/sink_store.h"
#include "store/sqlite/database.h"

namespace kiln::store::sqlite {

class SqliteSinkStore final : public SinkStore {
 public:
  SqliteSinkStore(Database& database, const SecretBox& box, Entropy& entropy)
      : database_(database), box_(box), entropy_(entropy) {}

  [[nodiscard]] Status add_sink(const model::Sink& sink, const model::SinkSecrets& secrets) override;
  [[nodiscard]] Result<std::vector<model::Sink>> sinks(const std::string& account_id) override;
  [[nodiscard]] Result<model::Sink> sink(const std::string& account_id, const Uuid& uuid) override;
  [[nodiscard]] Result<model::SinkSecrets> sink_secrets(const Uuid& uuid) override;
  [[nodiscard]] Status change_sink(const model::Sink& sink, const model::SinkSecrets& secrets) override;
  [[nodiscard]] Status delete_sink(const std::string& account_id, const Uuid& uuid) override;
  [[nodiscard]] Result<std::vector<model::Sink>> listening_sinks(const std::string& account_id) override;
  [[nodiscard]] Result<std::optional<model::BuildOutcome>> outcome_before(const std::string& account_id,
                                                                          const Uuid& build) override;

 private:
  Database& database_;
  const SecretBox& box_;
  Entropy& entropy_;
};

class SqliteSinkDeliveryStore final : public SinkDeliveryStore {
 public:
  explicit SqliteSinkDeliveryStore(Database& database) : database_(database) {}

  [[nodiscard]] Result<std::vector<SinkClock>> sink_clocks() override;
  [[nodiscard]] Result<std::optional<DueDelivery>> next_delivery(const Uuid& sink) override;
  [[nodiscard]] Status delivered(std::int64_t number, const SinkAnswer& answer) override;
  [[nodiscard]] Status postpone_delivery(std::int64_t number, TimeMs wait_ms,
                                         const SinkAnswer& answer) override;
  [[nodiscard]] Status rest_sink(const Uuid& sink, TimeMs wait_ms) override;
  [[nodiscard]] Status park(std::int64_t number, const SinkAnswer& answer) override;
  [[nodiscard]] Status switch_off(std::int64_t number, const SinkAnswer& answer,
                                  const std::string& reason) override;
  [[nodiscard]] Result<Paged<model::SinkDelivery>> deliveries(const std::string& account_id, const Uuid& sink,
                                                              Page page) override;
  [[nodiscard]] Result<model::SinkDelivery> delivery(const std::string& account_id, const Uuid& sink,
                                                     const Uuid& delivery) override;
  [[nodiscard]] Result<model::SinkDelivery> send_again(const std::string& account_id, const Uuid& sink,
                                                       const Uuid& delivery) override;
  [[nodiscard]] Status add_delivery(const std::string& account_id, const Uuid& sink,
                                    const model::SinkDelivery& delivery) override;

 private:
  Database& database_;
};

// What waits for the sink is not tried again of itself, and says why.
void park_waiting(Connection& db, std::int64_t sink, const std::string& why);
// For a sink that the account does not have.
[[nodiscard]] tl::unexpected<Error> no_such_sink();
// Inside a transaction: what a row of `sinks` says from the column `first` on, in the order of add_sink()
// without its secrets; and an event's way to a sink, unless that is gone, is off, or knows the delivery.
[[nodiscard]] model::Sink sink_at(const Query& row, int first);
void put_sink_delivery(Connection& db, const SinkWish& wish, TimeMs now);

}  // namespace kiln::store::sqlite
