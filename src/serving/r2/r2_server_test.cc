// The R2 binding of a real Worker, and what nobody but it may ask.
#include "serving/r2/r2_server.h"

#include <boost/json.hpp>

#include "base/entropy.h"
#include "base/http_client.h"
#include "serving/r2/answer.h"
#include "serving/service_key.h"
#include "serving/test_ground.h"
#include "store/r2/files.h"

namespace kiln::serving {
namespace {

namespace json = boost::json;

constexpr const char* kR2Worker = R"js(
const hex = (buffer) => [...new Uint8Array(buffer)].map((b) => b.toString(16).padStart(2, '0')).join('');
const shown = (o) => o && { key: o.key, size: o.size, range: o.range, type: o.httpMetadata?.contentType,
  custom: o.customMetadata, body: 'body' in o };
const read = async (o) => o && ('body' in o ? await o.text() : 'no body');
export default { async fetch(request, env) {
  const url = new URL(request.url);
  const q = (name) => url.searchParams.get(name);
  const r2 = env.R2;
  const does = {
    '/put': async () => shown(await r2.put(q('k'), q('v'))),
    '/get': async () => read(await r2.get(q('k'))),
    '/head': async () => shown(await r2.head(q('k'))),
    '/delete': () => r2.delete(q('k').split(',')),
    '/meta': async () => {
      await r2.put('m\u00e4', 'v', { httpMetadata: { contentType: 'text/html', cacheExpiry: new Date(5000) }, customMetadata: { a: '\u00e9\n' } });
      const o = await r2.get('m\u00e4');
      return [shown(o), o.httpMetadata.cacheExpiry.getTime()];
    },
    '/range': async () => {
      await r2.put('r', '0123456789');
      const parts = [];
      for (const range of [{ offset: 2 }, { offset: 2, length: 3 }, { suffix: 4 }, { length: 2 }, new Headers({ range: 'bytes=1-2' })]) {
        const o = await r2.get('r', { range });
        parts.push([o.range.offset, o.range.length, await o.text()]);
      }
      return parts;
    },
    '/bad_range': async () => { await r2.put('r', '0123456789'); return read(await r2.get('r', { range: { offset: 50 } })); },
    '/if': async () => {
      const o = await r2.put('c', 'one');
      return [
        await read(await r2.get('c', { onlyIf: { etagMatches: o.etag } })),
        await read(await r2.get('c', { onlyIf: { etagMatches: 'other' } })),
        await r2.put('c', 'two', { onlyIf: { etagDoesNotMatch: o.etag } }),
        await r2.put('c', 'two', { onlyIf: new Headers({ 'if-none-match': '*' }) }),
        shown(await r2.put('c', 'two', { onlyIf: { etagMatches: o.etag } }))?.size,
        await read(await r2.get('c', { onlyIf: { uploadedAfter: new Date(Date.now() + 3600e3) } })),
      ];
    },
    '/digest': async () => {
      const sha = await crypto.subtle.digest('SHA-256', new TextEncoder().encode('v'));
      const o = await r2.put('d', 'v', { sha256: sha });
      return [hex(o.checksums.md5), hex(o.checksums.sha256) === hex(sha)];
    },
    '/bad_digest': () => r2.put('d', 'other', { md5: '900150983cd24fb0d6963f7d28e17f72' }),
    '/list': async () => {
      for (const key of ['l/a', 'l/b/1', 'l/b/2', 'l/c']) await r2.put(key, 'x', { customMetadata: { key } });
      const page = await r2.list({ prefix: 'l/', delimiter: '/', limit: 2, include: ['customMetadata'] });
      const rest = await r2.list({ prefix: 'l/', delimiter: '/', cursor: page.cursor });
      return [page.objects.map((o) => o.customMetadata.key), page.delimitedPrefixes, page.truncated,
              rest.objects.map((o) => o.key), rest.truncated];
    },
    '/parts': async () => {
      const upload = await r2.createMultipartUpload('big', { httpMetadata: { contentType: 'x/y' } });
      const size = 5 * 1024 * 1024;
      const parts = [await upload.uploadPart(1, new Uint8Array(size).fill(97)), await upload.uploadPart(2, 'tail')];
      const o = await r2.resumeMultipartUpload('big', upload.uploadId).complete(parts);
      const last = await r2.get('big', { range: { suffix: 6 } });
      return [o.size, last.httpMetadata.contentType, await last.text()];
    },
    '/abort': async () => { const upload = await r2.createMultipartUpload('gone'); await upload.uploadPart(1, 'x'); await upload.abort(); return r2.head('gone'); },
    '/stream': async () => {
      const size = 3_000_000;
      const { readable, writable } = new FixedLengthStream(size);
      const writer = writable.getWriter();
      const fed = (async () => { for (let i = 0; i < 3; ++i) await writer.write(new Uint8Array(1_000_000).fill(i)); await writer.close(); })();
      await Promise.all([fed, r2.put('s', readable)]);
      const bytes = new Uint8Array(await (await r2.get('s')).arrayBuffer());
      return [bytes.length, bytes[0], bytes[1_500_000], bytes[2_999_999]];
    },
    '/ssec': () => r2.put('e', 'v', { ssecKey: new Uint8Array(32) }),
  };
  try { return new Response(JSON.stringify(await does[url.pathname]()) ?? 'undefined'); } catch (e) { return new Response(e.message); }
} };
)js";

struct R2Ground {
  TestGround ground;
  std::filesystem::path folder = ground.store.folder.path() / "r2";
  SystemClock clock;
  SystemEntropy entropy;
  std::unique_ptr<store::r2::Files> files;
  std::unique_ptr<R2Server> server;

