#include "scm/forge/github_checks.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/escape.h"
#include "base/time_format.h"
#include "scm/forge/github_call.h"
#include "scm/forge/report_words.h"

namespace kiln::scm {
namespace {

constexpr const char* kGithubChecks = "GitHub";
constexpr int kMostCheckPages = 10;  // it keeps a thousand runs of one name
constexpr std::size_t kLongestText = 65'535;
constexpr std::size_t kLongestTitle = 255;
constexpr std::size_t kLongestMessage = 64U << 10U;

// Without the fraction, as GitHub wants it.
std::string second_of(TimeMs time) {
  return format_rfc3339(time).substr(0, 19) + "Z";
}

const char* conclusion_of(model::ReportState state) {
  switch (state) {
    case model::ReportState::success:
      return "success";
    case model::ReportState::cancelled:
      return "cancelled";
    case model::ReportState::timed_out:
      return "timed_out";
    case model::ReportState::skipped:
      return "skipped";
    case model::ReportState::failure:
    case model::ReportState::queued:
    case model::ReportState::waiting_for_approval:
    case model::ReportState::running:
      break;
  }
  return "failure";
}

json::array actions_of(const model::BuildReport& report) {
  json::array actions;
  if (model::is_final(report.state)) return actions;
  if (report.state == model::ReportState::waiting_for_approval) {
    actions.push_back(json::object{
        {"label", "Approve"}, {"description", "Build this commit of the fork"}, {"identifier", "approve"}});
  }
  actions.push_back(
      json::object{{"label", "Cancel"}, {"description", "Cancel this build"}, {"identifier", "cancel"}});
  return actions;
}

json::array annotations_of(const model::BuildReport& report, std::size_t first) {
  json::array out;
  const std::size_t end = std::min(report.annotations.size(), first + kAnnotationsACall);
  for (std::size_t i = first; i < end; ++i) {
    const model::Annotation& one = report.annotations[i];
    out.push_back(json::object{{"path", one.path},
                               {"start_line", one.line},
                               {"end_line", one.line},
                               {"annotation_level", one.is_warning ? "warning" : "failure"},
                               {"message", cut_to(one.message, kLongestMessage)}});
  }
  return out;
}

std::string runs_url(const ForgeAccess& access) {
  return fmt::format("{}/repos/{}/check-runs", access.api_url, url_encode_path(access.repo_full_name));
}

Result<std::string> find_run(const ForgeAccess& access, const model::BuildReport& report) {
  std::string found;
  const ApiCall list = github_call(
      "GET",
      fmt::format("{}/repos/{}/commits/{}/check-runs?check_name={}&filter=all&per_page=100", access.api_url,
                  url_encode_path(access.repo_full_name), report.commit, url_encode(check_name(report))),
      access.token);
  const Status listed =
      each_of(access.http, kGithubChecks, list, "check_runs", kMostCheckPages, [&](const json::object& run) {
        if (scalar_at(run, "external_id") != report.build.str()) return true;
        found = scalar_at(run, "id");
        return false;
      });
  if (!listed) return tl::unexpected<Error>(listed.error());
  return found;
}

Result<std::string> create_run(const ForgeAccess& access, const model::BuildReport& report) {
  ApiCall create = github_call("POST", runs_url(access), access.token);
  create.body = check_run_body(report, 0);
  (*create.body)["name"] = check_name(report);
  (*create.body)["head_sha"] = report.commit;
  const Result<ApiAnswer> made = call_api(access.http, kGithubChecks, create);
  if (!made) return tl::unexpected<Error>(made.error());
  std::string id = scalar_at(made->body, "id");
  if (id.empty()) return fail(Errc::unavailable, "GitHub made a check run and did not say its id");
  return id;
}

// Every update adds its annotations to those that the run has.
Result<std::size_t> annotations_shown(const ForgeAccess& access, const std::string& id) {
  const Result<ApiAnswer> run =
      call_api(access.http, kGithubChecks,
               github_call("GET", fmt::format("{}/{}", runs_url(access), id), access.token));
  if (!run) return tl::unexpected<Error>(run.error());
  const json::object* fields = run->body.if_object();
  const json::object* output = fields == nullptr ? nullptr : object_at(*fields, "output");
  const std::int64_t count = output == nullptr ? 0 : number_at(*output, "annotations_count").value_or(0);
  return static_cast<std::size_t>(std::max<std::int64_t>(count, 0));
}

Status update_run(const ForgeAccess& access, const model::BuildReport& report, const std::string& id,
                  std::size_t first_annotation) {
  ApiCall update = github_call("PATCH", fmt::format("{}/{}", runs_url(access), id), access.token);
  update.body = check_run_body(report, first_annotation);
  const Result<ApiAnswer> updated = call_api(access.http, kGithubChecks, update);
  if (!updated) return tl::unexpected<Error>(updated.error());
  return {};
}

}  // namespace

json::object check_run_body(const model::BuildReport& report, std::size_t first_annotation) {
  json::object output{{"title", cut_to(report.sentence, kLongestTitle)},
                      {"summary", cut_to(check_summary(report), kLongestText)}};
  if (const std::string text = check_log(report, kLongestText); !text.empty()) output["text"] = text;
  if (json::array notes = annotations_of(report, first_annotation); !notes.empty())
    output["annotations"] = std::move(notes);
  json::object body{{"external_id", report.build.str()},
                    {"details_url", report.details_url},
                    {"output", std::move(output)},
                    {"actions", actions_of(report)}};
  const bool is_over = model::is_final(report.state);
  const bool is_running = report.state == model::ReportState::running;
  body["status"] = is_over ? "completed" : is_running ? "in_progress" : "queued";
  // What stopped before it began shows a run of no time.
  const std::optional<TimeMs> started = report.started_on ? report.started_on
                                        : is_over         ? report.stopped_on
                                                          : std::nullopt;
  if (started) body["started_at"] = second_of(*started);
  if (!is_over) return body;
  body["conclusion"] = conclusion_of(report.state);
  body["completed_at"] = second_of(report.stopped_on.value_or(report.created_on));
  return body;
}

Result<std::string> tell_check_run(const ForgeAccess& access, const model::BuildReport& report,
                                   const Known& known) {
  std::string id = known.id;
  if (id.empty() && known.may_exist) {
    const Result<std::string> found = find_run(access, report);
    if (!found) return found;
    id = *found;
  }
  const bool is_new = id.empty();
  std::size_t told = 0;
  if (!is_new && !report.annotations.empty()) {
    const Result<std::size_t> shown = annotations_shown(access, id);
    if (!shown) return tl::unexpected<Error>(shown.error());
    told = std::min(*shown, report.annotations.size());
  }
  if (is_new) {
    const Result<std::string> made = create_run(access, report);
    if (!made) return made;
    id = *made;
  } else if (const Status updated = update_run(access, report, id, told); !updated) {
    return tl::unexpected<Error>(updated.error());
  }
  for (std::size_t first = told + kAnnotationsACall; first < report.annotations.size();
       first += kAnnotationsACall) {
    if (const Status more = update_run(access, report, id, first); !more)
      return tl::unexpected<Error>(more.error());
  }
  return id;
}

}  // namespace kiln::scm
