// The outbox and the reports over the database. Owned by app; safe from any thread.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "store/outbox.h"
#include "store/report_store.h"
#include "store/sqlite/database.h"

namespace kiln::store::sqlite {

class SqliteOutbox final : public Outbox {
 public:
  explicit SqliteOutbox(Database& database) : database_(database) {}

  [[nodiscard]] Result<std::vector<OutboxRow>> waiting(int most) override;
  [[nodiscard]] Result<int> add_disk_low(std::uint64_t free_bytes) override;
  [[nodiscard]] Status hand_on(std::int64_t up_to, const std::vector<ReportWish>& reports,
                               const EventWishes& events) override;

 private:
  Database& database_;
};

class SqliteReportStore final : public ReportStore {
 public:
  explicit SqliteReportStore(Database& database) : database_(database) {}

  [[nodiscard]] Result<std::vector<HostClock>> hosts() override;
  [[nodiscard]] Result<std::optional<DueReport>> next(const std::string& host) override;
  [[nodiscard]] Status begin(std::int64_t number) override;
  [[nodiscard]] Status keep_remote_id(std::int64_t number, const std::string& remote_id) override;
  [[nodiscard]] Status told(std::int64_t number, std::int64_t wanted) override;
  [[nodiscard]] Status postpone(std::int64_t number, TimeMs wait_ms, const std::string& error) override;
  [[nodiscard]] Status refused(std::int64_t number, TimeMs wait_ms, const std::string& error) override;
  [[nodiscard]] Status limited(std::int64_t number, TimeMs wait_ms, const std::string& error) override;
  [[nodiscard]] Status give_up(std::int64_t number, std::int64_t wanted, const std::string& error) override;
  [[nodiscard]] Result<std::vector<Uuid>> given_up(const std::string& account_id) override;
  [[nodiscard]] Result<std::int64_t> count_given_up() override;
  [[nodiscard]] Result<int> tell_again(const std::string& account_id, const Uuid& connection,
                                       const std::string& host) override;
  [[nodiscard]] Result<std::vector<Uuid>> builds_of_pull_request(const Uuid& connection,
                                                                 std::int64_t number) override;
  [[nodiscard]] Result<bool> is_outdone(const Uuid& build) override;
  [[nodiscard]] Result<std::vector<FailingReport>> failing(const std::string& account_id) override;

 private:
  Database& database_;
};

}  // namespace kiln::store::sqlite
