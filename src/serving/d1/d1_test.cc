// D1 databases in real processes: what bindings and the API reach, and what nobody does.
#include <gmock/gmock.h>

#include <boost/json.hpp>

#include "base/http_client.h"
#include "serving/d1/config.h"
#include "serving/d1/databases.h"
#include "serving/d1/door.h"
#include "serving/service_key.h"
#include "serving/test_ground.h"

namespace kiln::serving {
namespace {

using ::testing::HasSubstr;

constexpr const char* kD1Worker = R"js(
export default { async fetch(request, env) {
  const url = new URL(request.url);
  const sql = url.searchParams.get('sql');
  try {
    const db = url.searchParams.has('other') ? env.OTHER : env.DB;
    return Response.json((await db.prepare(sql).all()).results);
  } catch (e) { return new Response(e.message); }
} };
)js";

struct D1Ground {
  TestGround ground;
  std::filesystem::path folder = ground.store.folder.path() / "d1";
  std::string socket = (ground.store.folder.path() / "d1.sock").string();
  std::string runtime_date = "2026-11-17";
  model::D1Database one = add("one");
  model::D1Database two = add("two");
  std::unique_ptr<D1Databases> databases;
  std::unique_ptr<D1Door> door;

  D1Ground() {
    EXPECT_TRUE(make_directory(folder, 0700));
    EXPECT_TRUE(make_directory(ground.folder / "d1", 0700));
    D1Options options;
    options.folder = folder;
    options.bytes = std::int64_t{1} << 20U;
    options.runtime_date = [this] { return runtime_date; };
    options.runtimes.engine = test_engine();
    options.runtimes.folder = ground.folder / "d1";
    options.runtimes.idle_ms = 200;
    databases = std::make_unique<D1Databases>(ground.store.d1_databases, options);
    door = std::make_unique<D1Door>(*databases, D1DoorOptions{.secret = "hush"});
    EXPECT_TRUE(door->listen(socket));
    EXPECT_TRUE(open_to_callers(socket));
    databases->start();
    door->start();
    ground.options.d1_socket = socket;
    ground.options.prepare.services_secret = "hush";
    ground.start();
  }
  ~D1Ground() {
    ground.runtimes->stop();
    databases->stop();
    door->stop();
  }

  model::D1Database add(const std::string& name) {
    const model::D1Database database{ground.store.entropy.uuid(), ground.account.id, name, 0};
    EXPECT_TRUE(ground.store.d1_databases.add(database));
    return database;
  }

  HttpResponse run(const std::string& pass, const std::string& sql) {
    HttpRequest request;
    request.method = "POST";
    request.url = "http://d1/query";
    request.unix_socket = socket;
    request.headers = {{"x-kiln-d1", pass}};
    request.body = boost::json::serialize(boost::json::object{{"sql", sql}});
    Result<HttpResponse> answer = CurlClient().send(request);
    return answer ? *std::move(answer) : HttpResponse{0, {}, answer.error().message};
  }
  std::string run(const model::D1Database& database, const std::string& sql) {
    return run(d1_pass("hush", database.id.str()), sql).body;
  }

  Uuid deploy(bool for_previews = false, const std::string& flags = "[]") {
    store::NewVersion fresh;
    fresh.version.bindings_json = R"([{"type":"d1","name":"DB","id":")" + one.id.str() +
                                  R"("},{"type":"d1","name":"OTHER","id":")" + two.id.str() + R"("}])";
    fresh.version.compatibility_flags_json = flags;
    fresh.previews_only = for_previews;
    return ground.add({{"index.js", kEsm, kD1Worker}}, fresh);
  }
  std::string get(const Uuid& version, const std::string& query) {
    return body_of(ground.get(version, "/?sql=" + query));
  }
};

TEST(D1, ServesBindingsByEitherProtocolAndKeepsDatabasesApart) {
  KILN_NEEDS_WORKERD();
  D1Ground d1;
  for (const char* flags : {"[]", R"(["d1_binding_jsrpc"])"}) {
    const Uuid version = d1.deploy(false, flags);
    EXPECT_EQ(d1.get(version, "CREATE+TABLE+IF+NOT+EXISTS+a(x)"), "[]");
    EXPECT_EQ(d1.get(version, "INSERT+INTO+a+VALUES(1)+RETURNING+x"), R"([{"x":1}])");
    EXPECT_THAT(d1.get(version, "SELECT+*+FROM+a&other"), HasSubstr("no such table: a"));
  }
  EXPECT_THAT(d1.run(d1.one, "SELECT count(*) AS n FROM a"), HasSubstr(R"("results":[{"n":2}])"));
}

