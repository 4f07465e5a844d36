#include "http/body.h"

#include <algorithm>

namespace kiln::http {
namespace {

constexpr std::uint64_t kLargestChunk = std::uint64_t{1} << 56U;
constexpr std::size_t kMaxExtras = 16U << 10U;

int digit_of(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

bool is_text(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte == '\t' || (byte >= 0x20 && byte != 0x7f);
}

}  // namespace

BodyScanner::BodyScanner(Body kind, std::uint64_t length) : chunked_(kind == Body::chunked), left_(length) {
  if (kind == Body::length && length > 0) state_ = State::data;
  if (kind == Body::chunked) {
    state_ = State::size;
    left_ = 0;
  }
  if (kind == Body::until_end) state_ = State::until_end;
}

std::size_t BodyScanner::take(std::string_view bytes, std::string* payload) {
  std::size_t used = 0;
  while (used < bytes.size() && state_ != State::done && state_ != State::broken) {
    if (state_ == State::data || state_ == State::until_end) {
      std::size_t count = bytes.size() - used;
      if (state_ == State::data) count = static_cast<std::size_t>(std::min<std::uint64_t>(left_, count));
      if (payload != nullptr) payload->append(bytes, used, count);
      used += count;
      if (state_ == State::until_end) continue;
      left_ -= count;
      if (left_ == 0) state_ = chunked_ ? State::data_cr : State::done;
      continue;
    }
    step(bytes[used++]);
  }
  return used;
}

void BodyScanner::after_size() {
  line_ = 0;
  state_ = left_ > 0 ? State::data : State::trailer;
  any_digit_ = false;
}

// One byte of the framing. Extensions and trailers pass as they are, within a limit.
void BodyScanner::step(char c) {
  const auto expect = [&](char wanted, State next) { state_ = c == wanted ? next : State::broken; };
  switch (state_) {
    case State::size: {
      const int digit = digit_of(c);
      if (digit >= 0 && left_ < kLargestChunk) {
        left_ = left_ * 16 + static_cast<unsigned>(digit);
        any_digit_ = true;
      } else if (!any_digit_) {
        state_ = State::broken;
      } else if (c == '\r') {
        state_ = State::size_end;
      } else {
        state_ = c == ';' || c == ' ' || c == '\t' ? State::extension : State::broken;
      }
      return;
    }
    case State::extension:
      if (c == '\r')
        state_ = State::size_end;
      else if (!is_text(c) || ++line_ > kMaxExtras)
        state_ = State::broken;
      return;
    case State::size_end:
      expect('\n', State::size_end);
      if (state_ != State::broken) after_size();
      return;
    case State::data_cr:
      expect('\r', State::data_lf);
      return;
    case State::data_lf:
      expect('\n', State::size);
      return;
    case State::trailer:
      if (c == '\r')
        state_ = State::last_lf;
      else
        state_ = is_text(c) && c != ' ' && c != '\t' ? State::trailer_line : State::broken;
      return;
    case State::trailer_line:
      if (c == '\r')
        state_ = State::trailer_end;
      else if (!is_text(c) || ++line_ > kMaxExtras)
        state_ = State::broken;
      return;
    case State::trailer_end:
      expect('\n', State::trailer);
      return;
    case State::last_lf:
      expect('\n', State::done);
      return;
    default:
      return;
  }
}

}  // namespace kiln::http
