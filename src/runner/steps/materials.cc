#include "runner/steps/materials.h"

#include <array>

#include "base/hash.h"
#include "model/clone_url.h"
#include "project/lock_packages.h"
#include "project/package_manager.h"

namespace kiln::runner {
namespace {

constexpr std::size_t kLargestLockFile = 16U << 20U;
// Of projects that are not npm's kind: known by their digests alone.
constexpr std::array kOtherLockFiles = {"uv.lock", "Pipfile.lock", "requirements.txt"};

// The one that the project's package manager goes by, as far as there are several.
std::string lock_file_of(const Attempt& attempt) {
  const ProjectView& view = attempt.view;
  if (view.present.contains("package.json")) {
    for (const std::string& name : project::lock_files()) {
      if (attempt.manager && !project::has_lock(*attempt.manager, {name})) continue;
      if (view.present.contains(name)) return name;
    }
  }
  for (const char* name : kOtherLockFiles) {
    if (view.present.contains(name)) return name;
  }
  return {};
}

void read_lock_file(Attempt& attempt, const std::string& name, model::Materials& materials) {
  materials.lock_file = path_in(attempt.view.workspace_root, name);
  const auto files = attempt.source.read_files(attempt.commit, {materials.lock_file}, kLargestLockFile);
  if (!files) return;
  const auto file = files->find(materials.lock_file);
  if (file == files->end()) return;
  materials.lock_sha256 = sha256_hex(file->second);
  project::LockedPackages found = project::locked_packages(name, file->second, model::kMostLockedPackages);
  materials.packages_named = found.named;
  materials.packages.reserve(found.packages.size());
  for (project::LockedPackage& one : found.packages)
    materials.packages.push_back({std::move(one.name), std::move(one.version), std::move(one.integrity)});
}

}  // namespace

StepResult tell_materials(Attempt& attempt) {
  wire::MaterialsCall call{attempt.lease.id(), {}};
  call.materials.repository = model::without_credentials(attempt.job.clone_url);
  call.materials.commit = attempt.commit;
  if (const std::string name = lock_file_of(attempt); !name.empty())
    read_lock_file(attempt, name, call.materials);
  const Status told =
      attempt.lease.insist([&] { return attempt.server.tell_materials(attempt.lease.build(), call); });
  if (told) return {};
  if (told.error().code == Errc::lease_lost) return {StepEnd::stopped, {}};
  attempt.log.say("Warning: what this build is made from will be missing in its attestation: " +
                  told.error().message);
  return {};
}

}  // namespace kiln::runner
