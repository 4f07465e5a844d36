// Every route of the public API over a real store: whatever comes as query and body, the answer is an
// envelope and never our fault. Input: one byte that chooses the route, the query up to a line break, then
// the body.
#include <algorithm>
#include <boost/json.hpp>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "app/public_routes.h"
#include "events/local_hub.h"
#include "queue/stores_for_test.h"
#include "store/kv/files.h"
#include "store/r2/files.h"
#include "store/sqlite/attestation_store.h"
#include "testing/memory_store.h"
#include "workers/ports_for_test.h"

namespace {

using namespace kiln;

constexpr unsigned kOwner = 4711;

// No host answers here.
class Silence final : public HttpClient {
 public:
  Result<HttpResponse> send(const HttpRequest&) override { return fail(Errc::unavailable, "nobody answers"); }
};

// The routes over a store that holds one of everything; it grows with the inputs.
struct House {
  House() {
    trigger = store.add_trigger();
    build = store.add_build(trigger);
    const auto no_config = [](const model::RepoConnection&, const std::string&,
                              const std::string&) -> Result<project::Autofill> {
      return fail(Errc::not_found, "no such branch");
    };
    const auto no_seed = [](const model::RepoConnection&, const std::string&,
                            const scm::Seed&) -> Result<api::CommitInfo> {
      return fail(Errc::conflict, "the branch is there");
    };
    const auto commit = [](const model::RepoConnection&, const std::string&,
                           const std::string&) -> Result<api::CommitInfo> {
      return api::CommitInfo{std::string(40, 'c'), "Say hello", "Ada"};
    };
    const auto no_files = [](const model::RepoConnection&, const model::PushEvent&, api::HookDeps::Until) {
      return model::ChangedFiles{};
    };
    const auto text_of = [](const model::RepoConnection&, const std::string&,
                            api::HookDeps::Until) -> Result<queue::Queue::CommitText> {
      return queue::Queue::CommitText{"Ada", "A change"};
    };
    const auto secrets = [](const model::RepoConnection&) -> Result<std::vector<std::string>> {
      return std::vector<std::string>{"secret"};
    };
    const api::BuildsDeps builds{store.builds,
                                 store.connections,
                                 store.triggers,
                                 store.build_tokens,
                                 store.workers,
                                 store.deploy_hooks,
                                 store.deliveries,
                                 queue,
                                 store.clock,
                                 store.entropy,
                                 texts,
                                 commit,
                                 no_config,
                                 no_seed,
                                 git_hosts};
    app::add_public_routes(
        router, {gate,
                 [] { return Status{}; },
                 builds,
                 {ports, store.accounts, tails},
                 {store.connections, queue, store.clock, secrets, no_files, text_of},
                 {store.forges, directory, store.reports, store.clock, store.entropy, pending_apps,
                  [] { return std::string("https://kiln.example"); }},
                 {store.builds, store.logs, store.stories, store.glances, store.events, store.versions, queue,
                  runners, texts, hosts, store.clock, store.ids},
                 {store.sessions, store.accounts, sessions, store.clock, store.entropy},
                 {store.queues, store.messages, store.subscriptions, store.clock, store.entropy},
                 {store.sinks, store.sink_deliveries, store.clock, store.entropy,
                  [](const std::string&) { return Status(); }, [] {}},
                 {store.kv_namespaces, kv_values, store.clock, store.entropy},
                 {store.d1_databases, d1_files, store.clock, store.entropy,
                  [](const Uuid&, const std::string&, bool) -> Result<std::string> {
                    return fail(Errc::unavailable, "no process runs here");
                  },
                  [](const Uuid&) { return Status(); }, [](const Uuid&) { return std::int64_t{0}; }},
                 {store.r2_buckets, r2_objects, store.clock},
                 control_of(builds),
                 {store.audit},
                 {store.badges, store.workers, store.triggers, store.glances, store.clock, store.entropy,
                  "https://kiln.example"},
                 {attestations, store.versions, blobs}});
  }

