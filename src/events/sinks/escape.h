// Text of strangers in the markup of chats, so that it stays text. Pure; any thread.
#pragma once

#include <string>
#include <string_view>

namespace kiln::events {

// Slack's mrkdwn: '&', '<' and '>' as entities, so that no link and no mention comes of it.
[[nodiscard]] std::string slack_text(std::string_view text);
// Markdown as Discord, Mattermost and Teams read it: what could be markup behind backslashes, and behind
// each '@' a zero-width space, so that nobody is mentioned.
[[nodiscard]] std::string markdown_text(std::string_view text);
// Line feeds as <br>, and as paragraphs of Markdown.
[[nodiscard]] std::string line_breaks(std::string_view text);
[[nodiscard]] std::string paragraphs(std::string_view text);

}  // namespace kiln::events
