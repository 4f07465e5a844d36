// What is masked in a log: every form of some secret values, as a pattern automaton (Aho-Corasick) with a
// table for skipping. Immutable once made; may be shared by threads.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace kiln::runner {

// Shorter values are not masked: masking every "1" or "on" would make a log unreadable and hide nothing.
inline constexpr std::size_t kShortestSecret = 4;

// The forms are those of secret_forms.h.
class Secrets {
 public:
  explicit Secrets(const std::vector<std::string>& values);

  // `text` as a log shows it, with every secret in it masked (redactor.h).
  [[nodiscard]] std::string mask(std::string_view text) const;

 private:
  friend class Masker;
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

}  // namespace kiln::runner
