// What R2 bindings are told, in the JSON that workerd reads, and the numbers of their errors. Pure; any
// thread.
#pragma once

#include <boost/json/object.hpp>
#include <optional>
#include <string>

#include "base/result.h"
#include "http/message.h"
#include "model/r2_rules.h"
#include "serving/r2/request.h"

namespace kiln::serving {

inline constexpr const char* kR2MetadataSize = "cf-r2-metadata-size";

// `span`: which of its bytes go with it.
[[nodiscard]] boost::json::object r2_object_json(const model::R2Object& object, bool http, bool custom,
                                                 const std::optional<model::R2Span>& span = {});
// Of a list, as many of its entries as an answer may have bytes.
[[nodiscard]] std::string r2_list_text(const store::R2Page& page, const R2Request& request);
// An answer that is what it says of itself alone.
[[nodiscard]] http::Response r2_answer(std::string text);
// `there`: the object that a condition did not hold for.
[[nodiscard]] http::Response r2_refusal(const Error& error, const model::R2Object* there = nullptr);

}  // namespace kiln::serving
