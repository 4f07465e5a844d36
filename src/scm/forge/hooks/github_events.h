// GitHub's events beside pushes and pull requests: buttons of check runs, what becomes of repositories and of
// an App's installations. Pure; any thread.
#pragma once

#include <boost/json/object.hpp>
#include <string>
#include <string_view>

#include "base/result.h"
#include "model/scm_event.h"

namespace kiln::scm {

inline constexpr std::string_view kGithubProvider = "github";

// Whether the body of such an event is worth reading: it may ask for something.
[[nodiscard]] bool is_github_event(std::string_view event);

struct GithubSender {
  std::string event;
  std::string delivery_key;
  std::string hook_type;  // "integration": an App's; "repository", "organization" … : a webhook's; or empty
  std::string hook_id;    // of an App's hook the App
};

// Every event of is_github_event() but push and pull_request. Errors: Errc::invalid with the field.
[[nodiscard]] Result<model::ScmEvent> parse_github_news(const boost::json::object& event,
                                                        const GithubSender& sender);

}  // namespace kiln::scm
