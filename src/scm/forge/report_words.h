// What forges show of builds, in the words and the form that people's tools read: the summary of a check and
// the comment of a pull request (the hosted service's forms), and the short words of a commit status. Pure;
// any thread. Texts of strangers are made harmless for Markdown.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "model/build_report.h"

namespace kiln::scm {

// "Workers Builds: shop": rules of branches name it.
[[nodiscard]] std::string check_name(const model::BuildReport& report);
// The state of a commit status, as GitHub, Gitea and Forgejo call it.
[[nodiscard]] const char* commit_state(model::ReportState state);
// "Build ID: …", "Script: …", "Version ID: …", "Preview URL: …", "Preview Alias URL: …", and "Reason: …" of
// what was terminated: one a line, between line feeds.
[[nodiscard]] std::string check_summary(const model::BuildReport& report);
// The log's last lines as a block of code, at most so many bytes; empty: there are none.
[[nodiscard]] std::string check_log(const model::BuildReport& report, std::size_t most);

// The last line of our comment at a pull request, which no other has: `key` tells one Kiln's from another's.
[[nodiscard]] std::string comment_marker(std::string_view key);
// The comment and the marker below it, at most so many bytes: the beginning is what people's tools look at.
[[nodiscard]] std::string marked_comment(std::string_view comment, std::string_view marker, std::size_t most);
// Whether a text that a host has is such a comment: hosts trim what they are told. A marker in the first line
// is one too.
[[nodiscard]] bool bears_marker(std::string_view text, std::string_view marker);
// The comment: one row a Worker.
[[nodiscard]] std::string comment_text(const std::vector<model::PullRequestRow>& rows);

// One line of text in a cell of a Markdown table, where nothing of it is a link, a mention or a tag.
[[nodiscard]] std::string table_cell(std::string_view text);

}  // namespace kiln::scm
