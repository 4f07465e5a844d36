#include "api/builds/build_texts.h"

#include <boost/json/serialize.hpp>
#include <memory>

namespace kiln::api::builds {
namespace {

constexpr std::size_t kVersionBytes = 48U << 20U;
constexpr std::size_t kBuildBytes = 8U << 20U;
constexpr std::size_t kMostTriggers = 10'000;

}  // namespace

BuildTexts::BuildTexts(store::BuildStore& builds, store::TriggerStore& triggers,
                       const store::Changes& changes, wire::EnvironmentForm form)
    : builds_(builds),
      triggers_(triggers),
      changes_(changes),
      form_(form),
      by_version_(kVersionBytes),
      by_build_(kBuildBytes) {}

Result<Text> BuildTexts::trigger_text(const Uuid& uuid, std::uint64_t generation) {
  {
    const std::lock_guard lock(mutex_);
    const auto found = trigger_texts_.find(uuid);
    if (found != trigger_texts_.end() && found->second.generation == generation) return found->second.text;
  }
  const Result<model::Trigger> trigger = triggers_.trigger_in_any_state(uuid);
  if (!trigger) return tl::unexpected<Error>(trigger.error());
  Text text =
      std::make_shared<const std::string>(boost::json::serialize(wire::trigger_json(*trigger, false)));
  const std::lock_guard lock(mutex_);
  if (trigger_texts_.size() >= kMostTriggers) trigger_texts_.clear();
  trigger_texts_[uuid] = {generation, text};
  return text;
}

Result<Text> BuildTexts::assemble(const store::BuildRow& row, std::uint64_t generation) {
  const Result<Text> trigger = trigger_text(row.build.trigger_uuid, generation);
  if (!trigger) return tl::unexpected<Error>(trigger.error());
  return std::make_shared<const std::string>(
      wire::build_json(row.build, row.metadata_json, **trigger, form_));
}

Result<Text> BuildTexts::of_row(const store::BuildRow& row) {
  return assemble(row, changes_.triggers.load());
}

Result<std::vector<std::pair<Uuid, Text>>> BuildTexts::by_versions(const std::string& account_id,
                                                                   const std::vector<Uuid>& ids) {
  // Read before the store is: a change that comes between makes what is kept useless, never stale.
  const std::uint64_t generation = changes_.triggers.load();
  std::vector<std::pair<Uuid, Text>> texts;
  texts.reserve(ids.size());
  std::vector<Uuid> missing;
  for (const Uuid& id : ids) {
    if (Text text = by_version_.find(id, account_id, generation)) {
      texts.emplace_back(id, std::move(text));
    } else {
      missing.push_back(id);
    }
  }
  if (missing.empty()) return texts;
  const auto rows = builds_.builds_by_versions(account_id, missing);
  if (!rows) return tl::unexpected<Error>(rows.error());
  for (const auto& [id, row] : *rows) {
    Result<Text> text = assemble(row, generation);
    if (!text) return tl::unexpected<Error>(text.error());
    if (model::is_over(row.build.status)) by_version_.put(id, account_id, generation, *text);
    texts.emplace_back(id, std::move(*text));
  }
  return texts;
}

Result<Text> BuildTexts::by_uuid(const std::string& account_id, const Uuid& uuid) {
  const std::uint64_t generation = changes_.triggers.load();
  if (Text text = by_build_.find(uuid, account_id, generation)) return text;
  const Result<store::BuildRow> row = builds_.row(account_id, uuid);
  if (!row) return tl::unexpected<Error>(row.error());
  Result<Text> text = assemble(*row, generation);
  if (text && model::is_over(row->build.status)) by_build_.put(uuid, account_id, generation, *text);
  return text;
}

}  // namespace kiln::api::builds
