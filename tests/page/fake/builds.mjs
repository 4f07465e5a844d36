// Builds, Workers, deliveries and logs of the fake server, in the shapes of api/openapi.yaml.
import { createHash } from 'node:crypto';
import { Log } from './log.mjs';

const at = (seconds) => new Date(Date.now() + seconds * 1000).toISOString();
const hex = (text, length) => createHash('sha256').update(text).digest('hex').slice(0, length);
const uuid = (text) => hex(text, 32).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
const whole = (count) => ({ page: 1, per_page: 50, count, total_count: count, total_pages: 1, next_page: false });
const page = (list) => ({ result: list, info: whole(list.length) });

const SENTENCES = {
  success: (build) => `Built and deployed in ${Math.round(build.took)} s.`,
  fail: (build) => (build.steps === 'install' ? 'npm clean-install failed: the lock file is out of step with package.json.' : 'The build command ended with exit code 1 after 31 s.'),
  skipped: () => 'Skipped: the commit message says [skip ci].',
  cancelled: () => 'Cancelled by owner after 12 s.',
  terminated: () => 'Terminated: the runner was gone while the deploy command ran.',
};

export class Builds {
  list = [];
  paused = new Set();
  mostMinutes = 3000;
  hook = { deploy_hook_uuid: uuid('hook'), deploy_hook_name: 'Content changed', branch: 'main', external_script_id: hex('x', 32), created_on: at(-9e5), modified_on: at(-9e5) };
  #timers = [];

  stop() {
    this.#timers.forEach(clearInterval);
  }

  add(wish) {
    const build = { status: wish.status ?? (wish.outcome === null ? 'running' : 'stopped'), outcome: null, branch: 'main', author: 'Ada Lovelace', took: 39, ...wish };
    build.id = uuid(`${build.worker}${this.list.length}`);
    build.commit = hex(build.id, 40);
    build.tag = hex(build.worker, 32);
    build.version = build.outcome === 'success' ? uuid(`v${build.id}`) : null;
    build.log = new Log(build);
    if (build.grows) this.#timers.push(setInterval(() => build.log.grow(Math.ceil(Math.random() * 6)), 120));
    this.list.push(build);
    return build;
  }

  summary(build) {
    const started = build.status === 'queued' || build.outcome === 'skipped' ? null : at(-build.ago + 2);
    const stopped = build.status === 'stopped' ? at(-build.ago + (build.outcome === 'skipped' ? 0 : 2 + build.took)) : null;
    return {
      build_uuid: build.id, script_tag: build.tag, worker_name: build.worker, status: build.status, build_outcome: build.outcome,
      sentence: build.status === 'queued' ? 'It waits for a runner.' : build.outcome ? SENTENCES[build.outcome](build) : 'The build command runs.',
      failed_step: build.outcome === 'fail' ? build.steps ?? 'build' : null, attempt: 1, build_trigger_source: 'push', branch: build.branch, commit_hash: build.commit,
      commit_message: build.message, author: build.author, restricted: false, pull_request_url: null, created_on: at(-build.ago), started_on: started, stopped_on: stopped,
      duration_ms: started ? build.took * 1000 : null, version_ids: build.version ? [build.version] : [],
    };
  }

  build(build) {
    const summary = this.summary(build);
    return {
      build_uuid: build.id, status: build.status, build_outcome: build.outcome, created_on: summary.created_on, modified_on: summary.created_on, initializing_on: summary.started_on,
      running_on: summary.started_on, stopped_on: summary.stopped_on, trigger: this.triggerThen(build), pull_request: null, version_ids: summary.version_ids, preview_url: null, preview_alias_url: null,
      build_trigger_metadata: {
        build_trigger_source: 'push', branch: build.branch, commit_hash: build.commit, commit_message: build.message, author: build.author, build_command: 'npm run build',
        deploy_command: 'npx wrangler deploy', root_directory: '/', build_token_uuid: uuid('token'), build_token_name: null, environment_variables: { STAGE: 'production', NPM_TOKEN: '[secret]' },
        repo_name: build.worker, provider_account_name: 'acme', provider_type: 'github',
      },
    };
  }

  trigger(build) {
    return { ...this.triggerThen(build), build_token_uuid: uuid('token'), build_token_name: 'CI', require_version: false, paused: this.paused.has(uuid(`t${build.worker}`)), fork_pull_requests: 'never', report_path_skips: false };
  }

