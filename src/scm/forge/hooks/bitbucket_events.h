// The events of Bitbucket Cloud. Pure; any thread. Source: Atlassian's "Event payloads".
#pragma once

#include <boost/json/object.hpp>
#include <string>
#include <string_view>

#include "base/result.h"
#include "model/scm_event.h"

namespace kiln::scm {

// Whether the body of such an event is worth reading: it may ask for something.
[[nodiscard]] bool is_bitbucket_event(std::string_view event);

// Every ref of one push. Errors of all: Errc::invalid with the field.
[[nodiscard]] Result<model::ScmEvent> parse_bitbucket_push(const boost::json::object& event,
                                                           const std::string& delivery_key);
// Commits are cut to twelve digits there.
[[nodiscard]] Result<model::ScmEvent> parse_bitbucket_pull_request(const boost::json::object& event,
                                                                   std::string_view name,
                                                                   const std::string& delivery_key);
[[nodiscard]] Result<model::ScmEvent> parse_bitbucket_repository(const boost::json::object& event,
                                                                 std::string_view name,
                                                                 const std::string& delivery_key);

}  // namespace kiln::scm
