#include "model/log_search.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "base/strings.h"
#include "base/terminal_filter.h"
#include "model/log_text.h"

namespace kiln::model {
namespace {

constexpr char kEscape = '\x1b';

void append_without_colours(std::string_view text, std::string& out) {
  while (!text.empty()) {
    const std::size_t escape = text.find(kEscape);
    out.append(text.substr(0, escape));
    if (escape == text.npos) return;
    text.remove_prefix(escape);
    text.remove_prefix(std::max<std::size_t>(1, sgr_length(text)));
  }
}

// Without a branch, so that the processor takes many letters at once.
void lower(std::string& text) {
  for (char& c : text) c = static_cast<char>(c + ((c >= 'A') & (c <= 'Z')) * ('a' - 'A'));
}

std::size_t find_in(std::string_view text, std::string_view wanted, std::size_t from) {
  const void* found = memmem(text.data() + from, text.size() - from, wanted.data(), wanted.size());
  return found == nullptr ? text.npos
                          : static_cast<std::size_t>(static_cast<const char*>(found) - text.data());
}

// How many line ends stand from `begin` to before `end`.
std::int64_t line_ends(std::string_view text, std::size_t begin, std::size_t end) {
  return std::count(text.begin() + static_cast<std::ptrdiff_t>(begin),
                    text.begin() + static_cast<std::ptrdiff_t>(end), '\n');
}

}  // namespace

std::string without_colours(std::string_view line) {
  std::string out;
  append_without_colours(line, out);
  return out;
}

LogSearch::LogSearch(LogQuery query) : query_(std::move(query)) {
  if (query_.ignore_case) lower(query_.text);
}

void LogSearch::feed(std::int64_t first, std::string_view text) {
  // No line holds a line end, but the stretch does.
  if (query_.text.empty() || query_.text.find('\n') != query_.text.npos) return;
  std::string_view seen = text;
  const bool coloured = text.find(kEscape) != text.npos;
  if (coloured || query_.ignore_case) {
    seen_.clear();
    if (coloured) {
      append_without_colours(text, seen_);
    } else {
      seen_ = text;
    }
    if (query_.ignore_case) lower(seen_);
    seen = seen_;
  }
  walked_line_ = first;
  walked_at_ = 0;
  std::int64_t number = first;
  std::size_t counted = 0;  // the beginning of line `number`
  std::size_t at = 0;
  while (at < seen.size()) {
    const std::size_t hit = find_in(seen, query_.text, at);
    if (hit == seen.npos) return;
    const std::size_t end_before = hit == 0 ? seen.npos : seen.rfind('\n', hit - 1);
    const std::size_t begin = end_before == seen.npos ? 0 : end_before + 1;
    number += line_ends(seen, counted, begin);
    counted = begin;
    // The time in front is not part of the line.
    const std::size_t words = std::min(seen.find(' ', begin), seen.size() - 1) + 1;
    if (hit < words) {
      at = std::max(words, hit + 1);
      // The same line again, from its words on.
      continue;
    }
    found(number, first, text);
    const std::size_t end = seen.find('\n', hit);
    if (end == seen.npos) return;
    at = end + 1;
  }
}

void LogSearch::found(std::int64_t number, std::int64_t first, std::string_view text) {
  ++count_;
  if (numbers_.size() < kNumbersKept) numbers_.push_back(number);
  if (number < query_.from) return;
  if (hits_.size() == query_.limit) {
    if (next_ == 0) next_ = number;
    return;
  }
  if (walked_line_ < first) walked_line_ = first;
  for (; walked_line_ < number; ++walked_line_) walked_at_ = text.find('\n', walked_at_) + 1;
  LogTextReader reader(text.substr(walked_at_));
  if (const auto line = reader.next())
    hits_.push_back({number, {line->time, std::string(line->text), line->service}});
}

}  // namespace kiln::model