  explicit R2Ground(std::int64_t bytes = 0) {
    EXPECT_TRUE(make_directory(folder, 0700));
    store::r2::FileLimits limits;
    limits.bytes = bytes;
    files = std::make_unique<store::r2::Files>(folder, clock, entropy, limits);
    ground.options.r2_socket = ground.store.folder.path() / "r2.sock";
    ground.options.prepare.services_secret = "hush";
    R2Options options;
    options.secret = "hush";
    server = std::make_unique<R2Server>(*files, options);
    EXPECT_TRUE(server->listen(ground.options.r2_socket.string()));
    EXPECT_TRUE(open_to_callers(ground.options.r2_socket));
    server->start();
    ground.start();
  }
  ~R2Ground() {
    ground.runtimes->stop();
    server->stop();
  }
  R2Ground(const R2Ground&) = delete;
  R2Ground& operator=(const R2Ground&) = delete;

  Uuid add(const std::string& bucket, bool previews_only = false) {
    store::NewVersion fresh;
    fresh.previews_only = previews_only;
    fresh.version.bindings_json = R"([{"type":"r2_bucket","name":"R2","bucket_name":")" + bucket + "\"}]";
    const Uuid version = ground.add({{"index.js", kEsm, kR2Worker}}, fresh);
    space = model::r2_bucket_id(ground.store.versions.runnable_version(version)->account_id, bucket);
    EXPECT_TRUE(files->make(space));
    return version;
  }
  std::string get(const Uuid& version, const std::string& path) { return body_of(ground.get(version, path)); }

  std::string space;  // of the last one added
};

TEST(R2, KeepsWhatAWorkerPuts) {
  KILN_NEEDS_WORKERD();
  R2Ground around;
  const Uuid version = around.add("media");
  const auto get = [&](const std::string& path) { return around.get(version, path); };
  EXPECT_EQ(get("/get?k=a"), "null");
  EXPECT_EQ(get("/put?k=a&v=one"), R"({"key":"a","size":3,"custom":{},"body":false})");
  EXPECT_EQ(get("/get?k=a"), "\"one\"");
  EXPECT_EQ(get("/put?k=e&v="), R"({"key":"e","size":0,"custom":{},"body":false})");
  EXPECT_EQ(get("/get?k=e"), "\"\"");
  EXPECT_EQ(
      get("/meta"),
      R"([{"key":"mä","size":1,"range":{"offset":0,"length":1},"type":"text/html","custom":{"a":"é\n"},)"
      R"("body":true},5000])");
  EXPECT_EQ(get("/digest"), R"(["9e3669d19b675bd57058fd4664205d2a",true])");
  EXPECT_EQ(get("/stream"), "[3000000,0,1,2]");
  get("/delete?k=a,e,none");
  EXPECT_EQ(get("/head?k=a"), "null");
}

