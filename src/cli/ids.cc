#include "cli/ids.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/ids.h"
#include "base/strings.h"
#include "cli/print.h"

namespace kiln::cli {
namespace {

namespace json = boost::json;

constexpr std::size_t kShortestBeginning = 4;
constexpr std::size_t kDigitsOfId = 32;
constexpr std::size_t kMostNamed = 5;
constexpr std::size_t kShownDigits = 13;

std::string digits_of(std::string_view text) {
  std::string digits = to_lower(text);
  std::erase(digits, '-');
  return digits;
}

tl::unexpected<Error> nothing(const IdKind& kind, const std::string& given) {
  return fail(Errc::not_found, fmt::format("there is no {} {} here; `{}` lists what there is", kind.kind,
                                           safe_line(given, false), kind.lists));
}

tl::unexpected<Error> several(const std::string& given, const std::vector<std::string>& which) {
  std::string names;
  for (std::size_t i = 0; i < std::min(which.size(), kMostNamed); ++i)
    names += (i == 0 ? "" : ", ") + which[i];
  if (which.size() > kMostNamed) names += fmt::format(" and {} more", which.size() - kMostNamed);
  return fail(Errc::conflict, fmt::format("{} ids begin with {}: {}; write more of it", which.size(),
                                          safe_line(given, false), names));
}

// "6f1d2c3b-4a59 (shop)".
std::string short_words(const std::string& id, const std::string& of) {
  return headline(id, 64).substr(0, kShownDigits) + (of.empty() ? "" : fmt::format(" ({})", of));
}

}  // namespace

bool may_begin_an_id(std::string_view text) {
  const std::string digits = digits_of(text);
  return digits.size() >= kShortestBeginning && digits.size() <= kDigitsOfId &&
         digits.find_first_not_of("0123456789abcdef") == std::string::npos;
}

Result<FoundId> find_id(Server& server, const IdKind& kind, const std::string& given) {
  if (!may_begin_an_id(given)) return nothing(kind, given);
  const Result<json::value> found = server.get(
      fmt::format("{}/ids?kind={}&beginning={}", server.builds_path(), kind.kind, url_part(given)));
  if (!found) return tl::unexpected<Error>(found.error());
  const json::array& ids = list_at(*found, "ids");
  if (ids.empty()) return nothing(kind, given);
  if (ids.size() == 1) return FoundId{text_at(ids[0], "id"), text_at(ids[0], "worker_name")};
  std::vector<std::string> which;
  for (const json::value& one : ids)
    which.push_back(short_words(text_at(one, "id"), headline(text_at(one, "worker_name"), 63)));
  return several(given, which);
}

Result<std::string> whole_id(Server& server, const IdKind& kind, const std::string& given) {
  if (const auto whole = Uuid::parse(given)) return whole->str();
  return find_id(server, kind, given).map([](FoundId&& found) { return std::move(found.id); });
}

Result<json::value> pick(const json::array& all, const ListKeys& keys, const IdKind& kind,
                         const std::string& given) {
  std::vector<json::value> named;
  std::vector<json::value> begun;
  const std::string digits = digits_of(given);
  for (const json::value& one : all) {
    const std::string id = text_at(one, keys.id);
    if (id == given) return one;
    if (!keys.name.empty() && text_at(one, keys.name) == given) named.push_back(one);
    if (may_begin_an_id(given) && digits_of(id).starts_with(digits)) begun.push_back(one);
  }
  const std::vector<json::value>& found = named.empty() ? begun : named;
  if (found.empty()) return nothing(kind, given);
  if (found.size() == 1) return found.front();
  std::vector<std::string> which;
  for (const json::value& one : found)
    which.push_back(short_words(text_at(one, keys.id), headline(text_at(one, keys.name), 63)));
  if (!named.empty()) {
    return fail(Errc::conflict, fmt::format("{} are called {}; name one by its id, as `{}` shows it",
                                            named.size(), safe_line(given, false), kind.lists));
  }
  return several(given, which);
}

}  // namespace kiln::cli
