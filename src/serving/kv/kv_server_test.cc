// The KV binding of a real Worker, and what nobody but it may ask.
#include "serving/kv/kv_server.h"

#include <atomic>

#include "serving/service_key.h"
#include "serving/test_ground.h"
#include "store/kv/files.h"

namespace kiln::serving {
namespace {

constexpr const char* kKvWorker = R"js(
const text = async (run) => { try { return JSON.stringify(await run()); } catch (e) { return e.message; } };
export default { async fetch(request, env) {
  const url = new URL(request.url);
  const q = (name) => url.searchParams.get(name);
  const kv = env.KV;
  const does = {
    '/put': () => kv.put(q('k'), q('v')),
    '/get': () => kv.get(q('k')),
    '/meta': async () => { await kv.put(q('k'), 'x', { metadata: { a: 'é' }, expirationTtl: 60 }); return kv.getWithMetadata(q('k')); },
    '/json': async () => { await kv.put('j', '{"n":1}'); return kv.get('j', 'json'); },
    '/bytes': async () => { await kv.put('b', new Uint8Array([0, 255, 10])); return [...new Uint8Array(await kv.get('b', 'arrayBuffer'))]; },
    '/stream': async () => { await kv.put('s', new Response('in pieces').body); return new Response(await kv.get('s', 'stream')).text(); },
    '/list': () => kv.list({ prefix: q('prefix') ?? undefined, limit: Number(q('limit') ?? 1000), cursor: q('cursor') ?? undefined }),
    '/many': () => kv.get(['j', 'none'], 'json').then((m) => [...m]),
    '/delete': () => kv.delete(q('k')),
    '/short': () => kv.put('k', 'v', { expirationTtl: 5 }),
    '/large': async () => { await kv.put('large', new Uint8Array(25 * 1024 * 1024)); return (await kv.get('large', 'arrayBuffer')).byteLength; },
  };
  return new Response(await text(does[url.pathname]));
} };
)js";

struct KvGround {
  TestGround ground;
  std::filesystem::path folder = ground.store.folder.path() / "kv";
  SystemClock clock;
  std::unique_ptr<store::kv::Files> files;
  std::unique_ptr<KvServer> server;

  KvGround() {
    EXPECT_TRUE(make_directory(folder, 0700));
    files = std::make_unique<store::kv::Files>(folder, clock, store::kv::FileLimits{});
    ground.options.kv_socket = ground.store.folder.path() / "kv.sock";
    ground.options.prepare.services_secret = "hush";
    KvOptions options;
    options.secret = "hush";
    server = std::make_unique<KvServer>(*files, clock, options);
    EXPECT_TRUE(server->listen(ground.options.kv_socket.string()));
    EXPECT_TRUE(open_to_callers(ground.options.kv_socket));
    server->start();
    ground.start();
    EXPECT_TRUE(files->make("aa"));
    EXPECT_TRUE(files->make("bb"));
  }
  ~KvGround() {
    ground.runtimes->stop();
    server->stop();
  }

  Uuid add(const std::string& space, bool previews_only = false) {
    store::NewVersion fresh;
    fresh.previews_only = previews_only;
    fresh.version.bindings_json = R"([{"type":"kv_namespace","name":"KV","namespace_id":")" + space + "\"}]";
    return ground.add({{"index.js", kEsm, kKvWorker}}, fresh);
  }
  std::string get(const Uuid& version, const std::string& path) { return body_of(ground.get(version, path)); }
};

TEST(Kv, KeepsWhatAWorkerPuts) {
  KILN_NEEDS_WORKERD();
  KvGround around;
  const Uuid version = around.add("aa");
  const auto get = [&](const std::string& path) { return around.get(version, path); };
  EXPECT_EQ(get("/get?k=a"), "null");
  get("/put?k=a&v=one");
  EXPECT_EQ(get("/get?k=a"), "\"one\"");
  EXPECT_EQ(get("/json"), R"({"n":1})");
  EXPECT_EQ(get("/bytes"), "[0,255,10]");
  EXPECT_EQ(get("/stream"), "\"in pieces\"");
  EXPECT_EQ(get("/many"), R"([["j",{"n":1}],["none",null]])");
  EXPECT_EQ(get("/large"), "26214400");
  const std::string meta = get("/meta?k=m");
  EXPECT_TRUE(meta.starts_with(R"({"value":"x","metadata":{"a":"é"})")) << meta;
  get("/delete?k=a");
  EXPECT_EQ(get("/get?k=a"), "null");
}

