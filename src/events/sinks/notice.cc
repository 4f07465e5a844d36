#include "events/sinks/notice.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <string_view>

#include "base/printable.h"
#include "base/strings.h"
#include "model/event.h"
#include "model/failure_words.h"

namespace kiln::events {
namespace {

namespace json = boost::json;

constexpr std::size_t kLongestPart = 300;
constexpr std::size_t kShortCommit = 7;

// A text at that path ("a/b" descends), or empty.
std::string text_of(const json::object& object, std::string_view path) {
  const json::object* within = &object;
  while (true) {
    const std::size_t slash = path.find('/');
    const json::value* found =
        within->if_contains(json::string_view(path.data(), std::min(slash, path.size())));
    if (found == nullptr) return {};
    if (slash == path.npos) return found->is_string() ? std::string(found->get_string()) : std::string();
    if (!found->is_object()) return {};
    within = &found->get_object();
    path.remove_prefix(slash + 1);
  }
}

std::string first_line(const std::string& text) {
  return printable(text.substr(0, text.find('\n')), kLongestPart);
}

// What a tool found fault with first, or the first line that looks like an error.
std::string first_error_of(const model::BuildReport& report) {
  for (const model::Annotation& one : report.annotations) {
    if (!one.is_warning)
      return printable(fmt::format("{}:{}: {}", one.path, one.line, one.message), kLongestPart);
  }
  if (report.state != model::ReportState::failure) return {};
  for (const std::string& line : split(report.log_tail, '\n')) {
    if (model::looks_like_an_error(line)) return printable(trim(line), kLongestPart);
  }
  return {};
}

struct Words {
  model::EventKind kind;
  Notice::Mood mood;
  std::string_view title;  // {} is the branch
};
constexpr Words kWords[] = {
    {model::EventKind::build_started, Notice::Mood::neutral, "the build of {} runs"},
    {model::EventKind::build_succeeded, Notice::Mood::good, "the build of {} succeeded"},
    {model::EventKind::build_failed, Notice::Mood::bad, "the build of {} failed"},
    {model::EventKind::build_canceled, Notice::Mood::neutral, "the build of {} was canceled"},
    {model::EventKind::build_queued, Notice::Mood::neutral, "a build of {} is queued"},
    {model::EventKind::build_skipped, Notice::Mood::neutral, "a build of {} was skipped"},
    {model::EventKind::version_created, Notice::Mood::neutral, "the build of {} uploaded a version"},
    {model::EventKind::deployment_created, Notice::Mood::good, "a version was deployed"},
    {model::EventKind::preview_ended, Notice::Mood::neutral, "a preview ended"},
    {model::EventKind::runner_lost, Notice::Mood::bad, "the runner of the build of {} was lost"},
    {model::EventKind::delivery_refused, Notice::Mood::bad, "a delivery with a wrong signature was refused"},
    {model::EventKind::disk_low, Notice::Mood::bad,
     "the server's disk is nearly full: builds wait until there is room"},
    {model::EventKind::sink_test, Notice::Mood::neutral, "This sink can be reached."},
};

std::string with_branch(std::string_view title, const std::string& branch) {
  const std::size_t at = title.find("{}");
  if (at == title.npos) return std::string(title);
  std::string out(title.substr(0, at));
  return out.append(branch).append(title.substr(at + 2));
}

std::string detail_of(const json::object& event) {
  for (const auto& [field, words] :
       {std::pair{"payload/versionId", "Version"}, std::pair{"payload/deploymentId", "Deployment"},
        std::pair{"payload/previewName", "Preview"}, std::pair{"payload/deliveryUuid", "Delivery"}}) {
    if (const std::string text = text_of(event, field); !text.empty())
      return fmt::format("{} {}", words, first_line(text));
  }
  return {};
}

}  // namespace

Notice notice_of(const json::object& event, const model::BuildReport* report) {
  Notice notice;
  const std::string metadata = "payload/buildTriggerMetadata/";
  notice.worker = first_line(text_of(event, "source/workerName"));
  notice.branch = first_line(text_of(event, metadata + "branch"));
  notice.commit = first_line(text_of(event, metadata + "commitHash")).substr(0, kShortCommit);
  notice.message = first_line(text_of(event, metadata + "commitMessage"));
  notice.author = first_line(text_of(event, metadata + "author"));
  const std::string type = text_of(event, "type");
  std::string title = type;
  for (const Words& words : kWords) {
    if (model::type_of(words.kind) != type) continue;
    notice.mood = words.mood;
    title = with_branch(words.title, notice.branch);
  }
  notice.title = notice.worker.empty() ? title : notice.worker + ": " + title;
  notice.sentence = detail_of(event);
  if (report == nullptr) return notice;
  notice.build_url = report->build_url;
  // Of a build that has ended since, its other events do not speak.
  if (text_of(event, "payload/buildOutcome").empty()) return notice;
  notice.sentence = printable(report->sentence, kLongestPart);
  notice.first_error = first_error_of(*report);
  if (report->version)
    notice.preview_url =
        report->version->alias_url.empty() ? report->version->preview_url : report->version->alias_url;
  return notice;
}

std::string plain_text(const Notice& notice) {
  std::string out;
  const auto add = [&out](std::string_view name, const std::string& text) {
    if (!text.empty()) out += fmt::format("{}{}\n", name, text);
  };
  add("", notice.sentence);
  add("", notice.first_error);
  add("Branch: ", notice.branch);
  add("Commit: ", notice.commit.empty() ? "" : notice.commit + " " + notice.message);
  add("Author: ", notice.author);
  add("Build: ", notice.build_url);
  add("Preview: ", notice.preview_url);
  if (!out.empty()) out.pop_back();
  return out;
}

}  // namespace kiln::events
