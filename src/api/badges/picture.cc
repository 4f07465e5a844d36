#include "api/badges/picture.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "base/escape.h"

namespace kiln::api::badges {
namespace {

constexpr std::size_t kShortId = 8;
constexpr int kPadding = 6;  // pixels on each side of a text

// White on each has a contrast of 4.5 and more.
const char* colour_of(Tone tone) {
  switch (tone) {
    case Tone::good:
      return "#1f7a3d";
    case Tone::bad:
      return "#b3261e";
    case Tone::odd:
      return "#8a5a00";
    case Tone::live:
      return "#0b5cad";
    case Tone::quiet:
      return "#5f6670";
  }
  return "";
}

// Of text in Verdana at 11 pixels, in tenths of a pixel; other fonts are fitted to it (textLength).
int tenths_of(char letter) {
  constexpr std::string_view kNarrow = "fijlrt.:;,'|!() ";
  constexpr std::string_view kWide = "mwMW%@";
  if (kNarrow.find(letter) != std::string_view::npos) return 42;
  if (kWide.find(letter) != std::string_view::npos) return 107;
  return letter >= 'A' && letter <= 'Z' ? 77 : 69;
}

int width_of(std::string_view text) {
  int tenths = 0;
  for (const char letter : text) tenths += tenths_of(letter);
  return (tenths + 9) / 10;
}

std::string text_at(int left, int width, std::string_view text) {
  return fmt::format(R"(<text x="{}" y="14" textLength="{}" lengthAdjust="spacingAndGlyphs">{}</text>)", left,
                     width, html_escape(text));
}

}  // namespace

Words words_of(std::optional<model::BuildOutcome> outcome) {
  if (!outcome) return {"build", "none yet", Tone::quiet};
  switch (*outcome) {
    case model::BuildOutcome::success:
      return {"build", "passing", Tone::good};
    case model::BuildOutcome::fail:
      return {"build", "failing", Tone::bad};
    case model::BuildOutcome::terminated:
      return {"build", "cut short", Tone::odd};
    case model::BuildOutcome::skipped:
    case model::BuildOutcome::cancelled:
      return {"build", "none yet", Tone::quiet};
  }
  return {};
}

Words words_of(const std::vector<store::LiveVersion>& live) {
  const auto most = std::max_element(
      live.begin(), live.end(), [](const auto& a, const auto& b) { return a.percentage < b.percentage; });
  if (most == live.end()) return {"live", "nothing", Tone::quiet};
  const std::string& commit = most->commit_hash;
  return {"live", (commit.empty() ? most->version_id.str() : commit).substr(0, kShortId), Tone::live};
}

std::string picture_of(const Words& words) {
  const int label = width_of(words.label);
  const int message = width_of(words.message);
  const int cut = label + 2 * kPadding;
  const int whole = cut + message + 2 * kPadding;
  const std::string says = html_escape(words.label + ": " + words.message);
  return fmt::format(
             R"(<svg xmlns="http://www.w3.org/2000/svg" width="{0}" height="20" role="img" aria-label="{1}">)"
             R"(<title>{1}</title><rect width="{0}" height="20" rx="3" fill="{4}"/>)"
             R"(<path d="M{2} 0H3a3 3 0 0 0-3 3v14a3 3 0 0 0 3 3h{3}z" fill="#3b4149"/>)"
             R"(<g fill="#fff" font-family="Verdana,Geneva,'DejaVu Sans',sans-serif" font-size="11">)",
             whole, says, cut, cut - 3, colour_of(words.tone)) +
         text_at(kPadding, label, words.label) + text_at(cut + kPadding, message, words.message) +
         "</g></svg>\n";
}

}  // namespace kiln::api::badges
