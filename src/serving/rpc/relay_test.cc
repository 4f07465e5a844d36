// Calls between real Workers, each in a process of its own, through the front's socket and the relay.
#include "serving/rpc/relay.h"

#include <atomic>

#include "serving/front/front.h"
#include "serving/test_ground.h"
#include "store/sqlite/route_resolver.h"

namespace kiln::serving {
namespace {

const std::string kCallee = R"js(
import { WorkerEntrypoint, RpcTarget } from 'cloudflare:workers';
class Counter extends RpcTarget {
  #count = 0;
  up(by) { return this.#count += by }
  get now() { return this.#count }
}
export default class extends WorkerEntrypoint {
  add(a, b) { return a + b }
  fails() { throw new TypeError('three is too many') }
  counter() { return new Counter() }
  async twice(call) { return await call(1) + await call(2) }
  whole(bytes) { return bytes.length }
  fetch() { return new Response('fetched') }
}
export class Admin extends WorkerEntrypoint {
  who() { return 'admin ' + this.env.NAME }
  fetch() { return new Response('the admin fetched') }
}
export const plain = { fetch() { return new Response('plain') } };
)js";

const std::string kCaller = R"js(
const calls = {
  async add({ C }) { return await C.add(2, 3) },
  async fetch({ C }) { return await (await C.fetch('http://x/')).text() },
  async fails({ C }) { try { await C.fails() } catch (e) { return e.constructor.name + ': ' + e.message } },
  async pipelined({ C }) { return await C.counter().up(7) },
  async stub({ C }) { using c = await C.counter(); await c.up(1); await c.up(2); return await c.now },
  async callback({ C }) { let seen = 0; const sum = await C.twice((n) => { seen += n; return n * 10 }); return sum + seen },
  async large({ C }) { return await C.whole(new Uint8Array(20 << 20)) },
  async admin({ A }) { return await A.who() },
  async adminFetch({ A }) { return await (await A.fetch('http://x/')).text() },
  async plainFetch({ P }) { return await (await P.fetch('http://x/')).text() },
  async missing({ M }) { try { return await M.who() } catch (e) { return e.message } },
  async missingFetch({ M }) { return (await M.fetch('http://x/')).status },
  async nobody({ N }) { try { return await N.add(1, 2) } catch (e) { return e.message } },
};
export default { async fetch(request, env) {
  try { return new Response(String(await calls[new URL(request.url).pathname.slice(1)](env))) }
  catch (e) { return new Response('threw ' + e.stack) }
} };
)js";

const std::string kBindings = R"([{"name":"C","type":"service","service":"callee"},
  {"name":"A","type":"service","service":"callee","entrypoint":"Admin"},
  {"name":"P","type":"service","service":"callee","entrypoint":"plain"},
  {"name":"M","type":"service","service":"callee","entrypoint":"Missing"},
  {"name":"N","type":"service","service":"nobody"}])";

struct Between {
  TestGround ground;
  store::sqlite::SqliteRouteResolver routes{*ground.store.database};
  std::unique_ptr<Relay> relay;
  std::unique_ptr<Front> front;
  RelayOptions options;

  Between() {
    ground.options.services_socket = ground.store.folder.path() / "calls.sock";
    ground.options.prepare.services_secret = "hush";
  }
  ~Between() {
    if (relay) relay->stop();
    if (front) front->stop();
    if (ground.runtimes) ground.runtimes->stop();
  }
  void start() {
    ground.start();
    relay = std::make_unique<Relay>(routes, ground.store.database->changes(), *ground.runtimes, options);
    FrontOptions settings;
    settings.service_secret = "hush";
    settings.rpc = relay.get();
    front = std::make_unique<Front>(routes, ground.store.database->changes(), *ground.runtimes, settings);
    ASSERT_TRUE(front->listen_services(ground.options.services_socket.string()));
    ASSERT_TRUE(open_to_callers(ground.options.services_socket));
    relay->start();
    front->start();
  }
  // A deployed version of the Worker of that name.
  Uuid deploy(const std::string& name, const std::string& code, const std::string& bindings = "[]",
              const std::vector<std::string>& entrypoints = {}) {
    ground.worker = ground.store.workers.worker(ground.account.id, name)
                        .or_else([&](const Error&) {
                          return Result<model::Worker>(ground.store.add_worker(ground.account.id, name));
                        })
                        .value();
    store::NewVersion fresh;
    fresh.version.bindings_json = bindings;
    fresh.version.entrypoints = entrypoints;
    const Uuid version = ground.add({{"index.js", kEsm, code}}, fresh);
    model::Deployment made;
    made.id = ground.store.entropy.uuid();
    made.worker_tag = ground.worker.tag;
    made.source = "wrangler";
    made.versions = {{version, 100}};
    EXPECT_TRUE(ground.store.versions.add_deployment(made));
    return version;
  }
  Uuid deploy_callee(const std::string& name = "v1") {
    return deploy("callee", kCallee, R"([{"name":"NAME","type":"plain_text","text":")" + name + "\"}]",
                  {"Admin", "plain"});
  }
};

