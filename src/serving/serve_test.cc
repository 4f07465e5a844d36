// Every kind of module, binding and asset through the real workerd.
#include "confine/host_users.h"
#include "serving/service_key.h"
#include "serving/spawn.h"
#include "serving/test_ground.h"

namespace kiln::serving {
namespace {

// A wasm module that exports answer() = 42.
const std::string kWasm(
    "\0asm\1\0\0\0\1\5\1\x60\0\1\x7f\3\2\1\0\7\x0a\1\6"
    "answer\0\0\x0a\6\1\4\0\x41\x2a\x0b",
    39);

TEST(Serve, RunsEveryKindOfModule) {
  KILN_NEEDS_WORKERD();
  TestGround ground;
  ground.start();
  const Uuid version = ground.add({
      {"index.js", kEsm,
       "import deep from './lib/deep.js'; import text from './we ird.txt'; import data from 'lib/d.bin';\n"
       "import wasm from './sum.wasm'; import cjs from './c.cjs';\n"
       "export default { async fetch() { const i = await WebAssembly.instantiate(wasm);\n"
       "return new Response([deep, text, new Uint8Array(data).join('.'), i.exports.answer(), "
       "cjs.x].join('|')) } }"},
      {"lib/deep.js", kEsm, "export default 'deep'"},
      {"we ird.txt", "text/plain; charset=utf-8", "some text"},
      {"lib/d.bin", "application/octet-stream", std::string("\0\1\xff", 3)},
      {"sum.wasm", "application/wasm", kWasm},
      {"c.cjs", "application/javascript", "module.exports = { x: 'cjs' }"},
      {"index.js.map", "application/source-map", "{}"},
  });
  EXPECT_EQ(body_of(ground.get(version)), "deep|some text|0.1.255|42|cjs");
}

TEST(Serve, RunsTheServiceWorkerFormat) {
  KILN_NEEDS_WORKERD();
  TestGround ground;
  ground.start();
  store::NewVersion fresh;
  fresh.version.body_part = "worker.js";
  fresh.version.bindings_json =
      R"([{"name":"T","type":"text_blob","part":"t"},{"name":"D","type":"data_blob","part":"d"},)"
      R"({"name":"W","type":"wasm_module","part":"w"},{"name":"V","type":"plain_text","text":"v"}])";
  const Uuid version = ground.add(
      {{"worker.js", "application/javascript",
        "addEventListener('fetch', e => e.respondWith((async () => { const i = await "
        "WebAssembly.instantiate(W);\n"
        "return new Response([T, new Uint8Array(D).length, i.exports.answer(), V].join('|')) })()))"},
       {"t", "text/plain", "blob"},
       {"d", "application/octet-stream", "12345"},
       {"w", "application/wasm", kWasm}},
      fresh);
  EXPECT_EQ(body_of(ground.get(version)), "blob|5|42|v");
}

TEST(Serve, GivesBindingsExactlyAsTheyWereSet) {
  KILN_NEEDS_WORKERD();
  TestGround ground;
  ground.start();
  store::NewVersion fresh;
  const std::string hard = "\"\\\n\t\x01\x7f ü 😀 $(x) #{y} \xe2\x80\xa8 end\\";
  fresh.secrets["S"] = hard;
  fresh.version.annotations_json = R"({"workers/tag":"t9"})";
  fresh.version.bindings_json =
      R"([{"name":"S","type":"secret_text"},{"name":"A \"q\" \\ b","type":"plain_text","text":"a\"b\\c\nd"},)"
      R"({"name":"J","type":"json","json":{"a":[1,"\"x\\"]}},{"name":"M","type":"version_metadata"}])";
  const Uuid version = ground.add(
      {{"index.js", kEsm,
        "export default { fetch(r, env) { return new Response(new URL(r.url).pathname == '/s' ? env.S : "
        "JSON.stringify([env['A \"q\" \\\\ b'], env.J, env.M.id, env.M.tag])) } }"}},
      fresh);
  EXPECT_EQ(body_of(ground.get(version, "/s")), hard);
  EXPECT_EQ(body_of(ground.get(version)),
            R"(["a\"b\\c\nd",{"a":[1,"\"x\\"]},")" + version.str() + R"(","t9"])");
}

