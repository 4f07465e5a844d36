// Lets through a stream of bytes what a terminal shows, and of what it obeys only colours: text, line feed,
// carriage return, tab and SGR sequences (ECMA-48 8.3.117, "ESC [ 31 m"). Every other escape sequence (other
// CSI, OSC, DCS, APC, PM, SOS, two-byte ones) and every other harmful or unseen character (printable.h) is
// left out, wherever the stream is cut.
//
// A sequence that is broken off ends at the character that breaks it; one that never ends, at the line's end.
// Bytes that are not UTF-8 pass, but never so that leaving something out between two of them makes a harmful
// character. Holds back at most one SGR sequence. Belongs to one thread at a time.
#pragma once

#include <string>
#include <string_view>

namespace kiln {

// No longer sequence sets a colour; so long is what is held back at most.
inline constexpr std::size_t kLongestSgr = 64;

class TerminalFilter {
 public:
  // Takes more of the stream and appends to `out` what passes. An SGR sequence is appended whole. True: that
  // was all of it as it is, without a colour, and nothing is held back.
  bool write(std::string_view bytes, std::string& out);
  // The stream pauses for good: a half character becomes U+FFFD, a half sequence is dropped.
  void finish(std::string& out);

 private:
  enum class State { text, escape, escape_middle, csi, csi_dropped, string, string_escape };

  std::size_t whole(std::string_view bytes, std::string& out);
  // False: the byte is not part of the sequence, which is over, and is looked at once more as text.
  bool in_sequence(unsigned char byte, std::string& out);
  bool in_escape(unsigned char byte);
  bool in_csi(unsigned char byte, std::string& out);
  bool in_string(unsigned char byte);
  void text_byte(char byte, std::string& out);

  State state_ = State::text;
  bool plain_ = true;  // of one call: whether it was all text
  std::string held_;   // in text: the beginning of a character; in csi: the sequence so far
};

// A whole text through the filter; without `colours` no SGR sequence passes either.
[[nodiscard]] std::string filtered(std::string_view text, bool colours);

// The length of the SGR sequence that `text`, which came through the filter, begins with; 0: with none.
[[nodiscard]] std::size_t sgr_length(std::string_view text);

}  // namespace kiln
