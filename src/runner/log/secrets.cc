#include "runner/log/secrets.h"

#include <algorithm>
#include <deque>

#include "base/terminal_filter.h"
#include "runner/log/secret_forms.h"

namespace kiln::runner {

namespace {

constexpr std::size_t kLongestWindow = 16;

std::size_t pair_at(std::string_view text, std::size_t at) {
  return static_cast<std::size_t>(static_cast<unsigned char>(text[at])) << 8U |
         static_cast<unsigned char>(text[at + 1]);
}

}  // namespace

Secrets::Secrets(const std::vector<std::string>& values) : nodes_(1) {
  std::vector<std::string> patterns;
  for (const std::string& value : values) {
    if (value.size() < kShortestSecret) continue;
    for (std::string& form : secret_forms(value)) {
      // As it looks once escape sequences and controls are out of the log.
      if (std::string shown = filtered(form, false); shown != form && shown.size() >= kShortestSecret)
        patterns.push_back(std::move(shown));
      patterns.push_back(std::move(form));
    }
  }
  for (const std::string& pattern : patterns) add(pattern);
  link();
  fill_shifts(patterns);
}

// Wu and Manber's table over pairs of bytes: no pattern begins at any of the next `shifts_[pair]` positions
// when `pair` ends the window there.
void Secrets::fill_shifts(const std::vector<std::string>& patterns) {
  if (patterns.empty()) return;
  window_ = kLongestWindow;
  for (const std::string& pattern : patterns) window_ = std::min(window_, pattern.size());
  if (window_ < 2) return;
  shifts_.assign(1U << 16U, static_cast<std::uint8_t>(window_ - 1));
  for (const std::string& pattern : patterns) {
    for (std::size_t i = 0; i + 1 < window_; ++i) {
      std::uint8_t& shift = shifts_[pair_at(pattern, i)];
      shift = std::min(shift, static_cast<std::uint8_t>(window_ - 2 - i));
    }
  }
}

std::size_t Secrets::next_suspect(std::string_view bytes, std::size_t at) const {
  if (nodes_.size() == 1) return bytes.size();
  if (shifts_.empty()) {
    while (at < bytes.size() && first_[static_cast<unsigned char>(bytes[at])] == 0) ++at;
    return at;
  }
  while (at + window_ <= bytes.size()) {
    const std::size_t shift = shifts_[pair_at(bytes, at + window_ - 2)];
    if (shift == 0 && first_[static_cast<unsigned char>(bytes[at])] != 0) break;
    at += std::max<std::size_t>(shift, 1);
  }
  return at;
}

std::uint32_t Secrets::child(std::uint32_t node, unsigned char byte) const {
  if (node == 0) return first_[byte];
  for (const auto& [edge, next] : nodes_[node].next) {
    if (edge == byte) return next;
  }
  return 0;
}

void Secrets::add(std::string_view pattern) {
  std::uint32_t node = 0;
  for (const char character : pattern) {
    const auto byte = static_cast<unsigned char>(character);
    std::uint32_t next = child(node, byte);
    if (next == 0) {
      next = static_cast<std::uint32_t>(nodes_.size());
      Node made;
      made.depth = nodes_[node].depth + 1;
      nodes_.push_back(std::move(made));
      nodes_[node].next.emplace_back(byte, next);
      if (node == 0) first_[byte] = next;
    }
    node = next;
  }
  nodes_[node].match = nodes_[node].depth;
}

// Breadth first: each node's failure link is the longest proper suffix of its text that some pattern begins
// with.
void Secrets::link() {
  std::deque<std::uint32_t> open;
  for (const auto& [byte, next] : nodes_[0].next) open.push_back(next);
  while (!open.empty()) {
    const std::uint32_t node = open.front();
    open.pop_front();
    for (const auto& [byte, next] : nodes_[node].next) {
      nodes_[next].fail = step(nodes_[node].fail, byte);
      nodes_[next].match = std::max(nodes_[next].match, nodes_[nodes_[next].fail].match);
      open.push_back(next);
    }
  }
}

std::uint32_t Secrets::step(std::uint32_t node, unsigned char byte) const {
  while (true) {
    const std::uint32_t next = child(node, byte);
    if (next != 0 || node == 0) return next;
    node = nodes_[node].fail;
  }
}

}  // namespace kiln::runner
