// The rules of what is kept, the bound, and the Cache API of a real Worker.
#include "serving/cache/cache.h"

#include "serving/cache/shelf.h"
#include "serving/service_key.h"
#include "serving/test_ground.h"

namespace kiln::serving {
namespace {

constexpr TimeMs kNow = 1'700'000'000'000;

std::string response(const std::string& fields, const std::string& body = "body",
                     const std::string& status = "200 OK") {
  return "HTTP/1.1 " + status + "\r\n" + fields + "\r\n" + body;
}

// Milliseconds that it is kept; 0: not at all.
TimeMs kept_for(const std::string& fields, const std::string& status = "200 OK") {
  const auto read = read_answer(response(fields, "body", status), kNow);
  EXPECT_TRUE(read) << fields;
  return read && *read ? (*read)->expires_on - kNow : 0;
}

TEST(CachedAnswer, IsKeptAsItsFieldsSay) {
  EXPECT_EQ(kept_for("Cache-Control: max-age=60\r\n"), 60'000);
  EXPECT_EQ(kept_for("Cache-Control: max-age=60, s-maxage=5\r\n"), 5'000);
  EXPECT_EQ(kept_for("cache-control: public\r\ncache-control: MAX-AGE=\"7\"\r\n"), 7'000);
  EXPECT_EQ(kept_for("Expires: Tue, 14 Nov 2023 22:14:20 GMT\r\n"), 60'000);
  EXPECT_EQ(kept_for("Expires: Tue, 14 Nov 2023 22:14:20 GMT\r\nCache-Control: max-age=1\r\n"), 1'000);
  EXPECT_EQ(kept_for(""), 7'200'000) << "the platform's own time for a 200";
  EXPECT_EQ(kept_for("", "404 Not Found"), 180'000);
  EXPECT_EQ(kept_for("", "500 Oh"), 0);
  EXPECT_EQ(kept_for("Cache-Control: max-age=9\r\n", "500 Oh"), 9'000);
  for (const char* fields :
       {"Cache-Control: no-store\r\n", "Cache-Control: private, max-age=60\r\n",
        "Cache-Control: no-cache\r\n", "Cache-Control: max-age=0\r\n", "Cache-Control: max-age=x\r\n",
        "Expires: 0\r\n", "Expires: Tue, 14 Nov 2023 22:13:20 GMT\r\n",
        "Cache-Control: max-age=60\r\nSet-Cookie: a=b\r\n"}) {
    EXPECT_EQ(kept_for(fields), 0) << fields;
  }
  EXPECT_EQ(kept_for("Cache-Control: max-age=60\r\n", "206 Partial Content"), 0);
  EXPECT_EQ(kept_for("Cache-Control: max-age=99999999999999999999999\r\n"), 365LL * 86'400'000);
}

TEST(CachedAnswer, LosesItsCookiesWhereItSaysSo) {
  const auto read = read_answer(
      response("Cache-Control: max-age=60, private=\"X, Set-Cookie\"\r\nSet-Cookie: a=b\r\nX-Y: z\r\n"),
      kNow);
  ASSERT_TRUE(read && *read);
  const http::Headers expected{{"Cache-Control", "max-age=60, private=\"X, Set-Cookie\""}, {"X-Y", "z"}};
  EXPECT_EQ((*read)->headers, expected);
}

TEST(CachedAnswer, IsRefusedWhereItIsNoResponse) {
  for (const std::string& bad :
       {std::string(), std::string("HTTP/1.1 200 OK\r\n"), std::string("GET / HTTP/1.1\r\nHost: x\r\n\r\n"),
        response("Content-Length: 5\r\n"), response("Content-Length: 3\r\n"), response("A : b\r\n")}) {
    EXPECT_FALSE(read_answer(bad, kNow)) << bad;
  }
  const auto chunked = read_answer(response("Transfer-Encoding: chunked\r\n", "not in chunks"), kNow);
  ASSERT_TRUE(chunked && *chunked);
  EXPECT_EQ((*chunked)->body.view(), "not in chunks");
}

struct Asked {
  int status = 0;
  std::string body;
  std::string range;
};
Asked ask_for(const std::string& name, const std::string& value) {
  const auto read = read_answer(
      response("ETag: \"v1\"\r\nLast-Modified: Tue, 14 Nov 2023 22:13:20 GMT\r\n", "0123456789"), kNow);
  http::Request request;
  request.headers = {{name, value}};
  http::Response answer = hit(**read, request, kNow + 2'500);
  Asked out{answer.status, {}, {}};
  for (const auto& [field, text] : answer.headers) {
    if (field == "content-range") out.range = text;
    if (field == "cf-cache-status") {
      EXPECT_EQ(text, "HIT");
    }
    if (field == "age") {
      EXPECT_EQ(text, "2");
    }
  }
  answer.flatten();
  out.body = answer.body;
  return out;
}

TEST(CachedAnswer, AnswersPartsAndWhatTheAskerHas) {
  EXPECT_EQ(ask_for("x", "y").body, "0123456789");
  EXPECT_EQ(ask_for("range", "bytes=2-4").body, "234");
  EXPECT_EQ(ask_for("range", "bytes=2-4").range, "bytes 2-4/10");
  EXPECT_EQ(ask_for("range", "bytes=2-4").status, 206);
  EXPECT_EQ(ask_for("range", "bytes=7-").body, "789");
  EXPECT_EQ(ask_for("range", "bytes=-3").body, "789");
  EXPECT_EQ(ask_for("range", "bytes=-99").body, "0123456789");
  EXPECT_EQ(ask_for("range", "bytes=5-99").body, "56789");
  EXPECT_EQ(ask_for("range", "bytes=10-").status, 416);
  EXPECT_EQ(ask_for("range", "bytes=10-").range, "bytes */10");
  EXPECT_EQ(ask_for("range", "bytes=-0").status, 416);
  for (const char* ignored : {"bytes=4-2", "bytes=1-2,4-5", "bytes=-", "bytes=a-b", "lines=1-2", "bytes=5"})
    EXPECT_EQ(ask_for("range", ignored).status, 200) << ignored;
  EXPECT_EQ(ask_for("if-none-match", "\"v0\", W/\"v1\"").status, 304);
  EXPECT_EQ(ask_for("if-none-match", "*").body, "");
  EXPECT_EQ(ask_for("if-none-match", "\"v2\"").status, 200);
  EXPECT_EQ(ask_for("if-modified-since", "Tue, 14 Nov 2023 22:13:20 GMT").status, 304);
  EXPECT_EQ(ask_for("if-modified-since", "Tue, 14 Nov 2023 22:13:19 GMT").status, 200);
}

StoredAnswer large(std::size_t bytes) {
  return **read_answer(response("", std::string(bytes, 'x')), kNow);
}

TEST(CacheShelf, StaysWithinItsBoundAtTheCostOfWhoeverTakesMost) {
  Shelf shelf(100'000);
  shelf.put("modest", "a", large(10'000));
  for (int i = 0; i < 20; ++i) {
    shelf.put("greedy", "k" + std::to_string(i), large(10'000));
    EXPECT_LE(shelf.size(), 100'000U);
  }
  EXPECT_TRUE(shelf.find("modest", "a", kNow));
  EXPECT_FALSE(shelf.find("greedy", "k2", kNow));
  EXPECT_TRUE(shelf.find("greedy", "k19", kNow));
  EXPECT_FALSE(shelf.find("modest", "k19", kNow)) << "another Worker's";
  shelf.put("modest", "b", large(200'000));
  EXPECT_FALSE(shelf.find("modest", "b", kNow));
}

TEST(CacheShelf, ForgetsWhatIsOver) {
  Shelf shelf(100'000);
  shelf.put("s", "a", large(10));
  shelf.put("s", "b", large(10));
  EXPECT_TRUE(shelf.find("s", "a", kNow + 7'199'999));
  EXPECT_FALSE(shelf.find("s", "a", kNow + 7'200'000));
  EXPECT_TRUE(shelf.remove("s", "b", kNow));
  EXPECT_FALSE(shelf.remove("s", "b", kNow));
  EXPECT_EQ(shelf.size(), 0U);
}

const std::string kWorker = R"js(
const key = (request) => new Request('https://cache.test/a?' + new URL(request.url).searchParams.get('k'));
export default { async fetch(request) {
  const url = new URL(request.url);
  const cache = url.searchParams.has('name') ? await caches.open(url.searchParams.get('name')) : caches.default;
  if (url.pathname === '/put') {
    await cache.put(key(request), new Response(url.searchParams.get('v'), { headers: {
      'cache-control': 'max-age=60', etag: '"e"', 'x-mine': 'kept' } }));
    return new Response('put');
  }
  if (url.pathname === '/delete') return new Response(String(await cache.delete(key(request))));
  if (url.pathname === '/large') {
    await cache.put('https://cache.test/large', new Response(new Uint8Array(200000)));
    return new Response(await cache.match('https://cache.test/large') ? 'kept' : 'not kept');
  }
  if (url.pathname === '/stream') {
    const { readable, writable } = new TransformStream();
    const put = cache.put('https://cache.test/stream', new Response(readable, { headers: { 'cache-control': 'max-age=9' } }));
    const writer = writable.getWriter();
    await writer.write(new TextEncoder().encode('in ')); await writer.write(new TextEncoder().encode('pieces')); await writer.close();
    await put;
    return new Response(await (await cache.match('https://cache.test/stream')).text());
  }
  const found = await cache.match(key(request));
  if (!found) return new Response('miss');
  return new Response([await found.text(), found.headers.get('cf-cache-status'), found.headers.get('x-mine')].join());
} };
)js";

struct CacheGround {
  TestGround ground;
  SystemClock clock;
  std::unique_ptr<Cache> cache;

  CacheGround() {
    ground.options.cache_socket = ground.store.folder.path() / "cache.sock";
    ground.options.prepare.services_secret = "hush";
    ground.options.prepare.cache = true;
    CacheOptions options;
    options.secret = "hush";
    options.bytes = 1U << 20U;
    cache = std::make_unique<Cache>(clock, options);
    EXPECT_TRUE(cache->listen(ground.options.cache_socket.string()));
    EXPECT_TRUE(open_to_callers(ground.options.cache_socket));
    cache->start();
    ground.start();
  }
  ~CacheGround() {
    ground.runtimes->stop();
    cache->stop();
  }
};

TEST(Cache, KeepsWhatAWorkerPuts) {
  KILN_NEEDS_WORKERD();
  CacheGround around;
  const Uuid version = around.ground.add_script(kWorker);
  const auto get = [&](const std::string& path) { return body_of(around.ground.get(version, path)); };
  EXPECT_EQ(get("/match?k=1"), "miss");
  EXPECT_EQ(get("/put?k=1&v=one"), "put");
  EXPECT_EQ(get("/match?k=1"), "one,HIT,kept");
  EXPECT_EQ(get("/match?k=2"), "miss");
  EXPECT_EQ(get("/match?k=1&name=other"), "miss");
  EXPECT_EQ(get("/put?k=1&name=other&v=two"), "put");
  EXPECT_EQ(get("/match?k=1&name=other"), "two,HIT,kept");
  EXPECT_EQ(get("/match?k=1"), "one,HIT,kept");
  EXPECT_EQ(get("/delete?k=1"), "true");
  EXPECT_EQ(get("/delete?k=1"), "false");
  EXPECT_EQ(get("/match?k=1"), "miss");
  EXPECT_EQ(get("/stream"), "in pieces");
  EXPECT_EQ(get("/large"), "not kept") << "above an eighth of the bound";
}

TEST(Cache, IsSharedByAWorkersVersionsAndNobodyElse) {
  KILN_NEEDS_WORKERD();
  CacheGround around;
  TestGround& ground = around.ground;
  const Uuid first = ground.add_script(kWorker);
  const Uuid second = ground.add_script(kWorker + "// 2");
  store::NewVersion strange;
  strange.previews_only = true;
  const Uuid preview = ground.add({{"index.js", kEsm, kWorker}}, strange);
  const model::Account other = ground.store.add_account("other");
  ground.worker = ground.store.add_worker(other.id, "hello");
  const Uuid others = ground.add_script(kWorker);
  EXPECT_EQ(body_of(ground.get(first, "/put?k=1&v=one")), "put");
  EXPECT_EQ(body_of(ground.get(second, "/match?k=1")), "one,HIT,kept");
  EXPECT_EQ(body_of(ground.get(preview, "/match?k=1")), "miss");
  EXPECT_EQ(body_of(ground.get(others, "/match?k=1")), "miss");
}

TEST(Cache, AnswersNobodyWithoutAKeyOfTheSpace) {
  CacheGround around;
  const auto ask_with = [&](const std::string& space, const std::string& key) {
    return ask(around.ground.options.cache_socket.string(), "/a",
               "x-kiln-space: " + space + "\r\nx-kiln-secret: " + key + "\r\n");
  };
  EXPECT_TRUE(ask_with("mine", cache_key("hush", "mine")).starts_with("HTTP/1.1 504"));
  EXPECT_TRUE(ask_with("yours", cache_key("hush", "mine")).starts_with("HTTP/1.1 404"));
  EXPECT_TRUE(ask_with("mine", "").starts_with("HTTP/1.1 404"));
}

}  // namespace
}  // namespace kiln::serving
