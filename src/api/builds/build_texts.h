// Builds as the JSON that readers get. The text of a stopped build is assembled once and kept, since readers
// that poll are most of the traffic; its trigger is shown as it is now, so that stands apart. Owned by app;
// safe from any thread.
#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <cstdint>
#include <mutex>
#include <string>
#include <vector>

#include "api/builds/text_cache.h"
#include "store/build_store.h"
#include "store/changes.h"
#include "store/trigger_store.h"
#include "wire/build_json.h"
#include "workers/account_hosts.h"

namespace kiln::api::builds {

// A Build is the two texts, and "}".
struct BuildText {
  Text build;
  Text trigger;

  [[nodiscard]] std::string whole() const;
};

class BuildTexts {
 public:
  // `changes` are those of the database behind the two stores. Previews are shown where `hosts` has them now,
  // whatever the port was when they were made; what is kept is right because hosts stay as long as the server
  // runs.
  BuildTexts(store::BuildStore& builds, store::TriggerStore& triggers, const workers::AccountHosts& hosts,
             const store::Changes& changes, wire::EnvironmentForm form);

  // Each known version's build; its text begins with `},"<version id>":`, so that the members of an object
  // stand one behind the other. In the order of `ids` but for those that had to be read. Errors as of
  // store::BuildStore.
  [[nodiscard]] Result<std::vector<BuildText>> by_versions(const std::string& account_id,
                                                           const std::vector<Uuid>& ids);
  [[nodiscard]] Result<BuildText> by_uuid(const std::string& account_id, const Uuid& uuid);
  [[nodiscard]] Result<BuildText> of_row(const store::BuildRow& row);

 private:
  struct TriggerText {
    std::uint64_t generation = 0;
    Text text;
  };

  [[nodiscard]] Result<Text> trigger_text(const Uuid& uuid);
  // Gives each member its trigger's text.
  [[nodiscard]] Status add_triggers(std::vector<BuildText>& members, const std::vector<Uuid>& triggers);
  // Appends the build as far as its trigger.
  [[nodiscard]] Status append_build(std::string& out, const store::BuildRow& row);

  store::BuildStore& builds_;
  store::TriggerStore& triggers_;
  const workers::AccountHosts& hosts_;
  const store::Changes& changes_;
  const wire::EnvironmentForm form_;
  TextCache by_version_;
  TextCache by_build_;
  std::mutex mutex_;  // over trigger_texts_
  boost::unordered_flat_map<Uuid, TriggerText, std::hash<Uuid>> trigger_texts_;
};

}  // namespace kiln::api::builds
