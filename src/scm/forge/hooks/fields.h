// What the payloads of several hosts have in common, beside their plain members (scm/forge/fields.h). Pure;
// any thread.
#pragma once

#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "model/pattern.h"
#include "model/scm_event.h"
#include "scm/forge/fields.h"

namespace kiln::scm {

// A whole number that is an id, as text; empty when it has none.
[[nodiscard]] std::string id_at(const json::object& object, std::string_view name = "id");

// A commit id, empty when it is all zeros. Errors: Errc::invalid.
[[nodiscard]] Result<std::string> commit_at(const json::object& event, std::string_view name);
[[nodiscard]] Result<std::string> commit_of(std::string id, std::string_view name);

// What GitHub, Gitea and GitLab call alike in a push: its ref, and the commits before and after it.
[[nodiscard]] Status read_ref(const json::object& event, model::PushEvent& push);
// The commit of that id in commits[], or null.
[[nodiscard]] const json::object* listed_commit(const json::object& event, const std::string& id);
// The words of the commit that the ref points to now; null leaves them empty.
void read_head_commit(const json::object* commit, model::PushEvent& push);

// A moment as hosts write it: with an offset or Z or " UTC", with or without fractions of a second, or as
// Unix milliseconds. Errors: Errc::invalid.
[[nodiscard]] Result<TimeMs> moment_at(const json::object& object, std::string_view name);

// When a pull request was made and last changed, under the names that a host has for them.
[[nodiscard]] Status read_moments(const json::object& request, std::string_view created,
                                  std::string_view updated, model::PullRequestEvent& news);

// The changed files that commits[] lists, where the lists are whole and describe the difference to what was
// there before; `is_difference`: as far as the host says, they do.
[[nodiscard]] model::ChangedFiles files_of_commits(const json::object& event, bool is_difference);

// "acme" of "acme/shop", "group/sub" of "group/sub/shop".
[[nodiscard]] std::string owner_of(const std::string& full_name);

[[nodiscard]] tl::unexpected<Error> missing(std::string_view what, std::string_view field);

}  // namespace kiln::scm
