// Sinks as the API's JSON, both ways. Only for api/sinks. Pure; any thread.
#pragma once

#include <boost/json/object.hpp>

#include "base/result.h"
#include "model/sink.h"

namespace kiln::api::sink_routes {

struct SinkBody {
  model::Sink sink;
  model::SinkSecrets secrets;
  bool leads_elsewhere = false;  // its address is new
};

// {name, kind, url, token, user, room, from, to, ca, worker_name, events, outcomes, production_only, enabled}
// over what it was; `is_new`: name, kind and url must be there; else a new url needs the token again. Errors:
// Errc::invalid naming the field.
[[nodiscard]] Status read_sink(const boost::json::object& body, bool is_new, SinkBody& sink);

// Without secrets.
[[nodiscard]] boost::json::object sink_json(const model::Sink& sink);
[[nodiscard]] boost::json::object delivery_json(const model::SinkDelivery& delivery);

}  // namespace kiln::api::sink_routes
