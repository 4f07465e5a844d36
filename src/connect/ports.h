// What connecting reads, writes and asks. Everything referred to outlives the call.
#pragma once

#include <functional>
#include <string>

#include "base/clock.h"
#include "base/entropy.h"
#include "base/result.h"
#include "model/trigger.h"
#include "store/build_token_store.h"
#include "store/connection_store.h"
#include "store/trigger_store.h"
#include "store/watch_store.h"
#include "store/worker_store.h"

namespace kiln::connect {

// How a Worker is to be called that nobody named, and the sentence that says why.
struct NamedWorker {
  std::string name;
  std::string why;
};

// What kind of host stands somewhere, and what says so.
struct HostKind {
  enum class By { set_up, name, nothing };
  std::string provider;
  By by = By::nothing;
};

struct Ports {
  store::ConnectionStore& connections;
  store::TriggerStore& triggers;
  store::BuildTokenStore& build_tokens;
  store::WorkerStore& workers;
  store::WatchStore& watches;
  Entropy& entropy;
  const Clock& clock;
  // The branch that the repository's HEAD names (scm::Git::default_branch).
  std::function<Result<std::string>(const model::RepoConnection&)> default_branch;
  // The key that the SSH host shows now (scm::Git::host_key).
  std::function<Result<std::string>(const model::RepoConnection&)> host_key;
  // Whether git reads the web repository at a URL by that authorization. Errors: Errc::forbidden when its
  // host refuses it, those of scm::Git::default_branch else.
  std::function<Status(const std::string& account_id, const std::string& url,
                       const std::string& authorization)>
      can_open;
  // The kind of host that stands at a URL, and how git shows it a token (scm/forge/provider.h).
  std::function<HostKind(const std::string& account_id, const std::string& url)> provider_of;
  std::function<std::string(const std::string& provider, const std::string& token)> authorization_of;
  // How the Worker of a repository is called, by its configuration on that branch (empty: not known) or by
  // the repository's name. Errors: Errc::invalid, field "worker", where neither is a Worker's name.
  std::function<Result<NamedWorker>(const model::RepoConnection&, const std::string& branch,
                                    const std::string& root_directory)>
      name_of_worker;
};

}  // namespace kiln::connect