  // As a build keeps it.
  triggerThen(build) {
    return {
      trigger_uuid: uuid(`t${build.worker}`), trigger_name: 'Deploy main', external_script_id: build.tag, build_command: 'npm run build', deploy_command: 'npx wrangler deploy', root_directory: '/',
      branch_includes: ['main'], branch_excludes: [], path_includes: ['*'], path_excludes: ['docs/*'], build_caching_enabled: true,
      created_on: at(-1e6), modified_on: at(-1e5), deleted_on: null,
      repo_connection: { repo_connection_uuid: uuid(`c${build.worker}`), provider_type: 'github', provider_account_id: '1', provider_account_name: 'acme', repo_id: '2', repo_name: build.worker, created_on: at(-1e6), modified_on: at(-1e6), deleted_on: null },
    };
  }

  detail(build) {
    const summary = this.summary(build);
    const done = build.outcome === 'success';
    return {
      build: this.build(build), summary, worker_url: `http://${build.worker}.dev.localhost:8788`, trace_id: summary.build_uuid.replaceAll('-', ''), runner_id: summary.started_on && 'local', steps: build.log.steps(), log_lines: build.log.total,
      caches: done ? [{ kind: 'dependencies', restored: true, kept: 'unchanged', bytes: 18_350_080 }, { kind: 'output', restored: false, kept: 'saved', bytes: 2_350_080 }] : [],
      tools: summary.started_on ? [{ name: 'nodejs', version: '22.16.0' }, { name: 'npm', version: '10.9.2' }] : [],
      usage: { memory_peak_bytes: summary.started_on && 412_090_368, cpu_ms: summary.started_on && 21_400, written_bytes: summary.started_on && 9_437_184, processes_peak: 34, build_minutes: summary.started_on ? 1 : 0 },
      waiting: build.status === 'queued' ? this.waiting(1) : null,
      versions: build.version ? [{ version_id: build.version, created_on: summary.stopped_on, preview_url: `http://${build.version.slice(0, 8)}-${build.worker}.dev.localhost:8788`, alias: null, alias_url: null, live_percentage: 100 }] : [],
      queued_ms: 2000, expected_ms: 41_000,
    };
  }

  waiting(position) {
    return { reason: 'slots', sentence: 'As many builds run as may: 2 of 2.', position, build_uuid: null, expected_start_on: at(30 * position) };
  }

  worker(name) {
    const mine = this.list.filter((build) => build.worker === name);
    const [latest] = mine;
    const good = mine.find((build) => build.version);
    const live = good && { version_id: good.version, percentage: 100, deployed_on: at(-good.ago + good.took), build_uuid: good.byHand ? null : good.id, branch: good.branch, commit_hash: good.byHand ? null : good.commit, commit_message: good.message, author: good.author };
    return {
      script_tag: latest.tag, worker_name: name, url: `http://${name}.dev.localhost:8788`, connected: !latest.byHand, latest_build: latest.byHand ? null : this.summary(latest),
      recent: latest.byHand ? [] : [latest.outcome, 'success', 'success', 'fail', 'success', 'success', 'cancelled', 'success'], live: live ? [live] : [],
    };
  }

  strip() {
    return { running: this.list.filter((build) => build.status === 'running').length, waiting: this.list.filter((build) => build.status === 'queued').length, slots: 2, no_builds: null };
  }

  limits() {
    return { has_reached_build_minutes_limit: false, build_minutes_refresh_on: at(1e6), build_minutes_used: 212, build_minutes_limit: this.mostMinutes };
  }

  deliveries() {
    return this.list.slice(0, 12).map((build, i) => ({
      delivery_uuid: uuid(`d${build.id}`), repo_connection_uuid: uuid(`c${build.worker}`), repo_name: build.worker, provider_type: 'github', provider_delivery_id: uuid(`p${i}`), event: 'push',
      signature: i === 3 ? 'refused' : i % 2 ? 'hook_secret' : 'verified', received_on: at(-build.ago), repeated: i === 2 ? 1 : 0,
      refs: i === 3 ? [] : [{ ref: `refs/heads/${build.branch}`, branch: build.branch, before: null, after: build.commit }],
      verdicts: i === 3 ? [] : [{
        trigger_uuid: uuid(`t${build.worker}`), trigger_name: 'Deploy main', worker_name: build.worker, script_tag: build.tag, branch: build.branch, commit_hash: build.commit,
        decision: build.outcome === 'skipped' ? 'skipped' : build.branch === 'main' ? 'built' : 'passed_over',
        rule: build.outcome === 'skipped' ? 'the commit message says [skip ci]' : build.branch === 'main' ? 'the branch pattern main includes main' : `the branch patterns (main) do not include ${build.branch}`,
        build_uuid: build.branch === 'main' ? build.id : null,
      }],
      notes: build.branch === 'main' ? [] : [`no trigger's branch patterns match ${build.branch}`],
    }));
  }

