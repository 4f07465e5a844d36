#include "wire/story_notes.h"

#include <boost/json/array.hpp>

namespace kiln::wire {
namespace {

namespace json = boost::json;

constexpr std::int64_t kLatest = 1LL << 50U;

json::object step_json(const model::BuildStep& step) {
  json::object object = {{"ordinal", step.ordinal},
                         {"step", model::to_string(step.step)},
                         {"state", model::to_string(step.state)},
                         {"started", step.started_on},
                         {"line", step.first_line},
                         {"command", step.command}};
  if (step.stopped_on) object["stopped"] = *step.stopped_on;
  if (step.exit_code) object["exit_code"] = *step.exit_code;
  if (step.signal) object["signal"] = *step.signal;
  return object;
}

std::optional<int> small_number(MessageReader& reader, std::string_view name) {
  const std::optional<std::int64_t> number = reader.maybe_number(name, -1'000'000, 1'000'000);
  return number ? std::optional(static_cast<int>(*number)) : std::nullopt;
}

model::BuildStep read_step(MessageReader& reader) {
  model::BuildStep step;
  step.ordinal =
      static_cast<int>(reader.number("ordinal", 1, static_cast<std::int64_t>(model::kMostStepNotes)));
  const auto name = model::parse_step_name(reader.text("step"));
  if (!name) reader.refuse("step", "must be the name of a step");
  step.step = name.value_or(model::StepName::initialize);
  const auto state = model::parse_step_state(reader.text("state"));
  if (!state) reader.refuse("state", "must be running, done, failed or stopped");
  step.state = state.value_or(model::StepState::running);
  step.started_on = reader.number("started", 0, kLatest);
  step.stopped_on = reader.maybe_number("stopped", 0, kLatest);
  step.first_line = reader.number("line", 1, kLatest);
  step.command = reader.text("command");
  if (step.command.size() > model::kLongestCommandNote) reader.refuse("command", "is too long");
  step.exit_code = small_number(reader, "exit_code");
  step.signal = small_number(reader, "signal");
  return step;
}

model::CacheUse read_cache(MessageReader& reader) {
  model::CacheUse use;
  const auto kind = model::parse_cache_kind(reader.text("kind"));
  if (!kind) reader.refuse("kind", "must be dependencies or output");
  use.kind = kind.value_or(model::CacheKind::dependencies);
  use.restored = reader.boolean("restored");
  const auto kept = model::parse_cache_kept(reader.text("kept"));
  if (!kept) reader.refuse("kept", "must be saved, unchanged, nothing or not_saved");
  use.kept = kept.value_or(model::CacheKept::not_saved);
  use.bytes = reader.maybe_number("bytes", 0, kLatest);
  return use;
}

// Each item of a list of objects, read with `read`.
template <typename Item, typename Read>
std::vector<Item> items_of(MessageReader& reader, std::string_view name, std::size_t most, const Read& read) {
  std::vector<Item> items;
  for (const json::value& value : reader.list(name, most)) {
    MessageReader inner(value, name);
    items.push_back(read(inner));
    if (Status fine = inner.status(); !fine) {
      reader.refuse(name, fine.error().message);
      break;
    }
  }
  return items;
}

}  // namespace

json::object story_json(const model::StoryNotes& notes) {
  json::array steps;
  for (const model::BuildStep& step : notes.steps) steps.push_back(step_json(step));
  json::array tools;
  for (const model::ToolUsed& tool : notes.tools) tools.push_back(json::array{tool.name, tool.version});
  json::array caches;
  for (const model::CacheUse& use : notes.caches) {
    json::object object = {{"kind", model::to_string(use.kind)},
                           {"restored", use.restored},
                           {"kept", model::to_string(use.kept)}};
    if (use.bytes) object["bytes"] = *use.bytes;
    caches.push_back(std::move(object));
  }
  return {{"steps", std::move(steps)}, {"tools", std::move(tools)}, {"caches", std::move(caches)}};
}

model::StoryNotes read_story(MessageReader& reader) {
  model::StoryNotes notes;
  const json::value* inner = reader.maybe("story");
  if (inner == nullptr) return notes;
  MessageReader story(*inner, "story");
  notes.steps = items_of<model::BuildStep>(story, "steps", model::kMostStepNotes, read_step);
  for (auto& [name, version] : story.text_pairs("tools", model::kMostToolNotes))
    notes.tools.push_back({std::move(name), std::move(version)});
  notes.caches = items_of<model::CacheUse>(story, "caches", 10, read_cache);
  if (Status read = story.status(); !read) reader.refuse("story", read.error().message);
  return notes;
}

}  // namespace kiln::wire