TEST(D1, GivesAVersionThatIsNeverLiveADatabaseOfItsOwn) {
  KILN_NEEDS_WORKERD();
  D1Ground d1;
  (void)d1.run(d1.one, "CREATE TABLE live(x)");
  const Uuid preview = d1.deploy(true);
  EXPECT_THAT(d1.get(preview, "SELECT+*+FROM+live"), HasSubstr("no such table: live"));
  EXPECT_TRUE(std::filesystem::exists(d1.folder / (d1.one.id.str() + "." + preview.str())));
}

TEST(D1, OpensToNobodyWithoutAPass) {
  KILN_NEEDS_WORKERD();
  D1Ground d1;
  const std::string pass = d1_pass("hush", d1.one.id.str());
  EXPECT_EQ(d1.run(pass, "SELECT 1").status, 200);
  const std::string key = pass.substr(0, pass.find('.'));
  for (const std::string& forged : {key + '.' + d1.two.id.str(), d1_pass("guessed", d1.two.id.str()),
                                    d1.two.id.str(), std::string(), kv_key("hush", d1.one.id.str())}) {
    EXPECT_EQ(d1.run(forged, "SELECT 1").status, 404) << forged;
  }
}

TEST(D1, TakesBackACallThatMakesADatabaseTooLarge) {
  KILN_NEEDS_WORKERD();
  D1Ground d1;
  (void)d1.run(d1.one, "CREATE TABLE a(x)");
  EXPECT_THAT(d1.run(d1.one, "INSERT INTO a VALUES (randomblob(1500000))"),
              HasSubstr("Exceeded maximum DB size"));
  EXPECT_THAT(d1.run(d1.one, "SELECT count(*) AS n FROM a"), HasSubstr(R"("n":0)"));
  EXPECT_TRUE(std::filesystem::exists(d1.folder / d1_file(d1.one.id.str()))) << "where the engine keeps it";
}

TEST(D1, StopsWhenIdleAndFindsItsRowsAgain) {
  KILN_NEEDS_WORKERD();
  D1Ground d1;
  (void)d1.run(d1.one, "CREATE TABLE a(x)");
  ASSERT_TRUE(comes_true([&] { return d1.databases->running() == 0; }));
  EXPECT_THAT(d1.run(d1.one, "SELECT count(*) AS n FROM a"), HasSubstr(R"("n":0)"));
}

TEST(D1, GivesTheDiskOfADroppedDatabaseBack) {
  KILN_NEEDS_WORKERD();
  D1Ground d1;
  (void)d1.run(d1.one, "CREATE TABLE a(x)");
  (void)d1.get(d1.deploy(true), "SELECT+1");
  EXPECT_GT(d1.databases->size(d1.one.id.str()), 0);
  ASSERT_TRUE(d1.ground.store.d1_databases.remove(d1.ground.account.id, d1.one.id));
  ASSERT_TRUE(d1.databases->drop(d1.one.id));
  EXPECT_TRUE(d1.databases->spaces()->empty()) << "its copies went as well";
  EXPECT_EQ(d1.run(d1_pass("hush", d1.one.id.str()), "SELECT 1").status, 404);
  EXPECT_FALSE(std::filesystem::exists(d1.folder / d1.one.id.str()));
}

TEST(D1, LeavesWhatANewerRuntimeWroteAlone) {
  KILN_NEEDS_WORKERD();
  D1Ground d1;
  (void)d1.run(d1.one, "SELECT 1");
  ASSERT_TRUE(comes_true([&] { return d1.databases->running() == 0; }));
  d1.runtime_date = "2026-11-16";
  EXPECT_EQ(d1.run(d1_pass("hush", d1.one.id.str()), "SELECT 1").status, 503);
}

}  // namespace
}  // namespace kiln::serving
