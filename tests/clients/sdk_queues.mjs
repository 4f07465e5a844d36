// The official TypeScript SDK on queues and event subscriptions, against the server of the environment; prints what it found.
//
//   sdk_queues.mjs walk WORKER            every method once, on queues of its own: {method: what came of it}
//   sdk_queues.mjs subscribe WORKER QUEUE EVENT…      a queue with a pull consumer, filled with those events: its id
//   sdk_queues.mjs pull QUEUE_ID [MS]     one batch, leased for so long: [{lease_id, attempts, event}…]
//   sdk_queues.mjs drain QUEUE_ID         pulls and acknowledges until nothing comes: [event…]
//
// CLOUDFLARE_SDK is the file: URL of the SDK's index.mjs.
const env = process.env;
const sdk = await import(env.CLOUDFLARE_SDK);
const account_id = env.CLOUDFLARE_ACCOUNT_ID;
const { queues } = new sdk.Cloudflare({ baseURL: env.CLOUDFLARE_BASE_URL, apiToken: env.CLOUDFLARE_API_TOKEN, maxRetries: 0 });

async function collect(list) {
  const items = [];
  for await (const item of list) items.push(item);
  return items;
}

// The method's answer, in the envelope or out of it.
const result = (answer) => answer.result ?? answer;

function decoded({ body, metadata }) {
  return metadata['CF-Content-Type'] === 'text' ? body : JSON.parse(Buffer.from(body, 'base64').toString());
}

async function pull(id, ms = 60000) {
  const answer = result(await queues.messages.pull(id, { account_id, batch_size: 100, visibility_timeout_ms: Number(ms) }));
  return answer.messages.map((message) => ({ ...message, event: decoded(message) }));
}

async function subscribe(worker, name, ...events) {
  const queue = await queues.create({ account_id, queue_name: name });
  await queues.consumers.create(queue.queue_id, { account_id, type: 'http_pull', settings: { batch_size: 10 } });
  await queues.subscriptions.create({
    account_id, name, enabled: true, events,
    source: { type: 'workersBuilds.worker', worker_name: worker },
    destination: { type: 'queues.queue', queue_id: queue.queue_id },
  });
  return queue.queue_id;
}

async function drain(id) {
  const seen = [];
  for (let batch = await pull(id); batch.length > 0; batch = await pull(id)) {
    seen.push(...batch.map(({ event }) => event));
    await queues.messages.ack(id, { account_id, acks: batch.map(({ lease_id }) => ({ lease_id })) });
  }
  return seen;
}

async function walk(worker) {
  const told = {};
  const queue = await queues.create({ account_id, queue_name: `walk-${worker}` });
  const id = queue.queue_id;
  told.listed = (await collect(queues.list({ account_id }))).some((one) => one.queue_id === id);
  told.edited = (await queues.edit(id, { account_id, settings: { message_retention_period: 3600 } })).settings;
  told.updated = (await queues.update(id, { account_id, queue_name: `walked-${worker}` })).queue_name;
  told.got = (await queues.get(id, { account_id })).queue_name;
  const consumer = result(await queues.consumers.create(id, { account_id, type: 'http_pull', settings: { max_retries: 1 } }));
  // Older releases name the queue before the consumer, newer ones among the parameters.
  const { update, get, delete: remove } = queues.consumers;
  const isOld = update.length === 4;
  const of = (method, params = {}) => (isOld
    ? method.call(queues.consumers, id, consumer.consumer_id, { account_id, ...params })
    : method.call(queues.consumers, consumer.consumer_id, { account_id, queue_id: id, ...params }));
  told.consumer = consumer.settings;
  told.consumers = (await collect(queues.consumers.list(id, { account_id }))).length;
  await of(update, { type: 'http_pull', settings: { batch_size: 2 } });
  told.batch = (await of(get)).settings.batch_size;
  await queues.messages.push(id, { account_id, body: { n: 1 } });
  await queues.messages.bulkPush(id, { account_id, messages: [{ body: 'two', content_type: 'text' }, { body: { n: 3 } }] });
  const batch = await pull(id);
  told.bodies = batch.map(({ event }) => event);
  const acked = result(await queues.messages.ack(id, {
    account_id, acks: [{ lease_id: batch[0].lease_id }], retries: [{ lease_id: batch[1].lease_id, delay_seconds: 0 }],
  }));
  told.acked = [acked.ackCount, acked.retryCount];
  told.again = (await pull(id)).map(({ event, attempts }) => [event, attempts]);
  await queues.purge.start(id, { account_id, delete_messages_permanently: true });
  told.purged = (await queues.purge.status(id, { account_id })).completed;
  const subscription = await queues.subscriptions.create({
    account_id, name: 'walk', enabled: false, events: ['build.failed'],
    source: { type: 'workersBuilds.worker', worker_name: worker }, destination: { type: 'queues.queue', queue_id: id },
  });
  told.subscriptions = (await collect(queues.subscriptions.list({ account_id }))).some((one) => one.id === subscription.id);
  told.enabled = (await queues.subscriptions.update(subscription.id, { account_id, enabled: true })).enabled;
  told.subscription = (await queues.subscriptions.get(subscription.id, { account_id })).events;
  await queues.subscriptions.delete(subscription.id, { account_id });
  await of(remove);
  await queues.delete(id, { account_id });
  return told;
}

const commands = { walk, subscribe, pull, drain };
const [name, ...words] = process.argv.slice(2);
if (!(name in commands)) throw new Error(`unknown command ${name}`);
console.log(JSON.stringify(await commands[name](...words)));
