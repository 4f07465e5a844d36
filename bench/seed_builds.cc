// seed_builds --data-dir DIR --builds N --print-version-ids K: makes a history of N stopped builds, as large
// as a busy account's after years, and prints K of its version ids, spread evenly over it. The server must
// not be running.
//
// Rows are written past the queue, since a million builds one transaction each would take minutes; they are
// what the queue would have left.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <boost/json.hpp>
#include <cstdio>
#include <cstdlib>
#include <random>

#include "app/data_dir.h"
#include "base/clock.h"
#include "base/entropy.h"
#include "base/hex.h"
#include "base/secret_box.h"
#include "store/sqlite/account_store.h"
#include "store/sqlite/build_token_store.h"
#include "store/sqlite/connection_store.h"
#include "store/sqlite/database.h"
#include "store/sqlite/rows_json.h"
#include "store/sqlite/trigger_store.h"
#include "store/sqlite/worker_store.h"

namespace kiln::bench {
namespace {

using store::sqlite::Connection;
using store::sqlite::Query;

constexpr int kBuildsInACommit = 20'000;
constexpr TimeMs kBetweenBuilds = 70'000;

template <typename T>
T sure(Result<T> result) {
  if (result) return std::move(*result);
  fmt::print(stderr, "seed_builds: {}\n", result.error().message);
  std::exit(1);
}

// Fast ids; nothing here is secret.
class Ids final : public Entropy {
 public:
  std::string bytes(std::size_t count) override {
    std::string out(count, '\0');
    for (char& byte : out) byte = static_cast<char>(random_());
    return out;
  }
  std::uint64_t number(std::uint64_t below) { return random_() % below; }

