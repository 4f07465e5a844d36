#include "store/sqlite/delivery_store.h"

#include <algorithm>
#include <functional>
#include <iterator>
#include <utility>
#include <vector>

#include "store/sqlite/delivery_rows.h"

namespace kiln::store::sqlite {
namespace {

// Numbers of deliveries, the newest first, none twice.
using Numbers = std::vector<std::int64_t>;

Numbers numbers_of(Query query) {
  query.bind(kMostDeliveries);
  Numbers numbers;
  while (query.step()) numbers.push_back(query.integer(0));
  std::sort(numbers.begin(), numbers.end(), std::greater<>());
  numbers.erase(std::unique(numbers.begin(), numbers.end()), numbers.end());
  return numbers;
}

Numbers in_both(const Numbers& one, const Numbers& other) {
  Numbers both;
  std::set_intersection(one.begin(), one.end(), other.begin(), other.end(), std::back_inserter(both),
                        std::greater<>());
  return both;
}

Numbers of_account(Connection& db, const std::string& account_id) {
  Query query = db.query("SELECT number FROM deliveries WHERE account_id = ? ORDER BY ordinal DESC LIMIT ?");
  query.bind(account_id);
  return numbers_of(std::move(query));
}

Numbers of_worker(Connection& db, const std::string& account_id, const std::string& tag) {
  Query query = db.query(
      "SELECT DISTINCT delivery FROM delivery_verdicts WHERE account_id = ? AND worker_tag = ? "
      "ORDER BY delivery DESC LIMIT ?");
  query.bind(account_id).bind(tag);
  return numbers_of(std::move(query));
}

Numbers of_branch(Connection& db, const std::string& account_id, const std::string& branch) {
  Query query = db.query(
      "SELECT DISTINCT delivery FROM delivery_refs WHERE account_id = ? AND branch = ? "
      "ORDER BY delivery DESC LIMIT ?");
  query.bind(account_id).bind(branch);
  return numbers_of(std::move(query));
}

Numbers of_commit(Connection& db, const std::string& account_id, const std::string& beginning) {
  Query query = db.query(
      "SELECT delivery FROM delivery_refs WHERE account_id = ? AND after_commit >= ? AND after_commit < ? "
      "LIMIT ?");
  // No hex digit comes behind f.
  query.bind(account_id).bind(beginning).bind(beginning + "g");
  return numbers_of(std::move(query));
}

Numbers of_provider_id(Connection& db, const std::string& account_id, const std::string& id) {
  Query query = db.query("SELECT number FROM deliveries WHERE account_id = ? AND provider_id = ? LIMIT ?");
  query.bind(account_id).bind(id);
  return numbers_of(std::move(query));
}

// An account has kMostDeliveries of them at most, so that their numbers are few.
Numbers matching(Connection& db, const std::string& account_id, const DeliveryFilter& filter) {
  std::vector<Numbers> lists;
  if (!filter.worker_tag.empty()) lists.push_back(of_worker(db, account_id, filter.worker_tag));
  if (!filter.branch.empty()) lists.push_back(of_branch(db, account_id, filter.branch));
  if (!filter.commit.empty()) lists.push_back(of_commit(db, account_id, filter.commit));
  if (!filter.provider_id.empty()) lists.push_back(of_provider_id(db, account_id, filter.provider_id));
  if (lists.empty()) return of_account(db, account_id);
  Numbers numbers = std::move(lists.front());
  for (std::size_t i = 1; i < lists.size(); ++i) numbers = in_both(numbers, lists[i]);
  return numbers;
}

}  // namespace

Result<Paged<model::Delivery>> SqliteDeliveryStore::deliveries(const std::string& account_id,
                                                               const DeliveryFilter& filter,
                                                               const Page& page) {
  return database_.read([&](Connection& db) -> Result<Paged<model::Delivery>> {
    const Numbers numbers = matching(db, account_id, filter);
    Paged<model::Delivery> found;
    found.total = numbers.size();
    const auto per_page = static_cast<std::size_t>(page.per_page);
    const std::size_t begin = (static_cast<std::size_t>(page.page) - 1) * per_page;
    for (std::size_t i = begin; i < std::min(begin + per_page, numbers.size()); ++i) {
      if (std::optional<model::Delivery> one = load_delivery(db, numbers[i]))
        found.items.push_back(*std::move(one));
    }
    return found;
  });
}

Result<model::Delivery> SqliteDeliveryStore::delivery(const std::string& account_id, const Uuid& uuid) {
  return database_.read([&](Connection& db) -> Result<model::Delivery> {
    Query row = db.query("SELECT number FROM deliveries WHERE uuid = ? AND account_id = ?");
    row.bind(uuid).bind(account_id);
    std::optional<model::Delivery> found;
    if (row.step()) found = load_delivery(db, row.integer(0));
    if (!found) return fail(Errc::not_found, "there is no such delivery", "delivery_uuid");
    return *std::move(found);
  });
}

Status SqliteDeliveryStore::keep_refused(const std::vector<model::Delivery>& deliveries) {
  const auto was_let_in = [](const model::Delivery& delivery) {
    return delivery.origin.signature != model::SignatureResult::refused;
  };
  if (std::any_of(deliveries.begin(), deliveries.end(), was_let_in))
    return fail(Errc::internal, "a delivery that was let in is kept with what it made");
  return database_.write([&](Connection& db) -> Status {
    for (const model::Delivery& delivery : deliveries) {
      keep_delivery(db, delivery, {}, database_.now());
      prune_refused(db, delivery.connection, kMostRefusedDeliveries);
    }
    return {};
  });
}

}  // namespace kiln::store::sqlite
