#include "runner/log/line_splitter.h"

#include <algorithm>

#include "base/strings.h"
#include "base/terminal_filter.h"
#include "base/utf8.h"

namespace kiln::runner {
namespace {

// `size`, or where the colour sequence begins that a cut there would part.
std::size_t whole_colours(std::string_view text, std::size_t size) {
  const std::size_t from = size - std::min(size, kLongestSgr);
  const std::size_t escape = text.substr(from, size - from).rfind('\x1b');
  if (escape == text.npos) return size;
  const std::size_t begin = from + escape;
  return begin > 0 && text.substr(begin, size - begin).find('m') == text.npos ? begin : size;
}

// How many of the first `limit` bytes can be cut off without halving a UTF-8 character or a colour sequence.
std::size_t whole_characters(std::string_view text, std::size_t limit) {
  const std::size_t size = whole_colours(text, std::min(text.size(), limit));
  for (std::size_t back = 1; back <= 3 && back <= size; ++back) {
    const auto byte = static_cast<unsigned char>(text[size - back]);
    if (byte < 0x80) return size;
    if (byte < 0xC0) continue;  // a continuation byte: its lead stands further left
    const std::size_t length = byte >= 0xF0 ? 4 : byte >= 0xE0 ? 3 : 2;
    return length > back ? size - back : size;
  }
  return size;
}

}  // namespace

void LineSplitter::write(std::string_view bytes, TimeMs now, model::LogText& lines) {
  while (!bytes.empty()) {
    const std::size_t feed = bytes.find('\n');
    std::string_view line = bytes.substr(0, feed);
    for (std::size_t stop = 0; (stop = line.find('\r')) != line.npos;) {
      take_text(line.substr(0, stop), now, lines);
      returned_ = true;
      line.remove_prefix(stop + 1);
    }
    if (feed == bytes.npos) return take_text(line, now, lines);
    // Most lines come whole: they need no copy of their own.
    if (line_.empty() && !returned_ && !flushed_ && line.size() < kLongestLine) {
      began_ = now;
      emit(line, lines);
    } else {
      take_text(line, now, lines);
      end_line(now, lines);
    }
    bytes.remove_prefix(feed + 1);
  }
}

void LineSplitter::take_text(std::string_view text, TimeMs now, model::LogText& lines) {
  if (text.empty()) return;
  if (returned_) {
    line_.clear();
    returned_ = false;
  }
  while (!text.empty()) {
    if (line_.empty()) began_ = now;
    const std::size_t taken = std::min(text.size(), kLongestLine - line_.size());
    line_.append(text, 0, taken);
    text.remove_prefix(taken);
    if (line_.size() < kLongestLine) continue;
    std::size_t cut = whole_characters(line_, kLongestLine);
    emit(std::string_view(line_).substr(0, cut), lines);
    line_.erase(0, cut);
    began_ = now;
    flushed_ = true;
  }
}

void LineSplitter::end_line(TimeMs now, model::LogText& lines) {
  if (!line_.empty() || !flushed_) {
    if (line_.empty()) began_ = now;
    emit(line_, lines);
  }
  line_.clear();
  returned_ = false;
  flushed_ = false;
}

void LineSplitter::flush(bool all, model::LogText& lines) {
  const std::size_t cut = all ? line_.size() : whole_characters(line_, line_.size());
  if (cut > 0) {
    emit(std::string_view(line_).substr(0, cut), lines);
    line_.erase(0, cut);
    flushed_ = true;
  }
  if (all) {
    flushed_ = false;
    returned_ = false;
  }
}

std::optional<TimeMs> LineSplitter::unfinished_since() const {
  if (line_.empty()) return std::nullopt;
  return began_;
}

// Repair may lengthen a line (one bad byte becomes the three of U+FFFD), so that it is cut once more.
void LineSplitter::emit(std::string_view raw, model::LogText& lines) const {
  if (is_valid_utf8(raw) && raw.find('\0') == raw.npos) return lines.add(began_, raw, service_);
  std::string text = to_valid_utf8(raw);
  for (std::size_t at = 0; (at = text.find('\0', at)) != text.npos;) text.replace(at, 1, "\xEF\xBF\xBD");
  std::string_view rest = text;
  while (rest.size() > kLongestLine) {
    const std::size_t cut = whole_characters(rest, kLongestLine);
    lines.add(began_, rest.substr(0, cut), service_);
    rest.remove_prefix(cut);
  }
  lines.add(began_, rest, service_);
}

}  // namespace kiln::runner
