#include "runner/steps/caches.h"

#include <fmt/format.h>

#include "runner/steps/cache_commands.h"
#include "runner/steps/exit_words.h"

namespace kiln::runner {
namespace {

using model::CacheKept;
using model::CacheKind;

// Package managers add to their caches and never remove: after so many saves a changed lock file begins anew.
constexpr int kMostGenerations = 8;

std::string root_directory(const Attempt& attempt) {
  return attempt.root.empty() ? std::string(kCheckout) : fmt::format("{}/{}", kCheckout, attempt.root);
}

std::string directories_of(const CachePlan& plan) {
  std::string list;
  for (const std::string& folder : plan.folders) list += (list.empty() ? "" : ", ") + folder;
  return list;
}

void choose(Attempt& attempt) {
  const ProjectNeeds needs = detect_needs(attempt.view, attempt.job.environment);
  attempt.dependencies = dependency_plan(needs, attempt.lock_ids);
  const auto manifest = attempt.view.contents.find("package.json");
  if (manifest != attempt.view.contents.end())
    attempt.output = output_plan(needs, manifest->second, attempt.root);
}

std::optional<LentArchive> borrow(Attempt& attempt, const std::optional<CachePlan>& plan) {
  if (!plan) return std::nullopt;
  return attempt.caches->lend(cache_place_of(attempt.job), plan->kind, attempt.cache_folder);
}

// False: it could not be unpacked; then nobody tries again.
bool unpack(Attempt& attempt, const CachePlan& plan, const LentArchive& lent, const std::string& base,
            bool fresh) {
  const Result<CommandEnd> end =
      attempt.sandbox->run(unpack_command(plan, base, fresh), [](std::string_view) {});
  if (attempt.stop.stopped()) return true;
  if (end && end->exit_code == 0 && end->signal == 0) return true;
  if (lent.own_level) attempt.caches->drop(cache_place_of(attempt.job), plan.kind);
  return false;
}

bool outgrown(const CachePlan& plan, const LentArchive& lent) {
  return lent.name.generation >= kMostGenerations &&
         (plan.content.empty() || plan.content != lent.name.content);
}

// Why the caches may not be saved, or nothing. The server is asked, so that a purge counts from the moment it
// was answered.
std::optional<std::string> why_not_save(Attempt& attempt) {
  wire::CachesAnswer answer;
  const Status told = attempt.lease.insist([&]() -> Status {
    Result<wire::CachesAnswer> epochs = attempt.server.caches({{attempt.job.trigger_uuid}});
    if (!epochs) return tl::unexpected<Error>(epochs.error());
    answer = std::move(*epochs);
    return {};
  });
  if (!told) return "the server did not say whether it may be: " + told.error().message;
  const auto present = answer.epochs.find(attempt.job.trigger_uuid);
  if (present == answer.epochs.end()) return "the trigger was deleted while this build ran.";
  attempt.caches->sweep_purged({attempt.job.trigger_uuid}, answer.epochs);
  if (present->second != attempt.job.cache_epoch) return "it was purged while this build ran.";
  return std::nullopt;
}

// Tells what became of a cache.
void note(Attempt& attempt, CacheKind kind, CacheKept kept, std::optional<std::uint64_t> saved = {}) {
  const std::optional<LentArchive>& lent =
      kind == CacheKind::dependencies ? attempt.restored_dependencies : attempt.restored_output;
  model::CacheUse use{kind, lent.has_value(), kept, {}};
  if (saved) {
    use.bytes = static_cast<std::int64_t>(*saved);
  } else if (lent && lent->bytes > 0) {
    use.bytes = static_cast<std::int64_t>(lent->bytes);
  }
  attempt.log.note_cache(use);
}

// Says only what went wrong, and tells what became of it; true when an archive was saved.
bool save(Attempt& attempt, const CachePlan& plan, const std::optional<LentArchive>& before,
          const std::string& base, const char* what, CacheKind kind) {
  const CachePlace place = cache_place_of(attempt.job);
  const ArchiveName name{plan.kind, plan.content, before ? before->name.generation + 1 : 0};
  Result<std::unique_ptr<IncomingArchive>> archive = attempt.caches->begin(place, name);
  if (!archive) {
    attempt.log.say(fmt::format("Warning: the {} is not saved: {}", what, archive.error().message));
    return false;
  }
  const Result<CommandEnd> end = attempt.sandbox->run(
      pack_command(plan, base), [&](std::string_view bytes) { (*archive)->append(bytes); });
  if (attempt.stop.stopped()) return false;
  if (end && end->exit_code == kNothingToSave && end->signal == 0) {
    attempt.log.say(fmt::format("Nothing to save for the {}: there is no {}", what, directories_of(plan)));
    note(attempt, kind, CacheKept::nothing);
    return false;
  }
  std::string problem;
  if (!end) {
    problem = end.error().message;
  } else if (end->exit_code != 0 || end->signal != 0) {
    problem = fmt::format("packing {} {}.", directories_of(plan), exit_words(*end));
  } else if (const Status kept = attempt.caches->commit(place, name, **archive); !kept) {
    problem = kept.error().message;
  }
  if (problem.empty()) {
    note(attempt, kind, CacheKept::saved, (*archive)->size());
    return true;
  }
  attempt.log.say(fmt::format("Warning: the {} is not saved: {}", what, problem));
  return false;
}

bool unchanged(const CachePlan& plan, const std::optional<LentArchive>& lent) {
  return lent && !plan.content.empty() && plan.content == lent->name.content;
}

void save_dependencies(Attempt& attempt) {
  const CachePlan& plan = *attempt.dependencies;
  if (unchanged(plan, attempt.restored_dependencies)) {
    attempt.log.say("Dependencies cache is up to date: the lock file has not changed since it was saved");
    note(attempt, CacheKind::dependencies, CacheKept::unchanged);
    return;
  }
  attempt.log.say("Uploading to dependency cache");
  if (save(attempt, plan, attempt.restored_dependencies, kHome, "dependencies cache",
           CacheKind::dependencies))
    attempt.log.say("Success: Dependencies uploaded to build cache.");
}

void save_output(Attempt& attempt) {
  if (!attempt.output) {
    attempt.log.say("Skipping build output cache as it's not supported for your project");
    return;
  }
  attempt.log.say("Uploading to build output cache");
  if (save(attempt, *attempt.output, attempt.restored_output, root_directory(attempt), "build output cache",
           CacheKind::output))
    attempt.log.say("Success: Build output uploaded to build cache.");
}

}  // namespace

StepResult restore_caches(Attempt& attempt) {
  if (attempt.caches == nullptr) return {};
  attempt.log.begin_step(model::StepName::restore);
  choose(attempt);
  attempt.restored_dependencies = borrow(attempt, attempt.dependencies);
  attempt.restored_output = borrow(attempt, attempt.output);
  if (attempt.restored_dependencies && outgrown(*attempt.dependencies, *attempt.restored_dependencies))
    attempt.restored_dependencies.reset();
  if (attempt.dependencies && !attempt.restored_dependencies)
    attempt.log.say("No dependencies cache yet: this build saves one when it succeeds");
  if (attempt.restored_dependencies) {
    attempt.log.say("Restoring from dependencies cache");
    if (!unpack(attempt, *attempt.dependencies, *attempt.restored_dependencies, kHome, true)) {
      attempt.log.say("Warning: the dependencies cache could not be read and is not used");
      attempt.restored_dependencies.reset();
    }
  }
  if (attempt.restored_output) attempt.log.say("Restoring from build output cache");
  if (attempt.dependencies) note(attempt, CacheKind::dependencies, CacheKept::not_saved);
  if (attempt.output) note(attempt, CacheKind::output, CacheKept::not_saved);
  return attempt.stop.stopped() ? StepResult{StepEnd::stopped, {}} : StepResult{};
}

StepResult unpack_build_output(Attempt& attempt) {
  if (!attempt.restored_output) return {};
  if (!unpack(attempt, *attempt.output, *attempt.restored_output, root_directory(attempt), false)) {
    attempt.log.say("Warning: the build output cache could not be read whole");
    attempt.restored_output.reset();
    note(attempt, CacheKind::output, CacheKept::not_saved);
  }
  return attempt.stop.stopped() ? StepResult{StepEnd::stopped, {}} : StepResult{};
}

StepResult save_caches(Attempt& attempt) {
  if (attempt.caches == nullptr || attempt.stop.stopped()) return {};
  attempt.log.begin_step(model::StepName::save);
  if (const std::optional<std::string> why = why_not_save(attempt)) {
    attempt.log.say("The build cache is not saved: " + *why);
    return {};
  }
  if (attempt.dependencies) save_dependencies(attempt);
  if (!attempt.stop.stopped()) save_output(attempt);
  return {};
}

}  // namespace kiln::runner