TEST(R2, AnswersRangesConditionsAndLists) {
  KILN_NEEDS_WORKERD();
  R2Ground around;
  const Uuid version = around.add("media");
  const auto get = [&](const std::string& path) { return around.get(version, path); };
  EXPECT_EQ(get("/range"), R"([[2,8,"23456789"],[2,3,"234"],[6,4,"6789"],[0,2,"01"],[1,2,"12"]])");
  EXPECT_EQ(get("/if"), R"(["one","no body",null,null,3,"no body"])");
  EXPECT_EQ(get("/list"), R"([["l/a"],["l/b/"],true,["l/c"],false])");
  EXPECT_EQ(get("/parts"), R"([5242884,"x/y","aatail"])");
  EXPECT_EQ(get("/abort"), "null");
}

TEST(R2, RefusesInTheHostedPlatformsWords) {
  KILN_NEEDS_WORKERD();
  R2Ground around(5);
  const Uuid version = around.add("media");
  const auto get = [&](const std::string& path) { return around.get(version, path); };
  EXPECT_NE(get("/bad_digest").find("(10037)"), std::string::npos) << get("/bad_digest");
  EXPECT_NE(get("/ssec").find("SSE-C"), std::string::npos) << get("/ssec");
  EXPECT_NE(get("/put?k=a&v=123456").find("limit"), std::string::npos) << get("/put?k=a&v=123456");
  EXPECT_NE(get("/put?v=1&k=" + std::string(1025, 'k')).find("(10020)"), std::string::npos);
  ASSERT_TRUE(around.files->drop(around.space));
  EXPECT_NE(get("/put?k=a&v=1").find("(10006)"), std::string::npos) << get("/put?k=a&v=1");
}

TEST(R2, AVersionThatMayNeverBeLiveHasACopyOfItsOwn) {
  KILN_NEEDS_WORKERD();
  R2Ground around;
  const Uuid preview = around.add("media", true);
  EXPECT_EQ(around.get(preview, "/put?k=a&v=theirs").substr(0, 10), R"({"key":"a")");
  EXPECT_EQ(around.get(preview, "/get?k=a"), "\"theirs\"");
  EXPECT_EQ(around.files->size(around.space)->objects, 0);
  EXPECT_EQ(around.files->size(around.space + "." + preview.str())->objects, 1);
}

TEST(R2, IsNobodyElses) {
  KILN_NEEDS_WORKERD();
  R2Ground around;
  around.add("media");
  const std::string other(32, 'b');
  ASSERT_TRUE(around.files->make(other));
  const auto ask = [&](const std::string& space, const std::string& secret) {
    HttpRequest request;
    request.url = "http://kiln/";
    request.unix_socket = around.ground.options.r2_socket.string();
    request.headers = {{"x-kiln-r2", space},
                       {"x-kiln-secret", secret},
                       {"cf-r2-request", R"({"version":1,"method":"list"})"}};
    const Result<HttpResponse> answer = CurlClient().send(request);
    return answer ? answer->status : 0;
  };
  EXPECT_EQ(ask(other, r2_key("hush", other)), 200);
  EXPECT_EQ(ask(other, r2_key("hush", around.space)), 404) << "another's key";
  EXPECT_EQ(ask(other, kv_key("hush", other)), 404) << "another kind's";
  EXPECT_EQ(ask(other, ""), 404);
  EXPECT_EQ(ask("", r2_key("", "")), 404);
}

TEST(R2, AListIsAsLongAsItsReaderTakes) {
  store::R2Page page;
  for (int i = 0; i < 1000; ++i) {
    model::R2Object object;
    object.key = std::to_string(i);
    object.about.custom = {{"k", std::string(8000, 'v')}};
    page.entries.push_back({object, "cursor" + std::to_string(i)});
  }
  R2Request request;
  request.lists_custom = true;
  const std::string text = r2_list_text(page, request);
  EXPECT_LT(text.size(), std::size_t{1} << 20U);
  const json::value read = json::parse(text);
  const std::size_t count = read.at("objects").as_array().size();
  EXPECT_GT(count, 50U);
  EXPECT_TRUE(read.at("truncated").as_bool());
  EXPECT_EQ(read.at("cursor").as_string(), "cursor" + std::to_string(count - 1));
}

}  // namespace
}  // namespace kiln::serving
