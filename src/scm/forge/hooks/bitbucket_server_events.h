// The events of Bitbucket Data Center. Pure; any thread. Source: Atlassian's "Event payload".
#pragma once

#include <boost/json/object.hpp>
#include <string>
#include <string_view>

#include "base/result.h"
#include "model/scm_event.h"

namespace kiln::scm {

// Whether the body of such an event is worth reading: it may ask for something.
[[nodiscard]] bool is_bitbucket_server_event(std::string_view event);

// Every ref of one push. Errors of all: Errc::invalid with the field.
[[nodiscard]] Result<model::ScmEvent> parse_bitbucket_server_push(const boost::json::object& event,
                                                                  const std::string& delivery_key);
[[nodiscard]] Result<model::ScmEvent> parse_bitbucket_server_pull_request(const boost::json::object& event,
                                                                          std::string_view name,
                                                                          const std::string& delivery_key);
[[nodiscard]] Result<model::ScmEvent> parse_bitbucket_server_rename(const boost::json::object& event,
                                                                    const std::string& delivery_key);

}  // namespace kiln::scm
