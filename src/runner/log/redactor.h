// Replaces secrets by *** in a stream of bytes, wherever the stream is cut. A pattern automaton
// (Aho-Corasick) runs over the bytes; what might still become a secret is held back until it has or has not.
//
// Secrets is immutable once made and may be shared by threads; a Redactor belongs to one thread at a time.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace kiln::runner {

// Shorter values are not masked: masking every "1" or "on" would make a log unreadable and hide nothing.
inline constexpr std::size_t kShortestSecret = 4;

// Every form of some secret values that is looked for: as it is, without its line breaks' neighbours (each
// long line of a multi-line value), base64 (any alignment, plain, URL-safe, wrapped), percent-encoded and
// JSON-escaped.
class Secrets {
 public:
  explicit Secrets(const std::vector<std::string>& values);

  // `text` with every secret in it masked.
  [[nodiscard]] std::string mask(std::string_view text) const;

 private:
  friend class Redactor;
  struct Node {
    std::vector<std::pair<unsigned char, std::uint32_t>> next;
    std::uint32_t fail = 0;
    std::uint32_t depth = 0;
    std::uint32_t match = 0;  // length of the longest pattern that ends here, or 0
  };

  void add(std::string_view pattern);
  void link();
  void fill_shifts(const std::vector<std::string>& patterns);
  // The first position from `at` on where a secret may begin; what is too near the end to tell is suspect.
  [[nodiscard]] std::size_t next_suspect(std::string_view bytes, std::size_t at) const;
  [[nodiscard]] std::uint32_t child(std::uint32_t node, unsigned char byte) const;
  [[nodiscard]] std::uint32_t step(std::uint32_t node, unsigned char byte) const;

  std::vector<Node> nodes_;
  std::array<std::uint32_t, 256> first_{};  // children of the root
  std::size_t window_ = 0;                  // how much of each pattern's beginning shifts_ knows
  std::vector<std::uint8_t> shifts_;        // by pair of bytes; empty: a pattern is too short for it
};

class Redactor {
 public:
  explicit Redactor(const Secrets& secrets) : secrets_(secrets) {}

  // Takes more of the stream and appends to `out` what is settled.
  void write(std::string_view bytes, std::string& out);
  // The stream pauses for good: appends what was held back.
  void finish(std::string& out);

 private:
  void release(std::size_t count, std::string& out);

  const Secrets& secrets_;
  std::uint32_t state_ = 0;
  std::string held_;          // bytes not settled yet
  std::vector<bool> masked_;  // beside held_: part of a secret
  bool in_mask_ = false;      // the last byte released was masked
};

}  // namespace kiln::runner
