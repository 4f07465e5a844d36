#include "events/sinks/escape.h"

namespace kiln::events {
namespace {

constexpr std::string_view kMarkup = "\\`*_~|<>[](){}#+-=.!";
constexpr std::string_view kZeroWidthSpace = "\xe2\x80\x8b";

template <typename Put>
std::string each(std::string_view text, Put put) {
  std::string out;
  out.reserve(text.size() + text.size() / 8);
  for (const char c : text) put(out, c);
  return out;
}

}  // namespace

std::string slack_text(std::string_view text) {
  return each(text, [](std::string& out, char c) {
    if (c == '&') {
      out += "&amp;";
    } else if (c == '<') {
      out += "&lt;";
    } else if (c == '>') {
      out += "&gt;";
    } else {
      out += c;
    }
  });
}

std::string markdown_text(std::string_view text) {
  return each(text, [](std::string& out, char c) {
    if (kMarkup.find(c) != kMarkup.npos) out += '\\';
    out += c;
    if (c == '@') out += kZeroWidthSpace;
  });
}

std::string line_breaks(std::string_view text) {
  return each(text, [](std::string& out, char c) {
    if (c == '\n') {
      out += "<br>";
    } else {
      out += c;
    }
  });
}

std::string paragraphs(std::string_view text) {
  return each(text, [](std::string& out, char c) {
    out += c;
    if (c == '\n') out += '\n';
  });
}

}  // namespace kiln::events
