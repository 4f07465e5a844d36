#include "runner/tools/node_lines.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <charconv>

#include "base/fs.h"
#include "base/log.h"
#include "base/strings.h"
#include "base/time_format.h"
#include "runner/tools/tool_shelf.h"

namespace kiln::runner {
namespace {

namespace fs = std::filesystem;

constexpr const char* kPackage = "node-releases";
constexpr const char* kInPackage = "data/release-schedule/release-schedule.json";
constexpr const char* kKept = ".node-lines.json";
constexpr std::size_t kLongestSchedule = 1U << 20U;
constexpr TimeMs kGoodForMs = TimeMs{24} * 60 * 60'000;
constexpr TimeMs kAskAgainMs = TimeMs{5} * 60'000;  // after no answer
constexpr std::size_t kDayLength = 10;              // "2026-11-24"

// Days that have passed do not change.
const NodeSchedule& built_in() {
  static const NodeSchedule lines{
      {4, {"argon", "2015-10-12"}},    {6, {"boron", "2016-10-18"}},     {8, {"carbon", "2017-10-31"}},
      {10, {"dubnium", "2018-10-30"}}, {12, {"erbium", "2019-10-21"}},   {14, {"fermium", "2020-10-27"}},
      {16, {"gallium", "2021-10-26"}}, {18, {"hydrogen", "2022-10-25"}}, {20, {"iron", "2023-10-24"}},
      {22, {"jod", "2024-10-29"}},     {24, {"krypton", "2025-10-28"}},
  };
  return lines;
}

std::string text_of(const boost::json::object& object, std::string_view name) {
  const boost::json::value* value = object.if_contains(name);
  return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

// What stands behind "lts/", in lower case: "*", "jod", "-1".
std::string line_word(std::string_view text) {
  const std::string word = to_lower(trim(text));
  return word.starts_with("lts/") ? word.substr(4) : "*";
}

}  // namespace

NodeSchedule parse_schedule(std::string_view json) {
  boost::system::error_code error;
  const boost::json::value document = boost::json::parse(json, error);
  NodeSchedule schedule;
  if (error || !document.is_object()) return schedule;
  for (const auto& [key, value] : document.get_object()) {
    const std::string_view name = key;
    int major = 0;
    const auto [end, failed] = std::from_chars(name.data() + 1, name.data() + name.size(), major);
    const bool is_major = name.starts_with('v') && failed == std::errc() && end == name.data() + name.size();
    if (!is_major || !value.is_object()) continue;
    NodeLine line{to_lower(text_of(value.get_object(), "codename")), text_of(value.get_object(), "lts")};
    if (line.lts.size() == kDayLength) schedule[major] = std::move(line);
  }
  return schedule;
}

bool is_lts_word(std::string_view text) {
  const std::string word = to_lower(trim(text));
  return word == "lts" || word == "--lts" || word.starts_with("lts/");
}

Result<int> lts_major(const NodeSchedule& schedule, std::string_view text, std::string_view today) {
  const std::string word = line_word(text);
  std::vector<int> newest_first;
  std::string names;
  for (const auto& [major, line] : schedule) {
    if (line.lts > today) continue;
    newest_first.insert(newest_first.begin(), major);
    if (line.name == word) return major;
    if (!line.name.empty())
      names += fmt::format("{}lts/{} ({})", names.empty() ? "" : ", ", line.name, major);
  }
  std::size_t back = 0;  // "-1": the line before the newest
  const bool counts = word.size() == 2 && word[0] == '-' && word[1] >= '1' && word[1] <= '9';
  if (counts) back = static_cast<std::size_t>(word[1] - '0');
  if ((word == "*" || counts) && back < newest_first.size()) return newest_first[back];
  return fail(
      Errc::not_found,
      fmt::format("is not a long-term support line of Node on {}; there are lts/* and {}", today, names));
}

NodeSchedule NodeLines::kept() const {
  NodeSchedule known = parse_schedule(read_file(root_ / kKept, kLongestSchedule).value_or(""));
  known.insert(built_in().begin(), built_in().end());
  return known;
}

bool NodeLines::ask() {
  struct stat facts {};
  const TimeMs now = clock_.now();
  if (stat((root_ / kKept).c_str(), &facts) == 0 && now - TimeMs{facts.st_mtim.tv_sec} * 1000 < kGoodForMs)
    return false;
  if (asked_on_ != 0 && now - asked_on_ < kAskAgainMs) return false;
  asked_on_ = now;
  const fs::path making = root_ / fmt::format("{}lines-{}", kMaking, getpid());
  Status done = make_directory(making, 0700)
                    .and_then([&] { return npm_.install(making, {kPackage}); })
                    .and_then([&]() -> Status {
                      const Result<std::string> text =
                          read_file(making / "node_modules" / kPackage / kInPackage, kLongestSchedule);
                      if (!text) return tl::unexpected<Error>(text.error());
                      if (parse_schedule(*text).empty())
                        return fail(Errc::unavailable, "the package holds no schedule of releases");
                      return write_file_durably(root_ / kKept, *text, 0644);
                    });
  (void)remove_tree(making);
  if (!done)
    log::warn("the lines of Node are those known before reason={}", log::quoted(done.error().message));
  return done.has_value();
}

Result<VersionRange> NodeLines::lts(std::string_view text) {
  const std::string today = format_rfc3339(clock_.now()).substr(0, kDayLength);
  const auto find = [&] { return lts_major(kept(), text, today); };
  // A name means the same for ever; which line is the newest does not.
  const std::string word = line_word(text);
  if (word.starts_with('*') || word.starts_with('-')) ask();
  Result<int> major = find();
  if (!major && ask()) major = find();
  if (!major) return tl::unexpected<Error>(std::move(major.error()));
  return VersionRange::of_major(*major);
}

}  // namespace kiln::runner
