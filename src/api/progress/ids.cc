// What an id is the beginning of: people write as much of one as they need.
#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>

#include "api/error_table.h"
#include "api/progress/handlers.h"
#include "base/strings.h"

namespace kiln::api::progress {
namespace {

namespace json = boost::json;
using store::IdKind;

constexpr int kMostOfAKind = 20;
constexpr std::size_t kShortest = 4;
constexpr std::size_t kDigits = 32;

struct KindName {
  std::string_view name;
  IdKind kind;
};
constexpr KindName kKinds[] = {{"build", IdKind::build},
                               {"version", IdKind::version},
                               {"deployment", IdKind::deployment},
                               {"trigger", IdKind::trigger},
                               {"delivery", IdKind::delivery}};

std::string_view name_of(IdKind kind) {
  return std::find_if(std::begin(kKinds), std::end(kKinds),
                      [&](const KindName& one) { return one.kind == kind; })
      ->name;
}

// The digits alone, lower case.
Result<std::string> beginning_of(const http::Request& request) {
  std::string text = to_lower(request.query_value("beginning").value_or(""));
  std::erase(text, '-');
  const bool is_hex = text.find_first_not_of("0123456789abcdef") == std::string::npos;
  if (is_hex && text.size() >= kShortest && text.size() <= kDigits) return text;
  return fail(
      Errc::invalid,
      fmt::format("Invalid request: beginning must be the first {} hex digits of an id or more", kShortest),
      "beginning");
}

Result<std::vector<IdKind>> kinds_of(const http::Request& request) {
  const std::optional<std::string> asked = request.query_value("kind");
  std::vector<IdKind> kinds;
  for (const KindName& one : kKinds) {
    if (!asked || *asked == one.name) kinds.push_back(one.kind);
  }
  if (!kinds.empty()) return kinds;
  return fail(Errc::invalid, "Invalid request: kind must be build, version, deployment, trigger or delivery",
              "kind");
}

Result<http::Reply> find(const ProgressDeps& deps, const Call& call) {
  const Result<std::string> beginning = beginning_of(call.request);
  if (!beginning) return tl::unexpected<Error>(beginning.error());
  const Result<std::vector<IdKind>> kinds = kinds_of(call.request);
  if (!kinds) return tl::unexpected<Error>(kinds.error());
  const auto found = deps.ids.ids_that_begin(call.account_id, *beginning, *kinds, kMostOfAKind);
  if (!found) return tl::unexpected<Error>(found.error());
  json::array ids;
  for (const store::IdFound& one : *found) {
    ids.push_back(
        {{"kind", name_of(one.kind)},
         {"id", one.id.str()},
         {"worker_name", one.worker_name.empty() ? json::value(nullptr) : json::value(one.worker_name)}});
  }
  return success_response(json::value{{"ids", std::move(ids)}});
}

}  // namespace

void add_ids(Adder& routes, const Deps& deps) {
  routes.add(
      "GET", "/ids", Needs::ci_read, [deps](const Call& call) { return find(*deps, call); }, kPolled);
}

}  // namespace kiln::api::progress
