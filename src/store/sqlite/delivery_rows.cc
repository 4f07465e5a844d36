#include "store/sqlite/delivery_rows.h"

#include <string>
#include <vector>

#include "base/strings.h"
#include "store/delivery_store.h"

namespace kiln::store::sqlite {
namespace {

constexpr int kDeletedAtOnce = 8;
constexpr int kMostMovesLookedAt = 50;

void drop_details(Connection& db, std::int64_t number) {
  db.query("DELETE FROM delivery_refs WHERE delivery = ?").bind(number).run();
  db.query("DELETE FROM delivery_verdicts WHERE delivery = ?").bind(number).run();
  db.query("DELETE FROM delivery_notes WHERE delivery = ?").bind(number).run();
}

// Hostile bytes must not make a text that cannot be read back.
void add_details(Connection& db, std::int64_t number, const model::Delivery& delivery) {
  std::int64_t place = 0;
  for (const model::DeliveryRef& ref : delivery.refs) {
    db.query(
          "INSERT INTO delivery_refs (delivery, place, account_id, ref, branch, before_commit, after_commit) "
          "VALUES (?, ?, ?, ?, ?, ?, ?)")
        .bind(number)
        .bind(place++)
        .bind(delivery.account_id)
        .bind(to_valid_utf8(ref.ref))
        .bind(to_valid_utf8(ref.branch))
        .bind(to_valid_utf8(ref.before))
        .bind(to_valid_utf8(ref.after))
        .run();
  }
  place = 0;
  for (const model::Verdict& verdict : delivery.verdicts) {
    db.query(
          "INSERT INTO delivery_verdicts (delivery, place, account_id, trigger_uuid, trigger_name, "
          "worker_name, worker_tag, branch, commit_hash, decision, rule, build_uuid) "
          "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")
        .bind(number)
        .bind(place++)
        .bind(delivery.account_id)
        .bind(verdict.trigger_uuid)
        .bind(to_valid_utf8(verdict.trigger_name))
        .bind(to_valid_utf8(verdict.worker_name))
        .bind(verdict.worker_tag)
        .bind(to_valid_utf8(verdict.branch))
        .bind(to_valid_utf8(verdict.commit))
        .bind(to_string(verdict.decision))
        .bind(to_valid_utf8(verdict.rule))
        .bind(verdict.build)
        .run();
  }
  place = 0;
  for (const std::string& note : delivery.notes) {
    db.query("INSERT INTO delivery_notes (delivery, place, note) VALUES (?, ?, ?)")
        .bind(number)
        .bind(place++)
        .bind(to_valid_utf8(note))
        .run();
  }
}

// The account's deliveries that are too old, or too many, among its oldest.
void prune(Connection& db, const std::string& account_id, std::int64_t newest, TimeMs now) {
  std::vector<std::int64_t> gone;
  {
    Query oldest = db.query(
        "SELECT number, ordinal, received_on FROM deliveries WHERE account_id = ? ORDER BY ordinal LIMIT ?");
    oldest.bind(account_id).bind(kDeletedAtOnce);
    while (oldest.step()) {
      const bool old = oldest.integer(2) < now - kDeliveriesKeptMs;
      if (old || oldest.integer(1) <= newest - kMostDeliveries) gone.push_back(oldest.integer(0));
    }
  }
  for (const std::int64_t number : gone) drop_delivery(db, number);
}

// Keys by which deliveries are known when they come again, also of such as are kept no more themselves.
void prune_keys(Connection& db, TimeMs now) {
  std::vector<std::pair<std::string, std::string>> gone;
  {
    Query old = db.query(
        "SELECT provider, delivery_id FROM hook_deliveries INDEXED BY hook_deliveries_age WHERE received_on "
        "< ? LIMIT ?");
    old.bind(now - kDeliveriesKeptMs).bind(kDeletedAtOnce);
    while (old.step()) gone.emplace_back(old.text(0), old.text(1));
  }
  for (const auto& [provider, key] : gone) {
    db.query("DELETE FROM hook_deliveries WHERE provider = ? AND delivery_id = ?")
        .bind(provider)
        .bind(key)
        .run();
  }
}

std::optional<std::int64_t> number_of(Connection& db, const std::string& provider, const std::string& key) {
  if (key.empty()) return std::nullopt;
  Query row = db.query(
      "SELECT number FROM deliveries WHERE provider = ? AND delivery_key = ? AND delivery_key <> ''");
  if (!row.bind(provider).bind(key).step()) return std::nullopt;
  return row.integer(0);
}

// A refused one, and one of a repository that nobody has connected, take none of the account's
// kMostDeliveries.
std::int64_t delivery_ordinal(Connection& db, const model::Delivery& delivery) {
  Query row = db.query("SELECT coalesce(max(ordinal), 0) FROM deliveries WHERE account_id = ?");
  row.bind(delivery.account_id);
  const std::int64_t last = row.step() ? row.integer(0) : 0;
  const bool counts =
      delivery.origin.signature != model::SignatureResult::refused && delivery.connection != Uuid();
  return counts ? last + 1 : last;
}

void prune_unconnected(Connection& db, const std::string& account_id) {
  std::vector<std::int64_t> gone;
  {
    Query more = db.query(
        "SELECT number FROM deliveries INDEXED BY deliveries_unconnected WHERE account_id = ? AND "
        "connection_uuid = x'00000000000000000000000000000000' ORDER BY number DESC LIMIT ? OFFSET ?");
    more.bind(account_id).bind(kDeletedAtOnce).bind(kMostUnconnected);
    while (more.step()) gone.push_back(more.integer(0));
  }
  for (const std::int64_t number : gone) drop_delivery(db, number);
}

template <typename Word>
Word sure_word(const std::optional<Word>& word) {
  if (!word) throw SqlError(SQLITE_CORRUPT, "a stored delivery's words are damaged");
  return *word;
}

void load_details(Connection& db, std::int64_t number, model::Delivery& delivery) {
  Query refs = db.query(
      "SELECT ref, branch, before_commit, after_commit FROM delivery_refs WHERE delivery = ? ORDER BY place");
  refs.bind(number);
  while (refs.step()) delivery.refs.push_back({refs.text(0), refs.text(1), refs.text(2), refs.text(3)});
  Query verdicts = db.query(
      "SELECT trigger_uuid, trigger_name, worker_name, worker_tag, branch, commit_hash, decision, rule, "
      "build_uuid FROM delivery_verdicts WHERE delivery = ? ORDER BY place");
  verdicts.bind(number);
  while (verdicts.step()) {
    delivery.verdicts.push_back({verdicts.uuid(0), verdicts.text(1), verdicts.text(2), verdicts.text(3),
                                 verdicts.text(4), verdicts.text(5),
                                 sure_word(model::parse_decision(verdicts.text(6))), verdicts.text(7),
                                 verdicts.maybe_uuid(8)});
  }
  Query notes = db.query("SELECT note FROM delivery_notes WHERE delivery = ? ORDER BY place");
  notes.bind(number);
  while (notes.step()) delivery.notes.push_back(notes.text(0));
}

}  // namespace

void drop_delivery(Connection& db, std::int64_t number) {
  drop_details(db, number);
  db.query("DELETE FROM deliveries WHERE number = ?").bind(number).run();
}

void keep_delivery(Connection& db, const model::Delivery& delivery, const std::string& key, TimeMs now) {
  const model::DeliveryOrigin& origin = delivery.origin;
  if (const std::optional<std::int64_t> number = number_of(db, origin.provider, key)) {
    count_repeated(db, origin.provider, key);
    drop_details(db, *number);
    add_details(db, *number, delivery);
    return;
  }
  const std::int64_t ordinal = delivery_ordinal(db, delivery);
  db.query(
        "INSERT INTO deliveries (uuid, account_id, ordinal, connection_uuid, repo_name, provider, "
        "provider_id, delivery_key, event, signature, received_on, repeated) VALUES (?, ?, ?, ?, ?, ?, ?, ?, "
        "?, ?, ?, 0)")
      .bind(delivery.uuid)
      .bind(delivery.account_id)
      .bind(ordinal)
      .bind(delivery.connection)
      .bind(to_valid_utf8(delivery.repo_name))
      .bind(origin.provider)
      .bind(to_valid_utf8(origin.provider_id))
      .bind(key)
      .bind(to_valid_utf8(origin.event))
      .bind(to_string(origin.signature))
      .bind(delivery.received_on)
      .run();
  add_details(db, db.last_row(), delivery);
  prune(db, delivery.account_id, ordinal, now);
  prune_keys(db, now);
  if (delivery.connection == Uuid()) prune_unconnected(db, delivery.account_id);
}

void count_repeated(Connection& db, const std::string& provider, const std::string& key) {
  db.query(
        "UPDATE deliveries SET repeated = repeated + 1 WHERE provider = ? AND delivery_key = ? AND "
        "delivery_key <> ''")
      .bind(provider)
      .bind(key)
      .run();
}

void prune_refused(Connection& db, const Uuid& connection, std::size_t most) {
  std::vector<std::int64_t> gone;
  {
    Query more = db.query(
        "SELECT number FROM deliveries WHERE connection_uuid = ? AND signature = 'refused' ORDER BY number "
        "DESC LIMIT ? OFFSET ?");
    more.bind(connection).bind(kDeletedAtOnce).bind(static_cast<std::int64_t>(most));
    while (more.step()) gone.push_back(more.integer(0));
  }
  for (const std::int64_t number : gone) drop_delivery(db, number);
}

std::optional<LastTold> last_told(Connection& db, const model::RepoConnection& connection,
                                  const std::string& branch) {
  Query row = db.query(
      "SELECT r.delivery, d.repeated, d.delivery_key, r.after_commit, d.received_on, EXISTS (SELECT 1 FROM "
      "delivery_verdicts v WHERE v.delivery = r.delivery AND v.build_uuid IS NOT NULL) FROM delivery_refs r "
      "CROSS JOIN deliveries d ON d.number = r.delivery WHERE r.account_id = ? AND r.branch = ? AND "
      "d.connection_uuid = ? AND (r.ref = 'refs/heads/' || r.branch OR instr(r.branch, ':') > 0) "
      "ORDER BY r.delivery DESC LIMIT 1");
  row.bind(connection.account_id).bind(to_valid_utf8(branch)).bind(connection.uuid);
  if (!row.step()) return std::nullopt;
  LastTold last;
  last.mark = {row.integer(0), row.integer(1)};
  last.key = row.text(2);
  last.after = row.text(3);
  last.received_on = row.integer(4);
  last.made_builds = row.integer(5) != 0;
  return last;
}

Told told_before(Connection& db, const model::RepoConnection& connection, const ToldMove& move) {
  Query rows = db.query(
      "SELECT r.before_commit, r.after_commit, d.delivery_key, d.signature, EXISTS (SELECT 1 FROM "
      "delivery_verdicts v WHERE v.delivery = r.delivery AND v.build_uuid IS NOT NULL) FROM delivery_refs r "
      "CROSS JOIN deliveries d ON d.number = r.delivery WHERE r.account_id = ? AND r.branch = ? AND "
      "d.connection_uuid = ? AND r.ref = 'refs/heads/' || r.branch ORDER BY r.delivery DESC LIMIT ?");
  rows.bind(connection.account_id)
      .bind(to_valid_utf8(move.branch))
      .bind(connection.uuid)
      .bind(kMostMovesLookedAt);
  const std::string asked(to_string(model::SignatureResult::asked));
  bool is_latest = true;
  while (rows.step()) {
    is_latest = is_latest && rows.view(1) == move.after;
    if (rows.view(1) != move.after) continue;
    if (is_latest && rows.view(3) == asked) return Told::by_asking;
    const bool same = rows.view(0) == move.before && rows.integer(4) != 0;
    if (same && rows.view(3) != asked && rows.view(2) != move.key) return Told::by_another;
  }
  return Told::nobody;
}

std::vector<std::string> moved_on_from(Connection& db, const model::RepoConnection& connection,
                                       const std::string& branch, const std::string& commit) {
  Query rows = db.query(
      "SELECT r.before_commit, r.after_commit FROM delivery_refs r CROSS JOIN deliveries d ON d.number = "
      "r.delivery WHERE r.account_id = ? AND r.branch = ? AND d.connection_uuid = ? AND r.ref = "
      "'refs/heads/' || r.branch ORDER BY r.delivery DESC "
      "LIMIT ?");
  rows.bind(connection.account_id).bind(to_valid_utf8(branch)).bind(connection.uuid).bind(kMostMovesLookedAt);
  std::vector<std::string> from;
  while (rows.step()) {
    if (rows.view(1) != (from.empty() ? commit : from.back())) continue;
    if (rows.view(0).empty()) break;
    from.push_back(rows.text(0));
  }
  return from;
}

std::optional<model::Delivery> load_delivery(Connection& db, std::int64_t number) {
  Query row = db.query(
      "SELECT uuid, account_id, connection_uuid, repo_name, provider, provider_id, event, signature, "
      "received_on, repeated FROM deliveries WHERE number = ?");
  if (!row.bind(number).step()) return std::nullopt;
  model::Delivery delivery;
  delivery.uuid = row.uuid(0);
  delivery.account_id = row.text(1);
  delivery.connection = row.uuid(2);
  delivery.repo_name = row.text(3);
  delivery.origin = {row.text(4), row.text(5), row.text(6),
                     sure_word(model::parse_signature_result(row.text(7)))};
  delivery.received_on = row.integer(8);
  delivery.repeated = row.integer(9);
  load_details(db, number, delivery);
  return delivery;
}

}  // namespace kiln::store::sqlite
