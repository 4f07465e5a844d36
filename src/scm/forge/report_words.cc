#include "scm/forge/report_words.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>

#include "base/printable.h"
#include "base/strings.h"
#include "scm/forge/api_call.h"

namespace kiln::scm {
namespace {

constexpr std::size_t kCommitDigits = 8;
constexpr std::size_t kLongestCell = 200;
constexpr std::size_t kLongestReason = 256;

// In single quotes of an HTML attribute, or in a Markdown link: nothing that ends either.
std::string link_target(std::string_view url) {
  std::string out;
  for (const char c : url) {
    const bool breaks = c == '\'' || c == '"' || c == '<' || c == '>' || c == '(' || c == ')' || c == '|' ||
                        c == '\\' || static_cast<unsigned char>(c) <= ' ';
    out += breaks ? fmt::format("%{:02X}", static_cast<unsigned char>(c)) : std::string(1, c);
  }
  return out;
}

std::string status_cell(const model::PullRequestRow& row) {
  const auto words = [&]() -> std::string_view {
    switch (row.state) {
      case model::ReportState::queued:
        return "⏳ Build queued";
      case model::ReportState::waiting_for_approval:
        return "✋ Build waits for approval";
      case model::ReportState::running:
        return "🔵 Deploying...";
      case model::ReportState::success:
        return "✅ Deployment successful!";
      case model::ReportState::failure:
        return "❌ Deployment failed";
      case model::ReportState::cancelled:
        return "🚫 Build cancelled";
      case model::ReportState::timed_out:
        return "❌ Deployment timed out";
      case model::ReportState::skipped:
        return "⏭️ Build skipped";
    }
    return "";
  };
  return fmt::format("{} <br>[View logs]({})", words(), link_target(row.details_url));
}

std::string preview_cell(const model::PullRequestRow& row) {
  std::string cell;
  const auto add = [&cell](const std::string& url, const char* words) {
    if (url.empty()) return;
    cell += fmt::format("{}<a href='{}'>{}</a>", cell.empty() ? "" : "<br><br>", link_target(url), words);
  };
  add(row.preview_url, "Commit Preview URL");
  add(row.alias_url, "Branch Preview URL");
  return cell;
}

// One line of text in Markdown, where nothing of it is a link, a mention or a tag.
std::string harmless(std::string_view text, std::size_t most) {
  std::string out;
  for (const char c : cut_to(printable(std::string(text)), most)) {
    switch (c) {
      case '|':
        out += "&#124;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '@':
        out += "&#64;";
        break;
      case '#':
        out += "&#35;";
        break;
      case '`':
      case '*':
      case '[':
      case ']':
      case '\\':
      case '~':
      case '!':
        out += '\\';
        out += c;
        break;
      default:
        out += c;
    }
  }
  return out;
}

std::string minute_of(TimeMs time) {
  return fmt::format("{:%b %d %Y, %I:%M %p}", fmt::gmtime(static_cast<std::time_t>(time / 1000)));
}

}  // namespace

std::string table_cell(std::string_view text) {
  return harmless(text, kLongestCell);
}

const char* commit_state(model::ReportState state) {
  switch (state) {
    case model::ReportState::queued:
    case model::ReportState::waiting_for_approval:
    case model::ReportState::running:
      return "pending";
    case model::ReportState::success:
    case model::ReportState::skipped:
      return "success";
    case model::ReportState::failure:
      return "failure";
    case model::ReportState::cancelled:
    case model::ReportState::timed_out:
      return "error";
  }
  return "error";
}

std::string check_name(const model::BuildReport& report) {
  return "Workers Builds: " + report.worker_name;
}

std::string check_summary(const model::BuildReport& report) {
  std::string text =
      fmt::format("\nBuild ID: [{}]({})\nScript: [{}]({})\n", report.build.str(),
                  link_target(report.build_url), report.worker_name, link_target(report.worker_url));
  if (report.version) {
    text += fmt::format("Version ID: {}\n", report.version->id.str());
    if (!report.version->preview_url.empty())
      text += fmt::format("Preview URL: {}\n", report.version->preview_url);
    if (!report.version->alias_url.empty())
      text += fmt::format("Preview Alias URL: {}\n", report.version->alias_url);
  }
  if (!report.reason.empty()) text += fmt::format("Reason: {}\n", harmless(report.reason, kLongestReason));
  return text;
}

std::string check_log(const model::BuildReport& report, std::size_t most) {
  if (report.log_tail.empty()) return {};
  // A fence longer than any run of its own character in the log ends only where we say.
  std::size_t longest = 0;
  std::size_t run = 0;
  for (const char c : report.log_tail) {
    run = c == '`' ? run + 1 : 0;
    longest = std::max(longest, run);
  }
  const std::string fence(std::max<std::size_t>(3, longest + 1), '`');
  const std::size_t around = 2 * fence.size() + 8;
  if (around >= most) return {};
  std::string_view tail = report.log_tail;
  if (tail.size() > most - around) {
    tail.remove_prefix(tail.size() - (most - around));
    const std::size_t line = tail.find('\n');
    tail.remove_prefix(line == tail.npos ? tail.size() : line + 1);
  }
  return fmt::format("{}text\n{}\n{}", fence, tail, fence);
}

std::string comment_marker(std::string_view key) {
  return fmt::format("<!-- kiln:{} -->", key);
}

std::string marked_comment(std::string_view comment, std::string_view marker, std::size_t most) {
  constexpr std::string_view kBetween = "\n\n";
  const std::size_t for_marker = std::min(marker.size() + kBetween.size(), most);
  std::string text = cut_to(trim(comment), most - for_marker);
  return text.append(kBetween).append(marker);
}

bool bears_marker(std::string_view text, std::string_view marker) {
  return text.starts_with(marker) || trim(text).ends_with(fmt::format("\n{}", marker));
}

std::string comment_text(const std::vector<model::PullRequestRow>& rows) {
  const bool previews = std::any_of(rows.begin(), rows.end(), [](const model::PullRequestRow& row) {
    return !row.preview_url.empty() || !row.alias_url.empty();
  });
  std::string text =
      "## Deploying with &nbsp;<a href=\"https://workers.dev\"><img alt=\"Cloudflare Workers\" "
      "src=\"https://workers.cloudflare.com/logo.svg\" width=\"16\"></a> &nbsp;Cloudflare Workers\n"
      "Each commit of this pull request is built and deployed by Kiln, this team's own [Workers "
      "Builds](https://developers.cloudflare.com/workers/ci-cd/builds/git-integration/).\n\n";
  text += previews ? "| Status | Name | Latest Commit | Preview URL | Updated (UTC) |\n| -|-|-|-|-|\n"
                   : "| Status | Name | Latest Commit | Updated (UTC) |\n| -|-|-|-|\n";
  for (const model::PullRequestRow& row : rows) {
    text += fmt::format("| {} | {} | {} |", status_cell(row), table_cell(row.worker_name),
                        row.commit.substr(0, kCommitDigits));
    if (previews) text += fmt::format(" {} |", preview_cell(row));
    text += fmt::format(" {} |\n", minute_of(row.updated_on));
  }
  return text;
}

}  // namespace kiln::scm
