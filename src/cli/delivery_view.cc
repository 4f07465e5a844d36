#include "cli/delivery_view.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/array.hpp>

namespace kiln::cli {
namespace {

namespace json = boost::json;

constexpr std::size_t kShortCommit = 7;
constexpr std::size_t kMostRefsShown = 10;
constexpr std::size_t kLongestShown = 2'000;

std::string line_at(const json::value& value, std::string_view key) {
  return headline(text_at(value, key), kLongestShown);
}

bool has_decision(const json::value& delivery, std::string_view decision) {
  const json::array& verdicts = list_at(delivery, "verdicts");
  return std::any_of(verdicts.begin(), verdicts.end(),
                     [&](const json::value& verdict) { return text_at(verdict, "decision") == decision; });
}

Cell result_of(const json::value& delivery) {
  if (text_at(delivery, "signature") == "refused") return {"refused", Colour::red};
  if (has_decision(delivery, "built")) return {"built", Colour::green};
  if (has_decision(delivery, "skipped")) return {"skipped", Colour::yellow};
  if (has_decision(delivery, "passed_over")) return {"no match", Colour::yellow};
  return {"nothing", Colour::dim};
}

std::string without_ago(std::string when) {
  constexpr std::string_view ago = " ago";
  if (when.ends_with(ago)) when.resize(when.size() - ago.size());
  return when;
}

std::string name_of_ref(const json::value& ref) {
  const std::string branch = line_at(ref, "branch");
  return branch.empty() ? line_at(ref, "ref") : branch;
}

std::string short_commit(const json::value& ref, std::string_view key, std::string_view none) {
  const std::string commit = line_at(ref, key).substr(0, kShortCommit);
  return commit.empty() ? std::string(none) : commit;
}

std::string repeated_words(const json::value& delivery) {
  const json::object* object = delivery.if_object();
  const json::value* repeated = object != nullptr ? object->if_contains("repeated") : nullptr;
  if (repeated == nullptr || !repeated->is_number()) return {};
  const auto times = repeated->to_number<std::int64_t>();
  if (times < 1) return {};
  return times == 1 ? ", came again once" : fmt::format(", came again {} times", times);
}

std::string signature_words(const json::value& delivery) {
  const std::string signature = text_at(delivery, "signature");
  if (signature == "verified") return "signature verified";
  if (signature == "hook_secret") return "by the repository's own hook";
  if (signature == "asked") return "found by asking its host";
  return "signature " + headline(signature, 20);
}

Cell decision_cell(const std::string& decision) {
  if (decision == "built") return {"built", Colour::green};
  if (decision == "skipped") return {"skipped", Colour::yellow};
  return {decision == "passed_over" ? "passed over" : headline(decision, 20), Colour::yellow};
}

std::string verdict_words(Style style, const json::value& verdict, bool names_branch) {
  const Cell decision = decision_cell(text_at(verdict, "decision"));
  std::string words = fmt::format("  {}  {}: {}", paint(style, decision.colour, decision.text),
                                  line_at(verdict, "worker_name"), line_at(verdict, "trigger_name"));
  if (names_branch) words += fmt::format(" ({})", line_at(verdict, "branch"));
  words += fmt::format("\n    {}\n", line_at(verdict, "rule"));
  const std::string build = headline(text_at(verdict, "build_uuid"), 36);
  if (!build.empty()) words += fmt::format("    build {}\n", paint(style, Colour::cyan, build));
  return words;
}

// Of the same Worker and the same ref.
bool is_beside(const json::value& one, const json::value& other) {
  return text_at(one, "script_tag") == text_at(other, "script_tag") &&
         text_at(one, "branch") == text_at(other, "branch") &&
         text_at(one, "commit_hash") == text_at(other, "commit_hash");
}

}  // namespace

std::vector<Cell> deliveries_heading() {
  std::vector<Cell> row;
  for (const char* name : {"DELIVERY", "WHEN", "BRANCH", "COMMIT", "RESULT"})
    row.push_back({name, Colour::dim});
  return row;
}

std::vector<Cell> deliveries_row(const json::value& delivery, TimeMs now) {
  constexpr std::size_t kBranchWidth = 11;
  const json::array& refs = list_at(delivery, "refs");
  const std::string more = refs.size() > 1 ? fmt::format(" +{}", refs.size() - 1) : std::string();
  const std::string branch = refs.empty() ? headline(text_at(delivery, "event"), kBranchWidth)
                                          : headline(name_of_ref(refs[0]), kBranchWidth - more.size()) + more;
  return {{headline(text_at(delivery, "delivery_uuid"), 36), Colour::cyan},
          {without_ago(relative_time(text_at(delivery, "received_on"), now)).substr(0, 10), Colour::dim},
          {branch},
          {refs.empty() ? "-" : short_commit(refs[0], "after", "gone")},
          result_of(delivery)};
}

std::string delivery_words(Style style, const json::value& delivery, TimeMs now) {
  const std::string uuid = headline(text_at(delivery, "delivery_uuid"), 36);
  std::string words =
      fmt::format("delivery {}\n  {}: {} {}, {}, {}{}\n", paint(style, Colour::cyan, uuid),
                  line_at(delivery, "repo_name"), line_at(delivery, "provider_type"),
                  line_at(delivery, "event"), relative_time(text_at(delivery, "received_on"), now),
                  signature_words(delivery), repeated_words(delivery));
  const json::array& refs = list_at(delivery, "refs");
  for (std::size_t i = 0; i < std::min(kMostRefsShown, refs.size()); ++i) {
    words += fmt::format("  {}: {} -> {}\n", name_of_ref(refs[i]), short_commit(refs[i], "before", "new"),
                         short_commit(refs[i], "after", "deleted"));
  }
  if (refs.size() > kMostRefsShown)
    words += fmt::format("  and {} refs more\n", refs.size() - kMostRefsShown);
  const json::array& verdicts = list_at(delivery, "verdicts");
  for (const json::value& verdict : verdicts) words += verdict_words(style, verdict, refs.size() > 1);
  // Of a push the verdicts say it all.
  if (!verdicts.empty() && text_at(delivery, "event") == "push") return words;
  for (const json::value& note : list_at(delivery, "notes")) {
    if (note.is_string()) words += fmt::format("  note: {}\n", headline(note.get_string(), kLongestShown));
  }
  return words;
}

std::vector<Unbuilt> unbuilt_of(const json::value& delivery) {
  std::vector<Unbuilt> all;
  if (text_at(delivery, "event") != "push") return all;
  const json::array& verdicts = list_at(delivery, "verdicts");
  for (const json::value& verdict : verdicts) {
    const bool built = std::any_of(verdicts.begin(), verdicts.end(), [&](const json::value& other) {
      return is_beside(verdict, other) && text_at(other, "decision") == "built";
    });
    Unbuilt one{text_at(verdict, "trigger_uuid"), text_at(verdict, "trigger_name"),
                text_at(verdict, "worker_name"),  text_at(verdict, "branch"),
                text_at(verdict, "commit_hash"),  text_at(verdict, "decision") == "skipped"};
    const bool is_branch = !one.branch.starts_with("refs/") && !one.commit.empty();
    if (is_branch && !built) all.push_back(std::move(one));
  }
  return all;
}

std::vector<std::string> builds_of_delivery(const json::value& delivery) {
  std::vector<std::string> builds;
  for (const json::value& verdict : list_at(delivery, "verdicts")) {
    if (text_at(verdict, "decision") == "built") builds.push_back(text_at(verdict, "build_uuid"));
  }
  return builds;
}

}  // namespace kiln::cli