  answer(method, path, query, body) {
    const names = [...new Set(this.list.map((build) => build.worker))];
    const one = /^\/builds\/builds\/([0-9a-f-]{36})(\/.*)?$/.exec(path);
    if (one) return this.ofBuild(this.list.find((build) => build.id === one[1]), method, one[2] ?? '', query);
    if (path === '/builds/overview') return { result: { workers: names.map((name) => this.worker(name)), queue: this.strip(), limits: this.limits(), event_id: '0' } };
    if (path === '/builds/ids') {
      const all = this.list.flatMap((build) => [{ kind: 'build', id: build.id, worker_name: build.worker }, ...(build.version ? [{ kind: 'version', id: build.version, worker_name: build.worker }] : [])]);
      return { result: { ids: all.filter((one) => one.id.replaceAll('-', '').startsWith(query.get('beginning'))).slice(0, 20) } };
    }
    if (path === '/builds/queue') {
      const waiting = this.list.filter((build) => build.status === 'queued');
      return { result: { slots: 2, no_builds: null, running: this.list.filter((build) => build.status === 'running').map((build) => this.summary(build)), waiting: waiting.map((build, i) => ({ build: this.summary(build), waiting: this.waiting(i + 1) })) } };
    }
    if (path === '/builds/runners') return { result: [{ runner_id: 'local', state: 'taking', why: null, builds: this.list.filter((build) => build.status === 'running').slice(0, 2).map((build) => this.summary(build)) }] };
    if (path === '/builds/account/limits') return { result: this.limits() };
    if (/^\/kiln\/v1\/accounts\/[0-9a-f]{32}\/limits$/.test(path)) {
      this.mostMinutes = body.build_minutes_limit;
      return { result: { id: path.slice(18, 50), name: 'default', subdomain: 'dev', created_on: at(-9e6), build_minutes_limit: this.mostMinutes } };
    }
    if (path === '/builds/builds/list') {
      const found = this.list.filter((build) => (!query.get('script_tag') || build.tag === query.get('script_tag')) && (!query.get('branch') || build.branch === query.get('branch')) && (!query.get('outcome') || (build.outcome ?? build.status) === query.get('outcome')));
      return { result: { builds: found.slice(0, Number(query.get('limit') ?? 50)).map((build) => this.summary(build)), cursor: null } };
    }
    if (path === '/builds/builds') {
      const ids = (query.get('version_ids') ?? '').split(',');
      const found = this.list.filter((build) => ids.includes(build.version) && !build.byHand);
      return { result: { builds: Object.fromEntries(found.map((build) => [build.version, this.build(build)])) }, info: whole(found.length) };
    }
    if (path === '/builds/deliveries') return page(this.deliveries());
    if (path === '/builds/deliveries/match') {
      const build = this.list.find((each) => each.tag === body.script_tag);
      return { result: { verdicts: [{ ...this.deliveries()[0].verdicts[0], worker_name: build.worker, branch: body.branch, commit_hash: null, build_uuid: null, decision: body.branch === 'main' ? 'built' : 'passed_over', rule: body.branch === 'main' ? 'the branch pattern main includes main' : `the branch patterns (main) do not include ${body.branch}` }] } };
    }
    const delivery = /^\/builds\/deliveries\/(.+)$/.exec(path);
    if (delivery) return { result: this.deliveries().find((each) => each.delivery_uuid === delivery[1]) };
    if (/^\/builds\/workers\/[0-9a-f]{32}\/triggers$/.test(path)) return page(this.list.filter((build) => path.includes(build.tag)).slice(0, 1).map((build) => this.trigger(build)));
    if (/environment_variables$/.test(path)) return { result: { STAGE: { is_secret: false, value: 'production', created_on: at(-9e5) }, NPM_TOKEN: { is_secret: true, value: null, created_on: at(-8e5) } } };
    const trigger = /^\/builds\/triggers\/([^/]+)/.exec(path);
    if (trigger) {
      if (body?.paused !== undefined) this.paused[body.paused ? 'add' : 'delete'](trigger[1]);
      return { result: this.trigger(this.list.find((build) => uuid(`t${build.worker}`) === trigger[1]) ?? this.list[0]) };
    }
    if (path === '/builds/tokens') return page([{ build_token_uuid: uuid('token'), build_token_name: 'CI', cloudflare_token_id: hex('token', 32), owner_type: 'account' }]);
    if (/deploy_hooks$/.test(path)) return page([{ ...this.hook, latest_build: { created_on: at(-9000) } }]);
    if (/deploy_hooks\//.test(path)) return { result: Object.assign(this.hook, body) };
    return this.ofScript(path);
  }

  ofScript(path) {
    const found = /^\/workers\/(?:scripts|workers)\/([^/]+)\/?(.*)$/.exec(path);
    if (path === '/workers/domains') return { result: [] };
    if (!found) return null;
    const [, name, rest] = found;
    const mine = this.list.filter((build) => build.worker === name && build.version);
    const source = { created_on: at(-9000), source: 'wrangler' };
    if (rest === 'versions') return { result: { items: mine.map((build, i) => ({ id: build.version, number: mine.length - i, metadata: { created_on: at(-build.ago), modified_on: at(-build.ago), source: 'wrangler', author_id: '', author_email: '', has_preview: true, hasPreview: true }, annotations: {} })) }, info: whole(mine.length) };
    if (/^versions\/[^/]+\/compare$/.test(rest)) return { result: { other_version_ids: [uuid('other')], changes: [{ subject: 'module', name: 'index.js', from: '1.2 kB', to: '1.4 kB' }, { subject: 'compatibility_date', name: null, from: '2026-09-01', to: '2026-11-01' }], secrets: { only_here: [], only_there: ['STRIPE_KEY'] } } };
    const version = /^versions\/(.+)$/.exec(rest);
    if (version) return { result: { id: version[1], number: 3, ...source, author_id: '', author_email: 'owner@localhost', annotations: {}, main_module: 'index.js', compatibility_date: '2026-11-01', compatibility_flags: ['nodejs_compat'], limits: {}, bindings: [{ name: 'STRIPE_KEY', type: 'secret_text' }, { name: 'STAGE', type: 'plain_text', text: 'production' }], usage_model: 'standard', startup_time_ms: 12, urls: [`http://${version[1].slice(0, 8)}-${name}.dev.localhost:8788`], assets: { config: {} }, parts: { modules: [{ name: 'index.js', content_type: 'application/javascript+module', size: 48_200 }], assets: Array.from({ length: 240 }, (_, i) => ({ path: i ? `/img/${i}.png` : `/<b>${'long'.repeat(40)}.html`, size: 1200 * (i + 1) })) } } };
    if (rest === 'aliases') return { result: [{ alias: 'feature-x', version_id: mine[0]?.version ?? uuid('x'), modified_on: at(-6000), url: `http://feature-x-${name}.dev.localhost:8788` }] };
    if (rest === 'previews') return page([]);
    if (rest === 'secrets') return { result: [{ name: 'STRIPE_KEY', type: 'secret_text' }] };
    if (rest === 'subdomain') return { result: { enabled: true, previews_enabled: true } };
    if (rest === 'schedules') return { result: { schedules: [{ cron: '*/5 * * * *', created_on: at(-9e5), modified_on: at(-9e5), next_on: at(120) }] } };
    return null;
  }

  ofBuild(build, method, rest, query) {
    if (!build) return { status: 404, code: 12000, message: 'There is no build with this id' };
    if (rest === '/detail') return { result: this.detail(build) };
    if (rest === '/compare') {
      const other = this.list.find((each) => each.worker === build.worker && each.outcome === 'success' && each !== build);
      return { result: { other: other ? this.summary(other) : null, same_commit: false, commits_url: other ? 'https://github.com/acme/shop/compare/1...2' : null, changes: other ? [{ subject: 'commit', name: null, from: other.commit.slice(0, 8), to: build.commit.slice(0, 8) }, { subject: 'lock_file', name: 'package-lock.json', from: '9b1c0f33', to: 'e01d44a8' }, { subject: 'variable', name: 'STAGE', from: null, to: null }, { subject: 'tool', name: 'npm', from: '10.9.1', to: '10.9.2' }] : [] } };
    }
    if (rest === '/retry') return { result: { build_uuid: build.id, created_on: at(0), status: 'queued', already_exists: false } };
    if (rest === '/cancel') { build.status = 'stopped'; build.outcome = 'cancelled'; return { result: { build_uuid: build.id, build_outcome: 'cancelled', stopped_on: at(0) } }; }
    if (rest === '/logs/lines') return { result: build.log.window(query) };
    if (rest === '/logs/marks') return { result: build.log.marks() };
    if (rest === '/logs/search') return { result: build.log.search(query.get('q'), query.get('ignore_case') === 'true') };
    if (rest === '/logs/live') return { stream: (send) => build.log.follow(Number(query.get('from') ?? 1), send) };
    return rest === '' && method === 'GET' ? { result: this.build(build) } : null;
  }
}