TEST(Kv, TakesEveryNameThatTheHostedPlatformTakes) {
  KILN_NEEDS_WORKERD();
  KvGround around;
  const Uuid version = around.add("aa");
  for (const char* name : {"a/b", "a/../b", "%2e%2e", "%2F", "q%3Fx%3D1%26y", "%C3%A9", "a%20b", "%25",
                           "a%0Ab", "bulk/get", "%23", "/lead", "trail/"}) {
    const std::string key = name;
    around.get(version, "/put?k=" + key + "&v=" + key);
    const bool refused = key == "%2e%2e";
    const std::string found = around.get(version, "/get?k=" + key);
    EXPECT_EQ(
        found.find("Illegal key name") != std::string::npos || found.find("not allowed") != std::string::npos,
        refused)
        << key << ": " << found;
    if (!refused) {
      EXPECT_TRUE(found.starts_with('"')) << key << ": " << found;
    }
  }
}

TEST(Kv, ListsAPieceAtATimeAndSaysWhereToGoOn) {
  KILN_NEEDS_WORKERD();
  KvGround around;
  const Uuid version = around.add("aa");
  for (const char* name : {"a1", "a2", "b1"}) around.get(version, std::string("/put?v=1&k=") + name);
  const std::string first = around.get(version, "/list?limit=2");
  EXPECT_NE(first.find(R"("list_complete":false)"), std::string::npos) << first;
  EXPECT_NE(first.find(R"({"name":"a1"})"), std::string::npos) << first;
  const std::string rest = around.get(version, "/list?limit=2&cursor=YTI=");
  EXPECT_NE(rest.find(R"("list_complete":true)"), std::string::npos) << rest;
  EXPECT_NE(rest.find(R"({"name":"b1"})"), std::string::npos) << rest;
  EXPECT_EQ(around.get(version, "/list?prefix=b").find("a1"), std::string::npos);
}

TEST(Kv, SaysInTheExceptionWhatWasWrong) {
  KILN_NEEDS_WORKERD();
  KvGround around;
  EXPECT_EQ(around.get(around.add("aa"), "/short"),
            "KV PUT failed: 400 Invalid expiration_ttl of 5. Expiration TTL must be at least 60.");
}

TEST(Kv, IsSharedByLiveVersionsAndNotByWhatMayNeverBeLive) {
  KILN_NEEDS_WORKERD();
  KvGround around;
  const Uuid live = around.add("aa");
  const Uuid next = around.add("aa");
  const Uuid other = around.add("bb");
  const Uuid preview = around.add("aa", true);
  around.get(live, "/put?k=a&v=live");
  EXPECT_EQ(around.get(next, "/get?k=a"), "\"live\"");
  EXPECT_EQ(around.get(other, "/get?k=a"), "null");
  EXPECT_EQ(around.get(preview, "/get?k=a"), "null");
  around.get(preview, "/put?k=a&v=strange");
  EXPECT_EQ(around.get(preview, "/get?k=a"), "\"strange\"") << "a copy of its own";
  EXPECT_EQ(around.get(live, "/get?k=a"), "\"live\"");
}

TEST(Kv, AnswersNobodyWithoutAKeyOfTheSpace) {
  KvGround around;
  ASSERT_TRUE(around.files->put("aa", {{{"k", "", {}}, "secret"}}));
  const auto ask_with = [&](const std::string& space, const std::string& key) {
    return ask(around.ground.options.kv_socket.string(), "/k",
               "x-kiln-kv: " + space + "\r\nx-kiln-secret: " + key + "\r\n");
  };
  EXPECT_EQ(body_of(ask_with("aa", kv_key("hush", "aa"))), "secret");
  EXPECT_EQ(body_of(ask_with("aa", kv_key("hush", "bb"))), "");
  EXPECT_EQ(body_of(ask_with("aa", cache_key("hush", "aa"))), "");
  EXPECT_EQ(body_of(ask_with("aa", "")), "");
}

}  // namespace
}  // namespace kiln::serving