TEST(Serve, ServesAssetsAheadOfTheWorkerAndBehindIt) {
  KILN_NEEDS_WORKERD();
  TestGround ground;
  ground.start();
  store::NewVersion fresh;
  fresh.version.bindings_json = R"([{"name":"ASSETS","type":"assets"}])";
  fresh.version.assets_config_json =
      R"({"run_worker_first":["/api/*"],"_headers":"/*\n  X-Test: one\n","_redirects":"/old /new 301\n"})";
  const Uuid version = ground.add(
      {{"index.js", kEsm,
        "export default { async fetch(r, env) { if (new URL(r.url).pathname == '/api/file') "
        "return new Response('via ' + await (await env.ASSETS.fetch('http://x/a%20b.txt')).text());\n"
        "return new Response('worker') } }"}},
      fresh, {{"/index.html", "<h1>home</h1>"}, {"/a b.txt", "spaced"}, {"/api/x.txt", "asset"}});
  const std::string home = ground.get(version, "/");
  EXPECT_EQ(body_of(home), "<h1>home</h1>");
  EXPECT_NE(home.find("x-test: one"), std::string::npos) << home;
  EXPECT_NE(home.find("text/html"), std::string::npos) << home;
  EXPECT_EQ(body_of(ground.get(version, "/a%20b.txt")), "spaced");
  EXPECT_EQ(body_of(ground.get(version, "/api/file")), "via spaced");
  EXPECT_EQ(body_of(ground.get(version, "/api/x.txt")), "worker");
  EXPECT_EQ(body_of(ground.get(version, "/none")), "worker");
  const std::string moved = ground.get(version, "/old");
  EXPECT_NE(moved.find("301"), std::string::npos) << moved;
  EXPECT_NE(moved.find("ocation: /new"), std::string::npos) << moved;
}

TEST(Serve, ServesAssetsAlone) {
  KILN_NEEDS_WORKERD();
  TestGround ground;
  ground.start();
  store::NewVersion single_page;
  single_page.version.assets_config_json = R"({"not_found_handling":"single-page-application"})";
  const Uuid version = ground.add({}, single_page, {{"/index.html", "app"}, {"/deep/er/x.js", "1"}});
  const std::string page = ground.get(version, "/some/page");
  EXPECT_EQ(body_of(page), "app");
  EXPECT_NE(page.find("200 OK"), std::string::npos);
  EXPECT_EQ(body_of(ground.get(version, "/deep/er/x.js")), "1");
  store::NewVersion not_found;
  not_found.version.assets_config_json = R"({"not_found_handling":"404-page"})";
  const Uuid other = ground.add({}, not_found, {{"/index.html", "app"}, {"/404.html", "nothing here"}});
  const std::string missing = ground.get(other, "/some/page");
  EXPECT_EQ(body_of(missing), "nothing here");
  EXPECT_NE(missing.find("404"), std::string::npos);
}

TEST(Serve, CallsAnotherWorkerOverTheFrontsSocketAndSaysWhich) {
  KILN_NEEDS_WORKERD();
  TestGround ground;
  ground.options.services_socket = ground.store.folder.path() / "front.sock";
  ground.options.prepare.services_secret = "shown";
  const Result<Fd> front = listen_on(ground.options.services_socket);
  ASSERT_TRUE(front) << front.error().message;
  ASSERT_TRUE(open_to_callers(ground.options.services_socket));
  struct stat socket {};
  ASSERT_EQ(stat(ground.options.services_socket.c_str(), &socket), 0);
  EXPECT_EQ(socket.st_mode & 07777U, geteuid() == 0 ? 0660U : 0600U);
  EXPECT_EQ(socket.st_gid, geteuid() == 0 ? kCallsGroup : getegid());
  const timeval limit{20, 0};
  setsockopt(front->get(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  ground.start();
  store::NewVersion fresh;
  fresh.version.bindings_json = R"([{"name":"OTHER","type":"service","service":"the-other"}])";
  const Uuid version =
      ground.add({{"index.js", kEsm,
                   "export default { fetch(r, env) { return env.OTHER.fetch('https://any.test/p?q', "
                   "{headers: {'x-kiln-service': 'forged'}}) } }"}},
                 fresh);
  auto answer = std::async(std::launch::async, [&] { return ground.get(version); });
  const Fd call(accept4(front->get(), nullptr, nullptr, SOCK_CLOEXEC));
  std::array<char, 4096> chunk{};
  const ssize_t got = recv(call.get(), chunk.data(), chunk.size(), 0);
  const std::string request(chunk.data(), static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
  const std::string reply = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nother";
  ASSERT_EQ(send(call.get(), reply.data(), reply.size(), 0), static_cast<ssize_t>(reply.size()));
  EXPECT_EQ(body_of(answer.get()), "other");
  EXPECT_NE(request.find("GET /p?q HTTP/1.1"), std::string::npos) << request;
  EXPECT_NE(request.find("x-kiln-service: the-other"), std::string::npos) << request;
  EXPECT_NE(request.find("x-kiln-account: " + ground.account.id), std::string::npos) << request;
  const std::string key = service_key("shown", {ground.account.id, "the-other", ""});
  EXPECT_NE(request.find("x-kiln-secret: " + key), std::string::npos) << request;
  EXPECT_EQ(request.find("forged"), std::string::npos) << request;
  EXPECT_NE(request.find("any.test"), std::string::npos) << request;
}

}  // namespace
}  // namespace kiln::serving