TEST(Relay, CarriesEveryKindOfCall) {
  KILN_NEEDS_WORKERD();
  Between between;
  between.start();
  between.deploy_callee();
  const Uuid caller = between.deploy("caller", kCaller, kBindings);
  const auto call = [&](const std::string& name) { return body_of(between.ground.get(caller, "/" + name)); };
  EXPECT_EQ(call("add"), "5");
  EXPECT_EQ(call("fetch"), "fetched");
  EXPECT_EQ(call("fails"), "TypeError: three is too many");
  EXPECT_EQ(call("pipelined"), "7");
  EXPECT_EQ(call("stub"), "3");
  EXPECT_EQ(call("callback"), "33");
  EXPECT_EQ(call("large"), "20971520");
  EXPECT_EQ(call("admin"), "admin v1");
  EXPECT_EQ(call("adminFetch"), "the admin fetched");
  EXPECT_EQ(call("plainFetch"), "plain");
  EXPECT_NE(call("missing").find("exports no entrypoint Missing"), std::string::npos) << call("missing");
  EXPECT_EQ(call("missingFetch"), "404");
  EXPECT_NE(call("nobody").find("no Worker nobody"), std::string::npos) << call("nobody");
}

TEST(Relay, LosesNoCallWhileDeploymentsTakeOver) {
  KILN_NEEDS_WORKERD();
  Between between;
  between.start();
  between.deploy_callee("v0");
  const Uuid caller = between.deploy("caller", kCaller, kBindings);
  ASSERT_EQ(body_of(between.ground.get(caller, "/admin")), "admin v0");
  std::atomic<bool> stop = false;
  std::atomic<int> answered = 0;
  std::atomic<int> deployed = 0;
  std::vector<std::thread> clients;
  for (int i = 0; i < 2; ++i) {
    clients.emplace_back([&] {
      while (!stop) {
        const int before = deployed;
        const std::string answer = body_of(between.ground.get(caller, "/admin"));
        const int after = deployed;
        bool known = false;
        for (int v = before; v <= after + 1; ++v) known |= answer == "admin v" + std::to_string(v);
        EXPECT_TRUE(known) << before << ' ' << after << ' ' << answer;
        ++answered;
        answered.notify_all();
      }
    });
  }
  for (int v = 1; v <= 3; ++v) {
    between.deploy_callee("v" + std::to_string(v));
    deployed = v;
    for (int now = answered, until = now + 20; now < until; now = answered) answered.wait(now);
  }
  stop = true;
  for (std::thread& client : clients) client.join();
}

TEST(Relay, EndsACircleOfCalls) {
  KILN_NEEDS_WORKERD();
  Between between;
  between.options.max_sessions = 20;
  between.start();
  const std::string code =
      "import { WorkerEntrypoint } from 'cloudflare:workers';\n"
      "export default class extends WorkerEntrypoint {\n"
      "  async round(n) { try { return await this.env.SELF.round(n + 1) } catch (e) { return n + e.message } "
      "}\n"
      "  async fetch() { return new Response(await this.round(0)) } }";
  const Uuid version = between.deploy("ring", code, R"([{"name":"SELF","type":"service","service":"ring"}])");
  const std::string answer = body_of(between.ground.get(version));
  EXPECT_TRUE(answer.starts_with("20Too many calls from Worker to Worker")) << answer;
  EXPECT_EQ(body_of(between.ground.get(version)), answer) << "what was open has been closed";
}

