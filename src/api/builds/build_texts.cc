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

Status BuildTexts::add_triggers(std::vector<BuildText>& members, const std::vector<Uuid>& triggers) {
  const std::uint64_t generation = changes_.triggers.load();
  std::size_t done = 0;
  const auto add_known = [&] {
    const std::lock_guard lock(mutex_);
    for (; done < members.size(); ++done) {
      const auto found = trigger_texts_.find(triggers[done]);
      if (found == trigger_texts_.end() || found->second.generation != generation) return;
      members[done].trigger = found->second.text;
    }
  };
  add_known();
  while (done < members.size()) {
    Result<Text> text = trigger_text(triggers[done]);
    if (!text) return tl::unexpected<Error>(text.error());
    members[done++].trigger = std::move(*text);
    add_known();
  }
  return {};
}

Status BuildTexts::append_build(std::string& out, const store::BuildRow& row) {
  wire::PreviewUrls previews{row.build.preview_url, row.build.preview_alias_url};
  if (hosts_.served() && !(previews.version.empty() && previews.alias.empty())) {
    const workers::Hosts hosts = hosts_.of(row.build.account_id);
    for (std::string* url : {&previews.version, &previews.alias}) *url = hosts.moved_here(*url);
  }
  const bool as_stored = form_ == wire::EnvironmentForm::strings || row.environment_text == "{}";
  if (as_stored) {
    wire::append_build_before_trigger(out, row.build, previews, row.metadata_json, row.environment_text);
    return {};
  }
  const Result<std::vector<model::EnvVar>> environment = builds_.environment(row.build.uuid);
  if (!environment) return tl::unexpected<Error>(environment.error());
  wire::append_build_before_trigger(out, row.build, previews, row.metadata_json,
                                    boost::json::serialize(wire::variables_json(*environment)));
  return {};
}

Result<BuildText> BuildTexts::of_row(const store::BuildRow& row) {
  std::string json;
  if (Status added = append_build(json, row); !added) return tl::unexpected<Error>(added.error());
  Result<Text> trigger = trigger_text(row.build.trigger_uuid);
  if (!trigger) return tl::unexpected<Error>(trigger.error());
  return BuildText{Text::of(json), std::move(*trigger)};
}

Result<std::vector<BuildText>> BuildTexts::by_versions(const std::string& account_id,
                                                       const std::vector<Uuid>& ids) {
  std::vector<BuildText> members;
  std::vector<Uuid> triggers;  // of the members
  std::vector<Uuid> missing;
  members.reserve(ids.size());
  triggers.reserve(ids.size());
  const auto add = [&](Text text, const Uuid& trigger) {
    members.push_back({std::move(text), {}});
    triggers.push_back(trigger);
  };
  const std::uint64_t generation = changes_.stopped_builds.load();
  by_version_.find(ids, account_id, generation, [&](const Uuid& id, std::optional<TextCache::Found> found) {
    if (found) {
      add(std::move(found->text), found->trigger);
    } else {
      missing.push_back(id);
    }
  });
  if (!missing.empty()) {
    std::string json;
    const auto take = [&](const Uuid& id, const store::BuildRow& row) -> Status {
      json.clear();
      json.append("},\"").append(id.str()).append("\":");
      if (Status added = append_build(json, row); !added) return added;
      const Uuid& trigger = row.build.trigger_uuid;
      add(model::is_over(row.build.status) ? by_version_.put(id, account_id, generation, json, trigger)
                                           : Text::of(json),
          trigger);
      return {};
    };
    if (Status read = builds_.builds_by_versions(account_id, missing, take); !read) {
      return tl::unexpected<Error>(read.error());
    }
  }
  if (Status added = add_triggers(members, triggers); !added) return tl::unexpected<Error>(added.error());
  return members;
}

Result<BuildText> BuildTexts::by_uuid(const std::string& account_id, const Uuid& uuid) {
  const std::uint64_t generation = changes_.stopped_builds.load();
  if (std::optional<TextCache::Found> found = by_build_.find(uuid, account_id, generation)) {
    Result<Text> trigger = trigger_text(found->trigger);
    if (!trigger) return tl::unexpected<Error>(trigger.error());
    return BuildText{std::move(found->text), std::move(*trigger)};
  }
  const Result<store::BuildRow> row = builds_.row(account_id, uuid);
  if (!row) return tl::unexpected<Error>(row.error());
  Result<BuildText> text = of_row(*row);
  if (text && model::is_over(row->build.status)) {
    text->build =
        by_build_.put(uuid, account_id, generation, text->build.json.view(), row->build.trigger_uuid);
  }
  return text;
}

}  // namespace kiln::api::builds