 private:
  std::mt19937_64 random_{std::random_device{}()};
};

struct Ground {
  std::string account;
  std::vector<model::Trigger> triggers;
};

// An account with `count` Workers, each with a trigger of main and one of everything else.
Ground lay_ground(store::sqlite::Database& database, const SecretBox& box, Entropy& ids, TimeMs now,
                  int count) {
  store::sqlite::SqliteAccountStore accounts(database);
  store::sqlite::SqliteConnectionStore connections(database, box, ids);
  store::sqlite::SqliteBuildTokenStore build_tokens(database, box, ids);
  store::sqlite::SqliteTriggerStore triggers(database, box, ids);
  store::sqlite::SqliteWorkerStore workers(database);
  Ground ground;
  ground.account = sure(accounts.default_account({ids.hex32(), "Kiln", "dev", now})).id;
  const model::BuildToken token = sure(build_tokens.default_build_token(
      {ids.uuid(), ground.account, "Default build token", ids.hex32(), "account", true, now}));
  for (int i = 0; i < count; ++i) {
    const std::string name = fmt::format("shop-{}", i + 1);
    const model::Worker worker = sure(workers.ensure_worker({ids.hex32(), ground.account, name, now, now}));
    model::RepoConnection connection;
    connection.uuid = ids.uuid();
    connection.account_id = ground.account;
    connection.provider_type = "github";
    connection.provider_account_id = "48211907";
    connection.provider_account_name = "acme-commerce";
    connection.repo_id = std::to_string(770'000'000 + i);
    connection.repo_name = name;
    connection.clone_url = "https://github.com/acme-commerce/" + name + ".git";
    connection.created_on = connection.modified_on = now;
    model::Trigger trigger;
    trigger.account_id = ground.account;
    trigger.worker_tag = worker.tag;
    trigger.connection = sure(connections.upsert_connection(connection));
    trigger.build_token_uuid = token.uuid;
    trigger.build_command = "npm run build";
    trigger.root_directory = "/";
    trigger.path_includes = {"*"};
    trigger.created_on = trigger.modified_on = now;
    for (const bool production : {true, false}) {
      trigger.uuid = ids.uuid();
      trigger.name = production ? "Deploy main" : "Preview other branches";
      trigger.deploy_command = production ? "npx wrangler deploy" : "npx wrangler versions upload";
      trigger.branch_includes = {production ? "main" : "*"};
      trigger.branch_excludes = production ? std::vector<std::string>() : std::vector<std::string>{"main"};
      ground.triggers.push_back(sure(triggers.add_trigger(trigger)));
    }
  }
  return ground;
}

model::BuildMetadata metadata_of(const model::Trigger& trigger, Ids& ids, std::int64_t number) {
  static const std::vector<std::string> subjects = {
      "Fix the cart total when a coupon is removed",
      "Bump dependencies",
      "Cache product pages for a minute",
      "Show delivery dates in the reader's time zone",
      "Revert \"Load reviews lazily\"",
      "Handle an empty search query\n\nThe search page threw when the query was only spaces. Trim it first "
      "and show\n"
      "the popular products instead, as the home page does.\n\nReviewed-by: Sam <sam@example.com>"};
  model::BuildMetadata metadata;
  metadata.source = model::TriggerSource::push;
  metadata.branch =
      trigger.branch_includes[0] == "main" ? "main" : fmt::format("feature/order-{}", number % 997);
  metadata.commit_hash = to_hex(ids.bytes(20));
  metadata.commit_message = fmt::format("{} (#{})", subjects[ids.number(subjects.size())], number);
  metadata.author = fmt::format("Developer {} <dev{}@example.com>", number % 83, number % 83);
  metadata.build_command = trigger.build_command;
  metadata.deploy_command = trigger.deploy_command;
  metadata.root_directory = trigger.root_directory;
  metadata.build_token_uuid = trigger.build_token_uuid;
  metadata.build_token_name = trigger.build_token_name;
  metadata.environment = {{"API_ORIGIN", "https://api.example.com", false, 1}, {"SENTRY_TOKEN", "", true, 1}};
  metadata.repo_name = trigger.connection.repo_name;
  metadata.provider_account_name = trigger.connection.provider_account_name;
  metadata.provider_type = trigger.connection.provider_type;
  return metadata;
}

std::int64_t ordinal_for(Connection& db, const model::Trigger& trigger) {
  Query row = db.query(
      "INSERT INTO build_counts (account_id, worker_tag, last_ordinal) VALUES (?, ?, 1) "
      "ON CONFLICT (account_id, worker_tag) DO UPDATE SET last_ordinal = last_ordinal + 1 RETURNING "
      "last_ordinal");
  row.bind(trigger.account_id).bind(trigger.worker_tag).step();
  const std::int64_t ordinal = row.integer(0);
  row.run();
  return ordinal;
}

// Three of four succeed; those have a version.
Uuid add_build(Connection& db, const model::Trigger& trigger, Ids& ids, std::int64_t number, TimeMs created,
               bool succeeds) {
  const Uuid build = ids.uuid();
  const Uuid version = ids.uuid();
  const model::BuildMetadata metadata = metadata_of(trigger, ids, number);
  db.query(
        "INSERT INTO builds (uuid, account_id, worker_tag, trigger_uuid, branch, status, outcome, "
        "created_on, "
        "modified_on, initializing_on, running_on, stopped_on, source, commit_hash, commit_message, author, "
        "build_command, deploy_command, root_directory, build_token_uuid, build_token_name, repo_name, "
        "provider_account_name, provider_type, environment_json, ordinal, attempt, deploy_started, "
        "ended_by_lease) VALUES (?, ?, ?, ?, ?, 'stopped', ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, "
        "?, ?, "
        "?, ?, 1, 1, 1)")
      .bind(build)
      .bind(trigger.account_id)
      .bind(trigger.worker_tag)
      .bind(trigger.uuid)
      .bind(metadata.branch)
      .bind(succeeds ? "success" : "fail")
      .bind(created)
      .bind(created + 41'000)
      .bind(created + 900)
      .bind(created + 2'100)
      .bind(created + 41'000)
      .bind(to_string(metadata.source))
      .bind(metadata.commit_hash)
      .bind(metadata.commit_message)
      .bind(metadata.author)
      .bind(metadata.build_command)
      .bind(metadata.deploy_command)
      .bind(metadata.root_directory)
      .bind(metadata.build_token_uuid)
      .bind(metadata.build_token_name)
      .bind(metadata.repo_name)
      .bind(metadata.provider_account_name)
      .bind(metadata.provider_type)
      .bind(store::sqlite::environment_to_json(metadata.environment))
      .bind(ordinal_for(db, trigger))
      .run();
  if (succeeds) {
    db.query(
          "INSERT INTO version_builds (build_number, ordinal, version_id, created_on, has_preview, alias) "
          "VALUES (?, 1, ?, ?, 0, '')")
        .bind(db.last_row())
        .bind(version)
        .bind(created + 39'000)
        .run();
  }
  return version;
}

void seed(const std::filesystem::path& folder, std::int64_t builds, std::int64_t print) {
  app::DataDir data = sure(app::DataDir::open(folder));
  SystemEntropy entropy;
  SystemClock clock;
  Ids ids;
  const SecretBox box = sure(SecretBox::open_or_make(data.secrets_key(), entropy));
  const TimeMs begin = clock.now() - builds * kBetweenBuilds;
  const auto database = sure(store::sqlite::Database::open(data.database(), clock));
  const Ground ground = lay_ground(*database, box, ids, begin, 40);
  Connection db(data.database(), false);
  db.execute("PRAGMA synchronous=OFF; PRAGMA cache_size=-524288; PRAGMA secure_delete=OFF;");
  std::int64_t printed = 0;
  for (std::int64_t i = 0; i < builds; ++i) {
    if (i % kBuildsInACommit == 0) db.execute(i == 0 ? "BEGIN IMMEDIATE" : "COMMIT; BEGIN IMMEDIATE");
    const model::Trigger& trigger = ground.triggers[ids.number(ground.triggers.size())];
    const bool wanted = printed < print && i >= printed * builds / print;
    const bool succeeds = wanted || ids.number(4) != 0;
    const Uuid version = add_build(db, trigger, ids, i + 1, begin + i * kBetweenBuilds, succeeds);
    if (!wanted) continue;
    fmt::print("{}\n", version.str());
    ++printed;
  }
  if (builds > 0) db.execute("COMMIT");
  db.execute("PRAGMA wal_checkpoint(TRUNCATE)");
  if (const Status made = data.made(); !made) {
    fmt::print(stderr, "seed_builds: {}\n", made.error().message);
    std::exit(1);
  }
}

}  // namespace
}  // namespace kiln::bench

int main(int argc, char** argv) {
  CLI::App app("Makes a history of builds in a data directory, for measurements.");
  std::filesystem::path folder;
  std::int64_t builds = 0;
  std::int64_t print = 0;
  app.add_option("--data-dir", folder, "The data directory; made when it is not there")->required();
  app.add_option("--builds", builds, "How many builds")->required()->check(CLI::Range(0, 100'000'000));
  app.add_option("--print-version-ids", print, "How many of their version ids to print, at most one a build")
      ->check(CLI::Range(0, 100'000'000));
  CLI11_PARSE(app, argc, argv);
  try {
    kiln::bench::seed(folder, builds, print);
  } catch (const std::exception& error) {
    fmt::print(stderr, "seed_builds: {}\n", error.what());
    return 1;
  }
  return 0;
}
