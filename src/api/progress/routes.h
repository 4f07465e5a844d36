// What somebody who watches builds asks for, below /client/v4/accounts/{account_id}/builds: a build's story,
// its log by lines, what is different from another build, every Worker at a glance, the queue, and events.
// Kiln's own; the page and the CLI speak it. Registered once by app; handlers keep no state and may run on
// any thread of the server.
#pragma once

#include "api/auth.h"
#include "api/runner/notes.h"
#include "base/clock.h"
#include "http/router.h"
#include "queue/queue.h"
#include "read_cache/build_texts.h"
#include "store/build_store.h"
#include "store/event_store.h"
#include "store/glance_store.h"
#include "store/id_store.h"
#include "store/log_store.h"
#include "store/story_store.h"
#include "store/version_store.h"
#include "workers/account_hosts.h"

namespace kiln::api {

struct ProgressDeps {
  store::BuildStore& builds;
  store::LogStore& logs;
  store::StoryStore& stories;
  store::GlanceStore& glances;
  store::EventStore& events;
  store::VersionStore& versions;
  queue::Queue& queue;
  const RunnerNotes& runners;
  read_cache::BuildTexts& texts;
  const workers::AccountHosts& hosts;
  const Clock& clock;
  store::IdStore& ids;
};

void add_progress_routes(http::Router& router, const Gate& gate, const ProgressDeps& deps);

}  // namespace kiln::api
