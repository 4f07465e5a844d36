#include "workers/sql_statements.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>

#include "base/strings.h"

namespace kiln::workers {
namespace {

bool is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '$' ||
         static_cast<unsigned char>(c) >= 0x80;
}

bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f';
}

enum class Token : std::uint8_t { nothing, semicolon, word, other };

struct Scanner {
  std::string_view text;
  std::size_t at = 0;

  // Behind the next `end`, or at the end of the text.
  void skip_past(std::string_view end, std::size_t from) {
    const std::size_t found = text.find(end, from);
    at = found == std::string_view::npos ? text.size() : found + end.size();
  }

  // The token at `at`, which moves behind it.
  Token next() {
    const char c = text[at];
    const char after = at + 1 < text.size() ? text[at + 1] : '\0';
    if (is_blank(c)) {
      ++at;
      return Token::nothing;
    }
    if (c == '-' && after == '-') {
      skip_past("\n", at);
      return Token::nothing;
    }
    if (c == '/' && after == '*') {
      skip_past("*/", at + 2);
      return Token::nothing;
    }
    if (c == ';') {
      ++at;
      return Token::semicolon;
    }
    if (c == '\'' || c == '"' || c == '`' || c == '[') {
      // A quote that is doubled inside ends one text and begins the next.
      skip_past(c == '[' ? "]" : std::string_view(&text[at], 1), at + 1);
      return Token::other;
    }
    if (is_word(c)) {
      while (at < text.size() && is_word(text[at])) ++at;
      return Token::word;
    }
    ++at;
    return Token::other;
  }
};

// Whether a statement makes a trigger, as its first words say; and whether the semicolon that comes is one of
// those inside it, the last of which stands behind END, which stands behind another.
class TriggerWatch {
 public:
  void hear(Token token, std::string_view word) {
    if (token == Token::word && words_ < kMostWords && !is_trigger_) {
      const std::string name = to_lower(word);
      is_trigger_ = makes_ && name == "trigger";
      makes_ = makes_ || (name == "create" && (words_ == 0 || words_ == 1 || words_ == 3));
      ++words_;
    }
    behind_end_ = behind_semicolon_ && token == Token::word && to_lower(word) == "end";
    behind_semicolon_ = false;
  }
  // True when it ends the statement.
  [[nodiscard]] bool hear_semicolon() {
    const bool ends = !is_trigger_ || behind_end_;
    if (ends)
      *this = {};
    else
      behind_semicolon_ = true;
    return ends;
  }

 private:
  static constexpr int kMostWords = 6;  // EXPLAIN QUERY PLAN CREATE TEMPORARY TRIGGER
  int words_ = 0;
  bool makes_ = false;
  bool is_trigger_ = false;
  bool behind_semicolon_ = false;
  bool behind_end_ = false;
};

}  // namespace

std::vector<std::string_view> sql_statements(std::string_view text) {
  std::vector<std::string_view> out;
  Scanner scanner{text};
  TriggerWatch watch;
  std::size_t begin = std::string_view::npos;  // of the statement; npos: nothing of it has come
  std::size_t end = 0;                         // behind its last token
  while (scanner.at < text.size()) {
    const std::size_t from = scanner.at;
    const Token token = scanner.next();
    if (token == Token::nothing) continue;
    if (token == Token::semicolon) {
      const bool is_over = begin == std::string_view::npos || watch.hear_semicolon();
      if (is_over && begin != std::string_view::npos) out.push_back(text.substr(begin, end - begin));
      if (is_over) begin = std::string_view::npos;
      end = scanner.at;
      continue;
    }
    watch.hear(token, text.substr(from, scanner.at - from));
    if (begin == std::string_view::npos) begin = from;
    end = scanner.at;
  }
  if (begin != std::string_view::npos) out.push_back(text.substr(begin, end - begin));
  return out;
}

}  // namespace kiln::workers
