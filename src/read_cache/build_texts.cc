#include "read_cache/build_texts.h"

#include <boost/json/serialize.hpp>

namespace kiln::read_cache {
namespace {

constexpr std::size_t kBuildBytes = 8U << 20U;
constexpr std::size_t kMostTriggers = 10'000;
constexpr unsigned kPromoted = 64;  // of so many texts that came from the file, one goes into memory
constexpr std::string_view kReadsObjects = "mcp-server-cloudflare";  // how the client's name begins

}  // namespace

std::string BuildText::whole() const {
  std::string out;
  out.reserve(build.json.size + trigger.json.size + 1);
  return out.append(build.json.view()).append(trigger.json.view()).append("}");
}

void BuildParts::add(BuildText text) {
  for (Text* part : {&text.build, &text.trigger}) {
    digests.push_back(part->digest);
    parts.add(std::move(part->json));
  }
}

BuildTexts::BuildTexts(store::BuildStore& builds, store::TriggerStore& triggers,
                       const workers::AccountHosts& hosts, const store::Changes& changes,
                       wire::EnvironmentForm form, const Room& room)
    : builds_(builds),
      triggers_(triggers),
      hosts_(hosts),
      changes_(changes),
      by_client_(form == wire::EnvironmentForm::by_client),
      kept_(by_client_ ? wire::EnvironmentForm::strings : form),
      by_version_(room.memory, changes.builds),
      by_build_(kBuildBytes, changes.builds),
      file_(room.folder, room.disk, changes.builds) {}

wire::EnvironmentForm BuildTexts::form_for(std::string_view user_agent) const {
  return by_client_ && user_agent.starts_with(kReadsObjects) ? wire::EnvironmentForm::objects : kept_;
}

Result<Text> BuildTexts::trigger_text(const Uuid& uuid) {
  // Read before the store is: a change that comes between makes what is kept useless, never stale.
  const std::uint64_t generation = changes_.triggers.load();
  {
    const std::lock_guard lock(mutex_);
    const auto found = trigger_texts_->texts.find(uuid);
    if (trigger_texts_->generation == generation && found != trigger_texts_->texts.end()) {
      return found->second;
    }
  }
  const Result<model::Trigger> trigger = triggers_.trigger_in_any_state(uuid);
  if (!trigger) return tl::unexpected<Error>(trigger.error());
  Text text = Text::of(boost::json::serialize(wire::trigger_json(*trigger, false)));
  const std::lock_guard lock(mutex_);
  if (trigger_texts_->generation != generation || trigger_texts_->texts.size() >= kMostTriggers) {
    trigger_texts_ = std::make_shared<TriggerTexts>();
    trigger_texts_->generation = generation;
  }
  trigger_texts_->texts.emplace(uuid, text);
  return text;
}

Status BuildTexts::add_found(BuildParts& out, std::span<const KeptText> found) {
  const std::uint64_t generation = changes_.triggers.load();
  out.parts.parts.resize(2 * found.size());
  out.digests.resize(2 * found.size());
  std::size_t done = 0;
  const auto add = [&](const Text& trigger) {
    const std::size_t at = 2 * done;
    out.parts.parts[at] = found[done].json;
    out.parts.parts[at + 1] = trigger.json.view();
    out.digests[at] = found[done].digest;
    out.digests[at + 1] = trigger.digest;
    ++done;
  };
  const auto add_known = [&] {
    const std::lock_guard lock(mutex_);
    if (trigger_texts_->generation != generation) return;
    const std::size_t before = done;
    auto known = trigger_texts_->texts.end();
    while (done < found.size()) {
      const bool same = done > before && found[done].trigger == found[done - 1].trigger;
      if (!same) known = trigger_texts_->texts.find(found[done].trigger);
      if (known == trigger_texts_->texts.end()) break;
      add(known->second);
    }
    if (done > before) out.parts.owners.push_back(trigger_texts_);
  };
  add_known();
  while (done < found.size()) {
    Result<Text> text = trigger_text(found[done].trigger);
    if (!text) return tl::unexpected<Error>(text.error());
    add(*text);
    out.parts.owners.push_back(std::move(text->json.bytes));
    add_known();
  }
  return {};
}

void BuildTexts::append_build(std::string& out, const store::BuildRow& row,
                              wire::EnvironmentForm form) const {
  const model::Build& build = row.build;
  wire::PreviewUrls previews;
  if (build.previewed) {
    const workers::Hosts hosts = hosts_.of(build.account_id);
    previews.version = hosts.preview_url(workers::version_label(*build.previewed), row.worker_name);
    if (!build.preview_alias.empty())
      previews.alias = hosts.preview_url(build.preview_alias, row.worker_name);
  }
  wire::append_build_before_trigger(out, build, previews, form);
}

Result<BuildText> BuildTexts::of_row(const store::BuildRow& row, wire::EnvironmentForm form) {
  std::string json;
  append_build(json, row, form);
  Result<Text> trigger = trigger_text(row.build.trigger_uuid);
  if (!trigger) return tl::unexpected<Error>(trigger.error());
  return BuildText{Text::of(json), std::move(*trigger)};
}

Result<BuildParts> BuildTexts::made_anew(const std::string& account_id, const std::vector<Uuid>& ids,
                                         wire::EnvironmentForm form) {
  const auto read = builds_.builds_by_versions(account_id, ids);
  if (!read) return tl::unexpected<Error>(read.error());
  BuildParts out;
  for (const auto& [id, row] : *read) {
    std::string json = "},\"" + id.str() + "\":";
    append_build(json, row, form);
    Result<Text> trigger = trigger_text(row.build.trigger_uuid);
    if (!trigger) return tl::unexpected<Error>(trigger.error());
    out.add({Text::of(json), std::move(*trigger)});
  }
  return out;
}

Result<BuildParts> BuildTexts::by_versions(const std::string& account_id, const std::vector<Uuid>& ids,
                                           wire::EnvironmentForm form) {
  if (form != kept_) return made_anew(account_id, ids, form);
  BuildParts out;
  out.parts.owners.reserve(4);
  std::vector<KeptText> known;
  known.reserve(ids.size());
  std::vector<Uuid> missing;
  const Reading reading{account_id, changes_.builds.count(), out.parts.owners};
  by_version_.find(ids, account_id, reading.owners,
                   [&](const Uuid& id, const std::optional<KeptText>& found) {
                     if (found) {
                       known.push_back(*found);
                     } else {
                       missing.push_back(id);
                     }
                   });
  out.from_disk = !missing.empty();
  if (!missing.empty()) find_in_file(reading, missing, known);
  if (!missing.empty()) {
    const auto read = builds_.builds_by_versions(account_id, missing);
    if (!read) return tl::unexpected<Error>(read.error());
    for (const auto& [id, row] : *read) {
      std::string json = "},\"" + id.str() + "\":";
      append_build(json, row, kept_);
      known.push_back(keep_version(id, row, std::move(json), reading));
    }
  }
  if (Status added = add_found(out, known); !added) return tl::unexpected<Error>(added.error());
  return out;
}

void BuildTexts::find_in_file(const Reading& reading, std::vector<Uuid>& missing,
                              std::vector<KeptText>& known) {
  const auto found = file_.find(missing, reading.account_id, reading.owners);
  std::size_t left = 0;
  for (std::size_t i = 0; i < missing.size(); ++i) {
    const Uuid id = missing[i];
    if (!found[i]) {
      missing[left++] = id;
      continue;
    }
    known.push_back(*found[i]);
    // What is asked for again and again comes into memory; what is read once does not drive that out.
    if (++found_in_file_ % kPromoted == 0) {
      by_version_.put(id, reading.account_id, reading.as_of, *found[i], reading.owners);
    }
  }
  missing.resize(left);
}

Result<BuildParts> BuildTexts::by_uuid(const std::string& account_id, const Uuid& uuid,
                                       wire::EnvironmentForm form) {
  BuildParts out;
  if (form != kept_) {
    const Result<store::BuildRow> row = builds_.row(account_id, uuid);
    if (!row) return tl::unexpected<Error>(row.error());
    Result<BuildText> text = of_row(*row, form);
    if (!text) return tl::unexpected<Error>(text.error());
    out.add(std::move(*text));
    return out;
  }
  std::optional<KeptText> known;
  const Reading reading{account_id, changes_.builds.count(), out.parts.owners};
  by_build_.find(std::span(&uuid, 1), account_id, reading.owners,
                 [&](const Uuid&, const std::optional<KeptText>& found) { known = found; });
  if (!known) {
    const Result<store::BuildRow> row = builds_.row(account_id, uuid);
    if (!row) return tl::unexpected<Error>(row.error());
    std::string json;
    append_build(json, *row, kept_);
    const KeptText text{json, http::digest_of(json), row->build.trigger_uuid};
    known = model::is_over(row->build.status)
                ? by_build_.put(uuid, account_id, reading.as_of, text, reading.owners)
                : own_text(std::move(json), text, reading.owners);
  }
  if (Status added = add_found(out, std::span(&*known, 1)); !added) {
    return tl::unexpected<Error>(added.error());
  }
  return out;
}

// What is read for the first time is kept only where it drives nothing out.
KeptText BuildTexts::keep_version(const Uuid& version, const store::BuildRow& row, std::string json,
                                  const Reading& reading) {
  const KeptText text{json, http::digest_of(json), row.build.trigger_uuid};
  if (model::is_over(row.build.status)) {
    const bool again = asked_before_.note(version);
    if (again) file_.put(version, reading.account_id, reading.as_of, text);
    if (again || by_version_.has_room()) {
      return by_version_.put(version, reading.account_id, reading.as_of, text, reading.owners);
    }
  }
  return own_text(std::move(json), text, reading.owners);
}

}  // namespace kiln::read_cache
