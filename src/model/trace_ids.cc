#include "model/trace_ids.h"

#include <fmt/format.h>

#include "base/hash.h"
#include "base/hex.h"

namespace kiln::model {
namespace {

constexpr std::size_t kSpanDigits = 16;

}  // namespace

std::string trace_id(const Uuid& build) {
  return to_hex(build.raw());
}

std::string span_id(const Uuid& build, std::string_view part) {
  return sha256_hex(build.str() + "/" + std::string(part)).substr(0, kSpanDigits);
}

std::string step_span_id(const Uuid& build, int attempt, StepName step) {
  return span_id(build, fmt::format("{}/{}", attempt, to_string(step)));
}

std::string trace_parent(const Uuid& build, int attempt, StepName step) {
  return fmt::format("00-{}-{}-01", trace_id(build), step_span_id(build, attempt, step));
}

}  // namespace kiln::model
