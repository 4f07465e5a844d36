// Queues of real Workers: what they send, and what they are called with.
#include <algorithm>

#include "base/http_client.h"
#include "serving/queues/queue_server.h"
#include "serving/queues/runner.h"
#include "serving/service_key.h"
#include "serving/test_ground.h"

namespace kiln::serving {
namespace {

constexpr const char* kQueueWorker = R"js(
const say = async (run) => { try { return JSON.stringify(await run() ?? null); } catch (e) { return e.message; } };
const kind = (v) => v instanceof Map ? `Map ${[...v]}` : v instanceof Uint8Array ? `bytes ${v}`
  : typeof v === 'bigint' ? `bigint ${v}` : v instanceof Date ? `Date ${v.getTime()}` : `${typeof v} ${JSON.stringify(v)}`;
export default {
  async fetch(request, env) {
    const does = {
      '/text': () => env.Q.send('plain', { contentType: 'text' }),
      '/json': () => env.Q.send({ a: [1, null] }, { contentType: 'json' }),
      '/null': () => env.Q.send(null),
      '/bytes': () => env.Q.send(new Uint8Array([0, 255, 10]), { contentType: 'bytes' }),
      '/v8': () => env.Q.send(new Map([['n', 10n]]), { contentType: 'v8' }),
      '/batch': () => env.Q.sendBatch([{ body: 'one' }, { body: 2n, contentType: 'v8' }, { body: new Date(5), contentType: 'v8' }]),
      '/large': () => env.Q.send('x'.repeat(128001), { contentType: 'text' }),
      '/many': () => env.Q.sendBatch(Array(101).fill({ body: 1 })),
      '/late': () => env.Q.send('late', { delaySeconds: 86401 }),
      '/metrics': () => env.Q.metrics(),
    };
    return new Response(await say(does[new URL(request.url).pathname]));
  },
  async queue(batch) {
    for (const m of batch.messages) console.log(`got ${m.attempts} ${kind(m.body)}`);
    console.log(`batch ${batch.queue} ${batch.messages.length} ${batch.metadata.metrics.backlogCount}`);
  },
};
)js";

struct QueueGround {
  TestGround ground;
  SystemEntropy entropy;
  std::unique_ptr<QueueServer> server;
  std::unique_ptr<QueueRunner> runner;
  model::MessageQueue queue = add_queue("orders");

  QueueGround() {
    ground.options.queues_socket = ground.store.folder.path() / "queues.sock";
    ground.options.prepare.services_secret = "hush";
    QueueOptions options;
    options.secret = "hush";
    options.sent = [this](const std::string& id) {
      if (runner) runner->wake(id);
    };
    server = std::make_unique<QueueServer>(ground.store.queues, ground.store.messages, entropy, options);
    EXPECT_TRUE(server->listen(ground.options.queues_socket.string()));
    EXPECT_TRUE(open_to_callers(ground.options.queues_socket));
    server->start();
    ground.start();
  }
  ~QueueGround() {
    if (runner) runner->stop_calling();
    server->stop();
    ground.runtimes->stop();
    if (runner) runner->stop();
  }

