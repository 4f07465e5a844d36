#include "api/builds/build_texts.h"

#include <boost/json/serialize.hpp>

namespace kiln::api::builds {
namespace {

constexpr std::size_t kVersionBytes = 40U << 20U;
constexpr std::size_t kBuildBytes = 8U << 20U;
constexpr std::size_t kMostTriggers = 10'000;

}  // namespace

std::string BuildText::whole() const {
  std::string out;
  out.reserve(build.json.size + trigger.json.size + 1);
  return out.append(build.json.view()).append(trigger.json.view()).append("}");
}

BuildTexts::BuildTexts(store::BuildStore& builds, store::TriggerStore& triggers,
                       const workers::AccountHosts& hosts, const store::Changes& changes,
                       wire::EnvironmentForm form)
    : builds_(builds),
      triggers_(triggers),
      hosts_(hosts),
      changes_(changes),
      form_(form),
      by_version_(kVersionBytes),
      by_build_(kBuildBytes) {}

Result<Text> BuildTexts::trigger_text(const Uuid& uuid) {
  // Read before the store is: a change that comes between makes what is kept useless, never stale.
  const std::uint64_t generation = changes_.triggers.load();
  {
    const std::lock_guard lock(mutex_);
    const auto found = trigger_texts_.find(uuid);
    if (found != trigger_texts_.end() && found->second.generation == generation) return found->second.text;
  }
  const Result<model::Trigger> trigger = triggers_.trigger_in_any_state(uuid);
  if (!trigger) return tl::unexpected<Error>(trigger.error());
  Text text = Text::of(boost::json::serialize(wire::trigger_json(*trigger, false)));
  const std::lock_guard lock(mutex_);
  if (trigger_texts_.size() >= kMostTriggers) trigger_texts_.clear();
  trigger_texts_[uuid] = {generation, text};
  return text;
}

Result<Text> BuildTexts::build_text(const store::BuildRow& row, std::string json) {
  wire::PreviewUrls previews{row.build.preview_url, row.build.preview_alias_url};
  if (hosts_.served() && !(previews.version.empty() && previews.alias.empty())) {
    const workers::Hosts hosts = hosts_.of(row.build.account_id);
    for (std::string* url : {&previews.version, &previews.alias}) *url = hosts.moved_here(*url);
  }
  const bool as_stored = form_ == wire::EnvironmentForm::strings || row.environment_text == "{}";
  if (as_stored) {
    wire::append_build_before_trigger(json, row.build, previews, row.metadata_json, row.environment_text);
    return Text::of(json);
  }
  const Result<std::vector<model::EnvVar>> environment = builds_.environment(row.build.uuid);
  if (!environment) return tl::unexpected<Error>(environment.error());
  wire::append_build_before_trigger(json, row.build, previews, row.metadata_json,
                                    boost::json::serialize(wire::variables_json(*environment)));
  return Text::of(json);
}

Result<BuildText> BuildTexts::of_row(const store::BuildRow& row) {
  Result<Text> build = build_text(row, {});
  if (!build) return tl::unexpected<Error>(build.error());
  Result<Text> trigger = trigger_text(row.build.trigger_uuid);
  if (!trigger) return tl::unexpected<Error>(trigger.error());
  return BuildText{std::move(*build), std::move(*trigger)};
}

Result<std::vector<BuildText>> BuildTexts::by_versions(const std::string& account_id,
                                                       const std::vector<Uuid>& ids) {
  std::vector<BuildText> members;
  members.reserve(ids.size());
  const auto add = [&](TextCache::Found found) -> Status {
    Result<Text> trigger = trigger_text(found.trigger);
    if (!trigger) return tl::unexpected<Error>(trigger.error());
    members.push_back({std::move(found.text), std::move(*trigger)});
    return {};
  };
  const std::uint64_t generation = changes_.stopped_builds.load();
  std::vector<Uuid> missing;
  for (const Uuid& id : ids) {
    std::optional<TextCache::Found> found = by_version_.find(id, account_id);
    if (!found || found->generation != generation) {
      missing.push_back(id);
    } else if (Status added = add(std::move(*found)); !added) {
      return tl::unexpected<Error>(added.error());
    }
  }
  if (missing.empty()) return members;
  const auto rows = builds_.builds_by_versions(account_id, missing);
  if (!rows) return tl::unexpected<Error>(rows.error());
  for (const auto& [id, row] : *rows) {
    Result<Text> build = build_text(row, "},\"" + id.str() + "\":");
    if (!build) return tl::unexpected<Error>(build.error());
    TextCache::Found found{std::move(*build), row.build.trigger_uuid, generation};
    if (model::is_over(row.build.status)) by_version_.put(id, account_id, found);
    if (Status added = add(std::move(found)); !added) return tl::unexpected<Error>(added.error());
  }
  return members;
}

Result<BuildText> BuildTexts::by_uuid(const std::string& account_id, const Uuid& uuid) {
  const std::uint64_t generation = changes_.stopped_builds.load();
  std::optional<TextCache::Found> found = by_build_.find(uuid, account_id);
  if (found && found->generation == generation) {
    Result<Text> trigger = trigger_text(found->trigger);
    if (!trigger) return tl::unexpected<Error>(trigger.error());
    return BuildText{std::move(found->text), std::move(*trigger)};
  }
  const Result<store::BuildRow> row = builds_.row(account_id, uuid);
  if (!row) return tl::unexpected<Error>(row.error());
  Result<BuildText> text = of_row(*row);
  if (text && model::is_over(row->build.status)) {
    by_build_.put(uuid, account_id, {text->build, row->build.trigger_uuid, generation});
  }
  return text;
}

}  // namespace kiln::api::builds