  // No host answers, and nothing is kept beside the store.
  api::ControlDeps control_of(const api::BuildsDeps& builds) {
    return {builds,
            store.accounts,
            "https://kiln.example",
            [] { return boost::json::object{}; },
            [] { return boost::json::array{}; },
            [] {
              return boost::json::object{{"builds_can_run", true}, {"rows", boost::json::array{}}};
            },
            "doctor",
            [] { return Result<std::int64_t>(0); },
            [] { return false; },
            [](bool) {},
            [](const api::UrlAsked&) -> Result<store::Route> {
              return fail(Errc::not_found, "nothing answers there");
            },
            [](const model::RepoConnection&) { return Result<std::string>("main"); },
            [](const model::RepoConnection&) -> Result<std::string> {
              return fail(Errc::unavailable, "nobody answers");
            },
            [](const std::string&, const std::string&, const std::string&) { return Status(); },
            [](const std::string&, const std::string&) {
              return connect::HostKind{"git", {}};
            },
            nullptr,
            store.watches,
            0,
            [](const Uuid&) {},
            {}};
  }

  std::string param_of(const std::string& name) const {
    if (name == "account_id") return trigger.account_id;
    if (name == "trigger_uuid") return trigger.uuid.str();
    if (name == "build_uuid") return build.uuid.str();
    if (name == "external_script_id") return trigger.worker_tag;
    if (name == "script_name") return "hello";
    if (name == "repo_connection_uuid") return trigger.connection.uuid.str();
    return build.uuid.str();
  }

  testing::TestStore store;
  scm::HostSlots git_hosts{{1, 1}};
  events::LocalHub hub;
  forges::Directory directory{store.connections, store.forges, store.clock,
                              [](const std::string&) { return std::make_unique<Silence>(); }};
  api::PendingApps pending_apps{store.clock, store.entropy};
  api::RunnerNotes runners{store.clock};
  api::Sessions sessions{store.sessions, store.database->changes(), store.clock, {}};
  queue::Queue queue{queue::stores_of(store), hub, store.clock, store.entropy, queue::Settings{}};
  workers::Tails tails{store.clock, store.entropy, hub};
  api::D1Transfers d1_files{store.folder.path() / "d1-files", store.clock, store.entropy};
  store::kv::Files kv_values{store.folder.path(), store.clock, {}};
  store::r2::Files r2_objects{store.folder.path() / "r2", store.clock, store.entropy, {}};
  store::sqlite::SqliteAttestationStore attestations{*store.database, store.box, store.entropy};
  workers::BlobStore blobs{store.folder.path() / "blobs"};
  workers::AccountHosts hosts{store.accounts, "localhost"};
  workers::Ports ports = workers::ports_of(store, blobs, hosts);
  api::Gate gate{store.accounts, store.database->changes(), store.clock, kOwner, 0};
  read_cache::BuildTexts texts{
      store.builds, store.triggers, hosts, store.database->changes(), wire::EnvironmentForm::objects, {}};
  http::Router router;
  model::Trigger trigger;
  model::Build build;
};

void check(http::Response response) {
  response.flatten();
  if (response.status >= 500 && response.status != 502 && response.status != 504) std::abort();
  if (response.status == 204 || response.status == 304 || response.body.empty()) return;
  const bool is_json = std::any_of(response.headers.begin(), response.headers.end(), [](const auto& header) {
    return header.first == "content-type" && header.second == "application/json";
  });
  if (!is_json) return;
  boost::system::error_code error;
  const boost::json::value body = boost::json::parse(response.body, error);
  if (error || !body.is_object()) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static House house;
  if (size == 0) return 0;
  const auto& routes = house.router.routes();
  const http::Route& route = *routes[data[0] % routes.size()];
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  const std::size_t line = std::min(text.find('\n'), text.size());

  http::Request request;
  request.peer = "unix";
  request.peer_uid = kOwner;
  if (!http::parse_target("/?" + std::string(text.substr(0, line)), request)) request.query.clear();
  request.method = route.method;
  request.path = route.pattern;
  for (const http::Route::Param& param : route.params) {
    request.params.emplace_back(param.name, house.param_of(param.name));
  }
  request.headers = {{"content-type", "application/json"}};
  request.body = text.substr(std::min(line + 1, text.size()));
  if (request.body.size() > route.options.max_body) return 0;
  request.last_try = true;
  const http::Reply reply = route.handler(request);
  if (const auto* response = std::get_if<http::Response>(&reply)) check(*response);
  return 0;
}