  model::MessageQueue add_queue(const std::string& name) {
    model::MessageQueue made{ground.store.entropy.hex32(), ground.account.id, name, {}, 0, 0};
    EXPECT_TRUE(ground.store.queues.add_queue(made));
    return made;
  }
  void consume(int batch_size = 10, int max_retries = 3, const std::string& dead = "") {
    model::QueueConsumer made = model::usual_worker_consumer();
    made.id = ground.store.entropy.hex32();
    made.worker_name = "hello";
    made.batch_size = batch_size;
    made.max_retries = max_retries;
    made.max_wait_ms = 0;
    made.dead_letter_queue = dead;
    EXPECT_TRUE(ground.store.queues.add_consumer(ground.account.id, queue.id, made));
  }
  Uuid add(const std::string& code, bool previews_only = false) {
    store::NewVersion fresh;
    fresh.previews_only = previews_only;
    fresh.version.compatibility_date = "2026-01-01";
    fresh.version.bindings_json = R"([{"type":"queue","name":"Q","queue_name":"orders"}])";
    return ground.add({{"index.js", kEsm, code}}, fresh);
  }
  Uuid deploy(const std::string& code) {
    const Uuid version = add(code);
    model::Deployment live;
    live.id = ground.store.entropy.uuid();
    live.worker_tag = ground.worker.tag;
    live.versions = {{version, 100}};
    EXPECT_TRUE(ground.store.versions.add_deployment(live));
    return version;
  }
  void start() {
    QueueRunnerOptions options;
    options.limits.first_rest = std::chrono::milliseconds(10);
    runner = std::make_unique<QueueRunner>(ground.store.batches, ground.store.messages,
                                           ground.store.route_resolver, *ground.runtimes, options);
    EXPECT_TRUE(runner->start());
  }
  void send(const std::string& body) {
    EXPECT_TRUE(ground.store.messages.send(ground.account.id, queue.id,
                                           {{entropy.uuid(), body, model::ContentType::text, {}}}));
    if (runner) runner->wake(queue.id);
  }
  std::string get(const Uuid& version, const std::string& path) { return body_of(ground.get(version, path)); }
  std::int64_t backlog(const model::MessageQueue& of) {
    return ground.store.messages.backlog(ground.account.id, of.id)->count;
  }
  long printed(const std::string& text) {
    const std::lock_guard lock(ground.mutex);
    return std::count_if(ground.lines.begin(), ground.lines.end(),
                         [&](const std::string& line) { return line.find(text) != std::string::npos; });
  }
};

TEST(Queues, CarryEveryKindOfBodyAsItWas) {
  KILN_NEEDS_WORKERD();
  QueueGround around;
  const Uuid version = around.deploy(kQueueWorker);
  EXPECT_EQ(around.get(version, "/metrics"), R"({"backlogCount":0,"backlogBytes":0})");
  for (const char* path : {"/text", "/json", "/null", "/bytes", "/v8"})
    EXPECT_NE(around.get(version, path).find(R"({"metadata":{"metrics":{"backlogCount":)"), std::string::npos)
        << path;
  EXPECT_NE(around.get(version, "/batch").find(R"("backlogCount":8,)"), std::string::npos);
  around.consume();
  around.start();
  ASSERT_TRUE(comes_true([&] { return around.printed("batch orders 8 8") == 1; }));
  for (const char* line :
       {"got 1 string \"plain\"", "got 1 object {\"a\":[1,null]}", "got 1 object null",
        "got 1 bytes 0,255,10", "got 1 Map n,10", "got 1 string \"one\"", "got 1 bigint 2", "got 1 Date 5"})
    EXPECT_EQ(around.printed(line), 1) << line;
  EXPECT_TRUE(comes_true([&] { return around.backlog(around.queue) == 0; }));
}

TEST(Queues, SayInTheExceptionWhatWasWrong) {
  KILN_NEEDS_WORKERD();
  QueueGround around;
  const Uuid version = around.add(kQueueWorker);
  EXPECT_EQ(around.get(version, "/large"),
            "Queue send failed: message length of 128001 bytes exceeds limit of 128000");
  EXPECT_EQ(around.get(version, "/many"),
            "Queue sendBatch failed: batch message count of 101 exceeds limit of 100");
  EXPECT_EQ(around.get(version, "/late"), "Queue send failed: delaySeconds must be between 0 and 86400");
  ASSERT_TRUE(around.ground.store.queues.delete_queue(around.ground.account.id, around.queue.id));
  EXPECT_EQ(around.get(version, "/text"), "Queue send failed: The queue does not exist.");
}

TEST(Queues, TakeNothingFromWhatMayNeverBeLive) {
  KILN_NEEDS_WORKERD();
  QueueGround around;
  const std::string said = around.get(around.add(kQueueWorker, true), "/text");
  EXPECT_EQ(
      said,
      "Queue send failed: This version may never be live: its messages would be those of production, so it "
      "sends none to the queue orders");
  EXPECT_EQ(around.backlog(around.queue), 0);
}

TEST(Queues, AnswerNobodyWithoutAKey) {
  QueueGround around;
  const std::string own = around.ground.account.id + ".orders";
  const auto status_with = [&](const std::string& name, const std::string& key, const std::string& path) {
    HttpRequest request;
    request.method = "POST";
    request.url = "http://queues" + path;
    request.unix_socket = around.ground.options.queues_socket.string();
    request.headers = {{"x-kiln-queue", name}, {"x-kiln-secret", key}};
    request.body = "x";
    CurlClient client;
    const auto answer = client.send(request);
    return answer ? answer->status : 0;
  };
  EXPECT_EQ(status_with(own, queue_key("hush", own), "/message"), 200);
  EXPECT_EQ(status_with(own, queue_key("hush", own), "/other"), 404);
  EXPECT_EQ(status_with(own, queue_key("hush", around.ground.account.id + ".other"), "/message"), 404);
  EXPECT_EQ(status_with(own, kv_key("hush", own), "/message"), 404);
  EXPECT_EQ(status_with(own, queue_key("", own), "/message"), 404);
  EXPECT_EQ(status_with("", "", "/message"), 404);
  EXPECT_EQ(status_with(own + ".version", queue_key("hush", own + ".version"), "/message"), 403);
  EXPECT_EQ(around.backlog(around.queue), 1);
}

TEST(QueueConsumers, AcknowledgeRetryAndBuryMessageByMessage) {
  KILN_NEEDS_WORKERD();
  QueueGround around;
  const model::MessageQueue dead = around.add_queue("dead");
  around.deploy(
      "export default { async queue(batch) { for (const m of batch.messages) {\n"
      "  console.log(`saw ${m.body} ${m.attempts}`); if (m.body === 'bad') m.retry(); else m.ack(); } } }");
  around.consume(10, 1, "dead");
  around.send("fine");
  around.send("bad");
  around.start();
  ASSERT_TRUE(comes_true([&] { return around.backlog(dead) == 1; }));
  EXPECT_EQ(around.backlog(around.queue), 0);
  EXPECT_TRUE(comes_true([&] { return around.printed("saw bad 2") == 1; }));
  EXPECT_EQ(around.printed("saw fine"), 1);
  EXPECT_EQ(around.printed("saw bad"), 2);
}

TEST(QueueConsumers, AreCalledAgainWithAllWhereTheyThrow) {
  KILN_NEEDS_WORKERD();
  QueueGround around;
  around.deploy(
      "let n = 0; export default { async queue(batch, env, ctx) {\n"
      "  console.log(`try ${++n} of ${batch.messages.map((m) => m.body + m.attempts)}`);\n"
      "  if (n === 1) throw new Error('not yet'); if (n === 2) batch.retryAll({ delaySeconds: 0 }); } }");
  around.consume();
  around.send("a");
  around.send("b");
  around.start();
  ASSERT_TRUE(comes_true([&] { return around.backlog(around.queue) == 0; }));
  EXPECT_TRUE(comes_true([&] { return around.printed("try 3 of a3,b3") == 1; }));
  EXPECT_EQ(around.printed("try"), 3);
}

TEST(QueueConsumers, AreWokenByWhatTheySendThemselves) {
  KILN_NEEDS_WORKERD();
  QueueGround around;
  around.deploy(
      "export default { async queue(batch, env) { const n = batch.messages[0].body; console.log('at ' + n);\n"
      "  if (Number(n) < 5) await env.Q.send(String(Number(n) + 1), { contentType: 'text' }); } }");
  around.consume(1);
  around.start();
  around.send("1");
  EXPECT_TRUE(comes_true([&] { return around.printed("at 5") == 1; }));
}

TEST(QueueConsumers, LoseAndCountNothingWhereTheyCannotBeCalled) {
  KILN_NEEDS_WORKERD();
  QueueGround around;
  around.consume(10, 0);
  around.send("early");
  around.start();
  around.deploy("console.log('began'); export default { fetch() { return new Response('no handler') } }");
  around.runner->renew();
  ASSERT_TRUE(comes_true([&] { return around.printed("began") >= 1; }));
  EXPECT_EQ(around.backlog(around.queue), 1);
  around.deploy("export default { queue(batch) { console.log('got', batch.messages[0].attempts) } }");
  around.runner->renew();
  EXPECT_TRUE(comes_true([&] { return around.printed("got 1") == 1; }));
  EXPECT_TRUE(comes_true([&] { return around.backlog(around.queue) == 0; }));
}

TEST(QueueConsumers, HoldUpNoOtherQueueWhenTheyHang) {
  KILN_NEEDS_WORKERD();
  QueueGround around;
  around.deploy(
      "export default { async queue(batch) { if (batch.queue === 'orders') { console.log('hangs');\n"
      "  await new Promise((r) => setTimeout(r, 600_000)); } console.log('done ' + batch.queue); } }");
  around.consume(1);
  for (int i = 0; i < 20; ++i) around.send("x");
  around.start();
  ASSERT_TRUE(comes_true([&] { return around.printed("hangs") == 4; }));
  const model::MessageQueue other = around.add_queue("other");
  around.queue = other;
  around.consume(1);
  around.send("x");
  around.runner->renew();
  EXPECT_TRUE(comes_true([&] { return around.printed("done other") == 1; }));
  EXPECT_EQ(around.printed("hangs"), 4) << "as many as a queue may have at once";
}

TEST(QueueConsumers, GoOnAfterARestartWithWhatWasUnderWay) {
  KILN_NEEDS_WORKERD();
  QueueGround around;
  around.deploy(
      "export default { async queue(batch) { console.log('got ' + batch.messages[0].attempts);\n"
      "  if (batch.messages[0].body === 'slow') await new Promise((r) => setTimeout(r, 600_000)); } }");
  around.consume(1, 0);
  around.send("slow");
  around.start();
  ASSERT_TRUE(comes_true([&] { return around.printed("got 1") == 1; }));
  around.runner->stop();
  EXPECT_EQ(around.backlog(around.queue), 1);
  around.start();
  EXPECT_TRUE(comes_true([&] { return around.printed("got 1") == 2; })) << "the same attempt";
}

}  // namespace
}  // namespace kiln::serving
