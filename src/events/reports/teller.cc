#include "events/reports/teller.h"

#include <fmt/format.h>

#include <vector>

#include "base/log.h"
#include "scm/forge/report_words.h"

namespace kiln::events {
namespace {

std::string subject_of(const store::DueReport& due) {
  return due.kind == store::ReportKind::build ? "build=" + due.build.str()
                                              : fmt::format("pull_request={}", due.pull_request);
}

model::PullRequestRow row_of(const model::BuildReport& report) {
  model::PullRequestRow row;
  row.worker_name = report.worker_name;
  row.commit = report.commit;
  row.state = report.state;
  row.details_url = report.details_url;
  row.updated_on = report.stopped_on ? *report.stopped_on : report.started_on.value_or(report.created_on);
  if (report.version) {
    row.preview_url = report.version->preview_url;
    row.alias_url = report.version->alias_url;
  }
  return row;
}

}  // namespace

Result<Teller::Told> Teller::tell_next(const std::string& host) {
  const Result<std::optional<store::DueReport>> due = parts_.reports.next(host);
  if (!due) return tl::unexpected<Error>(due.error());
  if (!*due) return Told{};
  const store::DueReport& report = **due;
  const Result<std::string> id = tell(report);
  if (!id) return failed(report, id.error());
  if (*id != report.remote_id) {
    if (const Status kept = parts_.reports.keep_remote_id(report.number, *id); !kept)
      return tl::unexpected<Error>(kept.error());
  }
  if (const Status told = parts_.reports.told(report.number, report.wanted); !told)
    return tl::unexpected<Error>(told.error());
  return Told{true, 0};
}

// Credentials that are no longer good are asked for again, once.
Result<std::string> Teller::tell(const store::DueReport& due) {
  Result<std::string> told = fail(Errc::unauthenticated, "");
  for (int round = 0; round < 2 && !told && told.error().code == Errc::unauthenticated; ++round) {
    if (round > 0) parts_.directory.forget(due.connection);
    const Result<forges::Access> access = parts_.directory.access(due.account_id, due.connection);
    if (!access) return tl::unexpected<Error>(access.error());
    told = tell_with(*access, due);
  }
  return told;
}

Result<std::string> Teller::tell_with(const forges::Access& access, const store::DueReport& due) {
  const scm::Known known{due.remote_id, due.may_exist};
  if (due.remote_id.empty() && !due.may_exist) {
    if (const Status begun = parts_.reports.begin(due.number); !begun)
      return tl::unexpected<Error>(begun.error());
  }
  if (due.kind == store::ReportKind::pull_request) return tell_pull_request(access, due, known);
  // An App shows each build by itself; whoever else has one place for a Worker and commit shows the newest.
  if (!access.of_repo.is_app) {
    const Result<bool> outdone = parts_.reports.is_outdone(due.build);
    if (!outdone) return tl::unexpected<Error>(outdone.error());
    if (*outdone) return due.remote_id;
  }
  const Result<model::BuildReport> report = parts_.source.report(due.account_id, due.build);
  if (!report) return tl::unexpected<Error>(report.error());
  return access.kind->api->tell_build(access.of_repo, *report, known);
}

Result<std::string> Teller::tell_pull_request(const forges::Access& access, const store::DueReport& due,
                                              const scm::Known& known) {
  const Result<std::vector<Uuid>> builds =
      parts_.reports.builds_of_pull_request(due.connection, due.pull_request);
  if (!builds) return tl::unexpected<Error>(builds.error());
  std::vector<model::PullRequestRow> rows;
  for (const Uuid& build : *builds) {
    const Result<model::BuildReport> report = parts_.source.report(due.account_id, build);
    if (report) rows.push_back(row_of(*report));
  }
  if (rows.empty()) return due.remote_id;
  return access.kind->api->tell_pull_request(
      access.of_repo, due.pull_request, scm::comment_marker(due.account_id), scm::comment_text(rows), known);
}

Status Teller::note(const store::DueReport& due, const NextTry& next, const std::string& error) {
  switch (next.whose) {
    case NextTry::Whose::nobody:
      return parts_.reports.give_up(due.number, due.wanted, error);
    case NextTry::Whose::refused:
      return parts_.reports.refused(due.number, next.wait_ms, error);
    case NextTry::Whose::limited:
      return parts_.reports.limited(due.number, next.wait_ms, error);
    case NextTry::Whose::report:
    case NextTry::Whose::host:
      break;
  }
  return parts_.reports.postpone(due.number, next.wait_ms, error);
}

Result<Teller::Told> Teller::failed(const store::DueReport& due, const Error& error) {
  const NextTry next = next_try(error, {due.attempts, due.refusals, due.limits}, parts_.chance());
  const bool gives_up = next.whose == NextTry::Whose::nobody;
  const Status noted = note(due, next, error.message);
  if (!noted) return tl::unexpected<Error>(noted.error());
  log::warn("a source host was not told {} {} reason={}", subject_of(due),
            gives_up ? std::string("given_up=true") : fmt::format("again_in_ms={}", next.wait_ms),
            log::quoted(error.message));
  const bool rests = next.whose == NextTry::Whose::host || next.whose == NextTry::Whose::limited;
  return Told{true, rests ? next.wait_ms : 0};
}

}  // namespace kiln::events
