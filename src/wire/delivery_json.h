// Deliveries and verdicts as the API writes them (Kiln's own): every key always present. Pure; any thread.
#pragma once

#include <boost/json/value.hpp>
#include <vector>

#include "model/delivery.h"

namespace kiln::wire {

[[nodiscard]] boost::json::value delivery_json(const model::Delivery& delivery);
[[nodiscard]] boost::json::value verdicts_json(const std::vector<model::Verdict>& verdicts);

}  // namespace kiln::wire
