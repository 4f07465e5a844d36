// Builds as the JSON that readers get. The text of a stopped build is assembled once and kept while its
// trigger stays as it is: readers that poll are most of the traffic. Owned by app; safe from any thread.
#pragma once

#include <cstdint>
#include <mutex>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "api/builds/text_cache.h"
#include "store/build_store.h"
#include "store/changes.h"
#include "store/trigger_store.h"
#include "wire/build_json.h"

namespace kiln::api::builds {

class BuildTexts {
 public:
  // `changes` are those of the database behind the two stores.
  BuildTexts(store::BuildStore& builds, store::TriggerStore& triggers, const store::Changes& changes,
             wire::EnvironmentForm form);

  // Each known version with its build's text; errors as of store::BuildStore.
  [[nodiscard]] Result<std::vector<std::pair<Uuid, Text>>> by_versions(const std::string& account_id,
                                                                       const std::vector<Uuid>& ids);
  [[nodiscard]] Result<Text> by_uuid(const std::string& account_id, const Uuid& uuid);
  [[nodiscard]] Result<Text> of_row(const store::BuildRow& row);

 private:
  struct TriggerText {
    std::uint64_t generation = 0;
    Text text;
  };

  [[nodiscard]] Result<Text> trigger_text(const Uuid& uuid, std::uint64_t generation);
  [[nodiscard]] Result<Text> assemble(const store::BuildRow& row, std::uint64_t generation);

  store::BuildStore& builds_;
  store::TriggerStore& triggers_;
  const store::Changes& changes_;
  const wire::EnvironmentForm form_;
  TextCache by_version_;
  TextCache by_build_;
  std::mutex mutex_;  // over trigger_texts_
  std::unordered_map<Uuid, TriggerText> trigger_texts_;
};

}  // namespace kiln::api::builds
