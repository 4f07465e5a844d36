// What the fuzz targets of the hosts' deliveries share. An input is a delivery as it travels: header lines
// ("x-github-event: push"), an empty line, the body.
#pragma once

#include <cstdint>
#include <cstdlib>
#include <map>
#include <string>
#include <string_view>
#include <variant>

#include "model/pattern.h"
#include "scm/forge/forge.h"

namespace kiln::fuzz {

struct Input {
  std::map<std::string, std::string, std::less<>> headers;
  std::string body;
};

inline Input input_of(std::string_view bytes) {
  Input input;
  while (!bytes.empty()) {
    const std::size_t end = bytes.find('\n');
    const std::string_view line = bytes.substr(0, end);
    bytes.remove_prefix(end == std::string_view::npos ? bytes.size() : end + 1);
    if (line.empty()) break;
    const std::size_t colon = line.find(": ");
    if (colon == std::string_view::npos) continue;
    input.headers[std::string(line.substr(0, colon))] = line.substr(colon + 2);
  }
  input.body = bytes;
  return input;
}

inline bool is_commit(const std::string& id) {
  return id.size() >= 7 && id.size() <= 64 && id.find_first_not_of("0123456789abcdef") == std::string::npos;
}

inline void must(bool holds) {
  if (!holds) std::abort();
}

// What the look without parsing says must be what the event says.
inline void check_event(const model::ScmEvent& event, const Result<scm::ClaimedRepo>& claimed) {
  const auto same_repository = [&](const std::string& id) { must(claimed && claimed->id == id); };
  if (const auto* pushes = std::get_if<std::vector<model::PushEvent>>(&event)) {
    must(!pushes->empty() && pushes->size() <= 1'000);
    for (const model::PushEvent& push : *pushes) {
      same_repository(push.repo_id);
      must(push.ref.starts_with("refs/"));
      must(push.before.empty() || is_commit(push.before));
      must(push.after.empty() || is_commit(push.after));
      must(!push.changed.known || push.changed.commits < model::kMaxCommitsLookedAt);
    }
  } else if (const auto* request = std::get_if<model::PullRequestEvent>(&event)) {
    same_repository(request->repo_id);
    must(request->number > 0 && is_commit(request->head_commit) && !request->head_branch.empty());
    must(request->base_commit.empty() || is_commit(request->base_commit));
  } else if (const auto* action = std::get_if<model::CheckAction>(&event)) {
    same_repository(action->repo_id);
    must(action->what == model::CheckAction::What::run_all_again || !action->external_id.empty());
  } else if (const auto* news = std::get_if<model::RepositoryNews>(&event)) {
    must(!news->repo_id.empty());
    same_repository(news->repo_id);
  } else if (const auto* installation = std::get_if<model::InstallationNews>(&event)) {
    must(!installation->installation_id.empty());
  } else {
    must(!std::get<model::IgnoredEvent>(event).why.empty());
  }
}

// Everything that is done with a delivery before and after its signature was checked.
inline int try_reader(std::string_view provider, const std::uint8_t* data, std::size_t size) {
  const Input input = input_of({reinterpret_cast<const char*>(data), size});
  const scm::HookRequest request{[&](std::string_view name) {
                                   const auto found = input.headers.find(name);
                                   return found == input.headers.end() ? std::string_view()
                                                                       : std::string_view(found->second);
                                 },
                                 input.body};
  const scm::HookReader& reader = *scm::forge_of(provider)->hooks;
  must(!reader.check_head(request) || reader.claims(request));
  must(!reader.is_signed_by("", request, 0));
  must(!reader.is_signed_by("a secret of thirty-two characters", request, 1'700'000'000'000));
  const std::string key = reader.delivery_key(request);
  must(key.size() == 64 && (!reader.claims(request) || !reader.names(request).event.empty()));
  const Result<scm::ClaimedRepo> claimed = reader.claimed_repo(request);
  if (const Result<model::ScmEvent> event = reader.parse(request, key)) check_event(*event, claimed);
  return 0;
}

}  // namespace kiln::fuzz
