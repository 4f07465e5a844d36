#include "app/doctor.h"

#include <fmt/format.h>

#include <boost/json/array.hpp>

#include "base/strings.h"
#include "wire/json.h"

namespace kiln::app {
namespace {

namespace json = boost::json;

constexpr std::int64_t kGoodForMs = 5'000;
constexpr std::size_t kMostWords = 500;

std::string why_no_answer(const Result<ProcessEnd>& end) {
  if (!end) return end.error().message;
  if (end->timed_out) return "it did not finish in time";
  const std::string said = to_valid_utf8(std::string(trim(end->err)).substr(0, kMostWords));
  if (!said.empty()) return said;
  return end->signal != 0 ? fmt::format("it was ended by signal {}", end->signal)
                          : fmt::format("it ended with exit code {}", end->exit_code);
}

json::object no_answer(const Result<ProcessEnd>& end) {
  json::object row{{"name", "this machine"},
                   {"state", "missing"},
                   {"found", "kiln-runner could not examine it: " + why_no_answer(end)},
                   {"means", "nobody knows whether builds can run"},
                   {"todo", "see the server's log, or run kiln doctor on its machine"}};
  return {{"builds_can_run", false}, {"rows", json::array{std::move(row)}}};
}

}  // namespace

std::optional<json::object> Doctor::found() {
  const std::lock_guard lock(mutex_);
  if (found_ && clock_.monotonic_ms() - found_ms_ < kGoodForMs) return found_;
  if (!examining_) {
    examining_ = true;
    if (!started_) threads_.start(1);
    started_ = true;
    threads_.add([this] { examine(); });
  }
  return std::nullopt;
}

void Doctor::examine() {
  const Result<ProcessEnd> end = processes_.run(ask_);
  const Result<json::value> said =
      end ? wire::parse_json(end->out) : Result<json::value>(tl::unexpected<Error>(end.error()));
  const json::object* answer = said && said->is_object() ? &said->get_object() : nullptr;
  const json::value* rows = answer != nullptr ? answer->if_contains("rows") : nullptr;
  json::object found = rows != nullptr && rows->is_array() ? *answer : no_answer(end);
  {
    const std::lock_guard lock(mutex_);
    found_ = std::move(found);
    found_ms_ = clock_.monotonic_ms();
    examining_ = false;
  }
  hub_.notify(kDoctorTopic);
}

void Doctor::stop() {
  threads_.stop();
}

}  // namespace kiln::app