TEST(Relay, StopsWhileCallsAreUnderWay) {
  KILN_NEEDS_WORKERD();
  for (int round = 0; round < 3; ++round) {
    Between between;
    between.start();
    const Uuid callee = between.deploy(
        "callee",
        "import { WorkerEntrypoint } from 'cloudflare:workers';\n"
        "let begun = 0; let wake = () => {};\n"
        "export default class extends WorkerEntrypoint {\n"
        "  async hang() { begun++; wake(); await new Promise((r) => setTimeout(r, 60000)) }\n"
        "  async fetch() { while (begun < 3) await new Promise((r) => { wake = r; setTimeout(r, 20) });\n"
        "    return new Response('begun') } }");
    const Uuid caller = between.deploy(
        "caller",
        "export default { async fetch(r, env) { await env.CALLEE.hang(); return new Response('x') } }",
        R"([{"name":"CALLEE","type":"service","service":"callee"}])");
    std::vector<std::thread> clients;
    for (int i = 0; i < 3; ++i) clients.emplace_back([&] { (void)between.ground.get(caller); });
    EXPECT_EQ(body_of(between.ground.get(callee)), "begun");
    between.relay->stop();
    between.front->stop();
    between.ground.runtimes->stop();
    for (std::thread& client : clients) client.join();
  }
}

TEST(Relay, TellsTailConsumersOfEachRequest) {
  KILN_NEEDS_WORKERD();
  Between between;
  between.start();
  const Uuid watcher =
      between.deploy("watcher",
                     "const seen = []; let wake = () => {};\n"
                     "export default { async fetch() { while (seen.length < 2) await new Promise((r) => { "
                     "wake = r; setTimeout(r, 50) });\n"
                     "  return Response.json(seen.sort()) },\n"
                     "tail(events) { for (const e of events) seen.push([e.event.request.url, "
                     "e.logs[0].message[0], e.outcome]) } }");
  const Uuid watched = between.deploy(
      "watched", "export default { fetch(r) { console.log('told'); return new Response('x') } }");
  model::Worker worker = between.ground.worker;
  worker.settings_json = R"({"tail_consumers":[{"service":"watcher"}]})";
  ASSERT_TRUE(between.ground.store.workers.update_worker(worker));
  EXPECT_EQ(body_of(between.ground.get(watched, "/a")), "x");
  EXPECT_EQ(body_of(between.ground.get(watched, "/b")), "x");
  EXPECT_EQ(body_of(between.ground.get(watcher)),
            R"([["http://hello.dev.localhost/a","told","ok"],["http://hello.dev.localhost/b","told","ok"]])");
}

TEST(Relay, LetsAProcessCallWhatItsBindingsNameAlone) {
  Callee read;
  const Callee mine{"acme", "callee", "Admin"};
  const std::string host = connect_host("hush", mine);
  EXPECT_TRUE(read_connect_host(host, "hush", read));
  EXPECT_EQ(read.worker + read.entrypoint, "calleeAdmin");
  const std::string key = host.substr(0, host.find('.'));
  for (const Callee& other : {Callee{"other", "callee", "Admin"}, Callee{"acme", "callee2", "Admin"},
                              Callee{"acme", "callee", ""}}) {
    const std::string theirs = connect_host("hush", other);
    EXPECT_FALSE(read_connect_host(key + theirs.substr(theirs.find('.')), "hush", read));
  }
  EXPECT_FALSE(read_connect_host(host, "", read));
  EXPECT_FALSE(read_connect_host(connect_host("", mine), "", read));
  for (const char* bad : {"", ".", "...", "....", "kiln", "a.b.c.d", "a.b.6.6", "x.y.61.61.61"})
    EXPECT_FALSE(read_connect_host(bad, "hush", read)) << bad;
}

}  // namespace
}  // namespace kiln::serving
