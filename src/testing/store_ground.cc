#include "testing/store_ground.h"

#include <cstdio>
#include <cstdlib>
#include <utility>

#include "base/hash.h"

namespace kiln::testing {
namespace {

// The value, or the end of the test program: a test's ground must hold before the test says anything.
template <typename T>
T sure(Result<T> result) {
  if (!result) {
    std::fprintf(stderr, "setting up a test store: %s\n", result.error().message.c_str());
    std::abort();
  }
  if constexpr (!std::is_void_v<T>) return std::move(*result);
}

}  // namespace

StoreGround::StoreGround(const StoreFactory& factory)
    : box(sha256("the key of a test store")),
      opened(factory.open(folder.path(), clock, box, entropy)),
      accounts(opened->ports().accounts),
      connections(opened->ports().connections),
      build_tokens(opened->ports().build_tokens),
      triggers(opened->ports().triggers),
      builds(opened->ports().builds),
      queue(opened->ports().queue),
      workers(opened->ports().workers),
      versions(opened->ports().versions),
      previews(opened->ports().previews),
      assets(opened->ports().assets),
      host_routes(opened->ports().host_routes),
      route_resolver(opened->ports().route_resolver),
      deploy_hooks(opened->ports().deploy_hooks),
      badges(opened->ports().badges),
      pull_requests(opened->ports().pull_requests),
      schedules(opened->ports().schedules),
      deliveries(opened->ports().deliveries),
      logs(opened->ports().logs),
      outbox(opened->ports().outbox),
      reports(opened->ports().reports),
      forges(opened->ports().forges),
      watches(opened->ports().watches),
      stories(opened->ports().stories),
      glances(opened->ports().glances),
      ids(opened->ports().ids),
      events(opened->ports().events),
      sessions(opened->ports().sessions),
      queues(opened->ports().queues),
      messages(opened->ports().messages),
      batches(opened->ports().batches),
      subscriptions(opened->ports().subscriptions),
      sinks(opened->ports().sinks),
      sink_deliveries(opened->ports().sink_deliveries),
      kv_namespaces(opened->ports().kv_namespaces),
      d1_databases(opened->ports().d1_databases),
      r2_buckets(opened->ports().r2_buckets),
      audit(opened->ports().audit),
      gauges(opened->ports().gauges),
      traces(opened->ports().traces),
      snapshots(opened->ports().snapshots),
      checks(opened->ports().checks),
      retained(opened->ports().retained),
      feed(opened->ports().feed) {}

StoreGround::~StoreGround() = default;

model::Account StoreGround::add_account(const std::string& name) {
  model::Account account{entropy.hex32(), name, name, clock.now()};
  if (Status added = accounts.add_account(account); !added) {
    account.subdomain = name + "-" + account.id.substr(0, 8);
    sure(accounts.add_account(account));
  }
  return account;
}

model::Worker StoreGround::add_worker(const std::string& account_id, const std::string& name) {
  model::Worker worker;
  worker.tag = entropy.hex32();
  worker.account_id = account_id;
  worker.name = name;
  worker.created_on = worker.modified_on = clock.now();
  return sure(workers.ensure_worker(worker));
}

model::RepoConnection StoreGround::add_connection(const std::string& account_id,
                                                  const std::string& repo_name) {
  model::RepoConnection connection;
  connection.uuid = entropy.uuid();
  connection.account_id = account_id;
  connection.provider_type = "github";
  connection.provider_account_id = "1001";
  connection.provider_account_name = "octo";
  connection.repo_id = connection.uuid.str();
  connection.repo_name = repo_name;
  connection.clone_url = "https://github.com/octo/" + repo_name + ".git";
  connection.created_on = connection.modified_on = clock.now();
  return sure(connections.upsert_connection(connection));
}

model::BuildToken StoreGround::add_build_token(const std::string& account_id, const std::string& secret) {
  model::BuildToken token;
  token.uuid = entropy.uuid();
  token.account_id = account_id;
  token.name = "deploys";
  token.cloudflare_token_id = entropy.hex32();
  token.created_on = clock.now();
  sure(build_tokens.add_build_token(token, secret));
  return token;
}

model::Trigger StoreGround::add_trigger(const model::Worker& worker, const std::string& branch) {
  model::Trigger trigger;
  trigger.uuid = entropy.uuid();
  trigger.account_id = worker.account_id;
  trigger.worker_tag = worker.tag;
  trigger.name = "Deploy " + branch;
  trigger.build_command = "npm run build";
  trigger.deploy_command = "npx wrangler deploy";
  trigger.branch_includes = {branch};
  trigger.path_includes = {"*"};
  trigger.build_token_uuid = add_build_token(worker.account_id).uuid;
  trigger.connection = add_connection(worker.account_id, worker.name);
  trigger.created_on = trigger.modified_on = clock.now();
  return sure(triggers.add_trigger(trigger));
}

model::Trigger StoreGround::add_trigger() {
  return add_trigger(add_worker(add_account().id));
}

store::NewBuild StoreGround::make_build(const model::Trigger& trigger, const std::string& branch) {
  store::NewBuild fresh;
  model::Build& build = fresh.build;
  build.uuid = entropy.uuid();
  build.account_id = trigger.account_id;
  build.worker_tag = trigger.worker_tag;
  build.trigger_uuid = trigger.uuid;
  build.created_on = build.modified_on = clock.now();
  build.metadata.branch = branch;
  build.metadata.commit_hash = entropy.hex32() + "01234567";
  build.metadata.commit_message = "Say hello";
  build.metadata.author = "Ada <ada@example.com>";
  build.metadata.build_command = trigger.build_command;
  build.metadata.deploy_command = trigger.deploy_command;
  build.metadata.root_directory = trigger.root_directory;
  build.metadata.build_token_uuid = trigger.build_token_uuid;
  build.metadata.build_token_name = trigger.build_token_name;
  build.metadata.repo_name = trigger.connection.repo_name;
  build.metadata.provider_account_name = trigger.connection.provider_account_name;
  build.metadata.provider_type = trigger.connection.provider_type;
  return fresh;
}

model::Build StoreGround::add_build(const model::Trigger& trigger, const std::string& branch) {
  store::Intake intake;
  intake.builds.push_back(make_build(trigger, branch));
  sure(queue.enqueue(intake));
  return intake.builds.front().build;
}

model::DeployHook StoreGround::add_deploy_hook(const std::string& account_id, const std::string& worker_tag,
                                               const std::string& name, const std::string& branch) {
  model::DeployHook hook{entropy.uuid(), account_id,  worker_tag,  name,
                         branch,         clock.now(), clock.now(), std::nullopt};
  sure(deploy_hooks.add_hook(hook));
  return hook;
}

store::ClaimRequest StoreGround::make_claim(const std::string& runner_id, int max_running) {
  store::ClaimRequest request;
  request.runner_id = runner_id;
  request.lease_id = entropy.uuid();
  request.lease_ms = 30'000;
  request.max_running = max_running;
  request.token_hash = sha256("token of " + request.lease_id.str());
  return request;
}

store::Claimed StoreGround::claim_next(const store::ClaimRequest& request) {
  std::optional<store::Claimed> claimed = sure(queue.claim(request)).claimed;
  if (!claimed) sure<void>(fail(Errc::not_found, "there is nothing to claim"));
  return std::move(*claimed);
}

}  // namespace kiln::testing
