#include "runner/log/masker.h"

#include <algorithm>

#include "base/terminal_filter.h"

namespace kiln::runner {
namespace {

// More bytes of colours than that between the characters of what may be a secret are dropped.
constexpr std::size_t kMostColours = 4096;
// Settled bytes at the front of what is held are dropped so many at a time.
constexpr std::size_t kDropAtOnce = 4096;

}  // namespace

void Masker::write(std::string_view bytes, std::string& out) {
  std::size_t at = 0;
  while (at < bytes.size()) {
    if (state_ == 0 && is_idle()) {
      // Nothing is pending: everything up to where some secret may begin passes at once.
      const std::size_t start = at;
      at = secrets_.next_suspect(bytes, at);
      pass(bytes.substr(start, at - start), out);
      if (at == bytes.size()) break;
    }
    take(bytes[at++], out);
  }
  if (!is_idle() && colours_size_ > kMostColours) {
    colours_.clear();
    colours_size_ = 0;
  }
  if (is_idle()) put_colours(end_, out);
}

void Masker::write_with_colours(std::string_view bytes, std::string& out) {
  text_.clear();
  while (!bytes.empty()) {
    const std::size_t text = std::min(bytes.find('\x1b'), bytes.size());
    text_.append(bytes.substr(0, text));
    bytes.remove_prefix(text);
    if (bytes.empty()) break;
    const std::size_t length = sgr_length(bytes);
    colours_.push_back({end_ + text_.size(), std::string(bytes.substr(0, length))});
    colours_size_ += length;
    bytes.remove_prefix(length);
  }
  write(text_, out);
}

void Masker::take(char byte, std::string& out) {
  held_.push_back(byte);
  ++end_;
  state_ = secrets_.step(state_, static_cast<unsigned char>(byte));
  const Secrets::Node& node = secrets_.nodes_[state_];
  if (node.match > 0) mark(node.match);
  release(end_ - node.depth, out);
}

// The last `length` characters are a secret. Secrets that overlap become one range.
void Masker::mark(std::uint64_t length) {
  std::uint64_t from = end_ - length;
  while (!masked_.empty() && masked_.back().second >= from) {
    from = std::min(from, masked_.back().first);
    masked_.pop_back();
  }
  masked_.emplace_back(from, end_);
}

bool Masker::is_masked(std::uint64_t position) {
  while (!masked_.empty() && masked_.front().second <= position) masked_.pop_front();
  return !masked_.empty() && masked_.front().first <= position;
}

// Text that was not held passes, the colours in it where they stood.
void Masker::pass(std::string_view text, std::string& out) {
  if (text.empty()) return;
  in_mask_ = false;
  end_ += text.size();
  while (!colours_.empty() && colours_.front().position < end_) {
    const std::size_t before = colours_.front().position - first_;
    out.append(text.substr(0, before));
    text.remove_prefix(before);
    first_ += before;
    put_colours(first_, out);
  }
  out.append(text);
  first_ = end_;
}

// Puts out what is held of the text before `up_to`.
void Masker::release(std::uint64_t up_to, std::string& out) {
  while (first_ < up_to) {
    put_colours(first_, out);
    const bool masked = is_masked(first_++);
    if (!masked) {
      out.push_back(held_[held_begin_]);
    } else if (!in_mask_) {
      out += "***";
    }
    in_mask_ = masked;
    ++held_begin_;
  }
  if (held_begin_ == held_.size() || held_begin_ >= kDropAtOnce) {
    held_.erase(0, held_begin_);
    held_begin_ = 0;
  }
}

void Masker::put_colours(std::uint64_t up_to, std::string& out) {
  while (!colours_.empty() && colours_.front().position <= up_to) {
    out.append(colours_.front().sequence);
    colours_size_ -= colours_.front().sequence.size();
    colours_.pop_front();
  }
}

void Masker::finish(std::string& out) {
  release(end_, out);
  put_colours(end_, out);
  state_ = 0;
  in_mask_ = false;
}

}  // namespace kiln::runner
