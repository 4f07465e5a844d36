// Events as queues and sinks get them: the envelope of the hosted service's event subscriptions, in camel
// case. Pure; any thread.
#pragma once

#include <boost/json/object.hpp>
#include <string>

#include "model/event.h"

namespace kiln::wire {

// {type, source, payload, metadata}. Of a build it says how things stood at the event: what came after is
// null. `subscription_id`: whose delivery this is.
[[nodiscard]] boost::json::object event_json(const model::Event& event, const std::string& subscription_id);

}  // namespace kiln::wire
