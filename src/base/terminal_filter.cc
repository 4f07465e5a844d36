#include "base/terminal_filter.h"

#include <algorithm>

#include "base/printable.h"
#include "base/strings.h"

namespace kiln {
namespace {

constexpr char kEscape = '\x1b';

// Whether a byte needs a look: controls, and what harmful and unseen characters begin with.
constexpr auto kNeedsLook = [](unsigned char byte) {
  const bool control = (byte < 0x20) & (byte != '\n') & (byte != '\r') & (byte != '\t');
  return control | (byte == 0x7f) | (byte == 0xc2) | (byte == 0xcd) | (byte == 0xd8) |
         ((byte >= 0xe1) & (byte <= 0xe3)) | (byte == 0xef) | (byte == 0xf0) | (byte == 0xf3);
};

// How many bytes at the beginning need no look.
std::size_t plain_length(std::string_view bytes) {
  constexpr std::size_t block = 64;
  std::size_t length = 0;
  while (length + block <= bytes.size() && !any_byte(bytes.substr(length, block), kNeedsLook))
    length += block;
  while (length < bytes.size() && !kNeedsLook(static_cast<unsigned char>(bytes[length]))) ++length;
  return length;
}

bool is_continuation(char byte) {
  return (static_cast<unsigned char>(byte) & 0xc0U) == 0x80U;
}

std::size_t hidden_length(std::string_view text) {
  return std::max(harmful_length(text), unseen_length(text));
}

// Of the character that `bytes` begin with and hold whole; 0: none.
std::size_t character_length(std::string_view bytes) {
  const auto first = static_cast<unsigned char>(bytes.front());
  const std::size_t length = first < 0xc2 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
  if (bytes.size() < length) return 0;
  const std::string_view rest = bytes.substr(1, length - 1);
  return std::all_of(rest.begin(), rest.end(), is_continuation) ? length : 0;
}

bool sets_colours(std::string_view parameters) {
  return parameters.find_first_not_of("0123456789;:") == parameters.npos;
}

}  // namespace

bool TerminalFilter::write(std::string_view bytes, std::string& out) {
  plain_ = state_ == State::text && held_.empty();
  while (!bytes.empty()) {
    if (state_ == State::text && held_.empty()) {
      const std::size_t plain = plain_length(bytes);
      out.append(bytes.substr(0, plain));
      bytes.remove_prefix(plain);
      if (bytes.empty()) break;
      if (const std::size_t taken = whole(bytes, out); taken > 0) {
        bytes.remove_prefix(taken);
        continue;
      }
      plain_ = false;
    }
    const char byte = bytes.front();
    bytes.remove_prefix(1);
    if (state_ == State::text || !in_sequence(static_cast<unsigned char>(byte), out)) text_byte(byte, out);
  }
  return plain_;
}

// What is most of what needs a look, at once: a harmless character or a colour that `bytes` begin with and
// hold whole. Its length; 0: something else, which goes byte by byte.
std::size_t TerminalFilter::whole(std::string_view bytes, std::string& out) {
  if (bytes.front() != kEscape) {
    const std::size_t length = character_length(bytes);
    if (length == 0 || hidden_length(bytes) > 0) return 0;
    out.append(bytes.substr(0, length));
    return length;
  }
  if (!bytes.starts_with("\x1b[")) return 0;
  const std::size_t end = bytes.substr(0, kLongestSgr).find_first_not_of("0123456789;:", 2);
  if (end == bytes.npos || bytes[end] != 'm') return 0;
  plain_ = false;
  out.append(bytes.substr(0, end + 1));
  return end + 1;
}

void TerminalFilter::finish(std::string& out) {
  if (state_ == State::text && !held_.empty()) out.append(kReplacement);
  state_ = State::text;
  held_.clear();
}

void TerminalFilter::text_byte(char byte, std::string& out) {
  if (!held_.empty()) {
    held_.push_back(byte);
    if (begins_hidden(held_)) return;
    const bool continues = is_continuation(byte);
    if (continues && hidden_length(held_) == 0) out.append(held_);
    // A half character must not meet a byte that stands behind what is left out.
    if (!continues) out.append(kReplacement);
    held_.clear();
    if (continues) return;
  }
  if (byte == kEscape) {
    state_ = State::escape;
  } else if (begins_hidden({&byte, 1})) {
    held_.assign(1, byte);
  } else if (!kNeedsLook(static_cast<unsigned char>(byte))) {
    out.push_back(byte);
  }
}

bool TerminalFilter::in_sequence(unsigned char byte, std::string& out) {
  switch (state_) {
    case State::text:
      return false;
    case State::escape:
    case State::escape_middle:
      return in_escape(byte);
    case State::csi:
    case State::csi_dropped:
      return in_csi(byte, out);
    case State::string:
    case State::string_escape:
      return in_string(byte);
  }
  return false;
}

// ECMA-35 13.2: ESC, intermediate bytes, a final byte.
bool TerminalFilter::in_escape(unsigned char byte) {
  const bool first = state_ == State::escape;
  state_ = State::text;
  if (byte < 0x20 || byte >= 0x7f) return false;
  if (byte < 0x30) {
    state_ = State::escape_middle;
  } else if (first && byte == '[') {
    state_ = State::csi;
    held_ = "\x1b[";
  } else if (first && (byte == ']' || byte == 'P' || byte == '_' || byte == '^' || byte == 'X')) {
    state_ = State::string;
  }
  return true;
}

// ECMA-48 5.4: parameter and intermediate bytes, a final byte.
bool TerminalFilter::in_csi(unsigned char byte, std::string& out) {
  const bool ends = byte < 0x20 || byte >= 0x40;
  if (!ends) {
    if (state_ == State::csi_dropped) return true;
    held_.push_back(static_cast<char>(byte));
    if (held_.size() < kLongestSgr) return true;
    held_.clear();
    state_ = State::csi_dropped;
    return true;
  }
  if (state_ == State::csi && byte == 'm' && sets_colours(std::string_view(held_).substr(2)))
    out.append(held_).push_back('m');
  held_.clear();
  state_ = State::text;
  return byte >= 0x40 && byte < 0x7f;
}

bool TerminalFilter::in_string(unsigned char byte) {
  constexpr unsigned char bell = 0x07;
  constexpr unsigned char cancel = 0x18;
  constexpr unsigned char substitute = 0x1a;
  if (state_ == State::string_escape) {
    if (byte == '\\') {
      state_ = State::text;
      return true;
    }
    state_ = State::escape;  // no terminator: another sequence
    return in_escape(byte);
  }
  if (byte == kEscape) {
    state_ = State::string_escape;
  } else if (byte == bell || byte == cancel || byte == substitute) {
    state_ = State::text;
  } else if (byte == '\n' || byte == '\r') {
    state_ = State::text;
    return false;
  }
  return true;
}

std::string filtered(std::string_view text, bool colours) {
  TerminalFilter filter;
  std::string out;
  filter.write(text, out);
  filter.finish(out);
  if (colours) return out;
  std::string plain;
  for (std::string_view rest = out; !rest.empty();) {
    const std::size_t end = rest.find(kEscape);
    plain.append(rest.substr(0, end));
    if (end == rest.npos) break;
    rest.remove_prefix(end);
    rest.remove_prefix(sgr_length(rest));
  }
  return plain;
}

std::size_t sgr_length(std::string_view text) {
  if (text.empty() || text.front() != kEscape) return 0;
  const std::size_t end = text.find('m');
  return end == text.npos ? text.size() : end + 1;
}

}  // namespace kiln
