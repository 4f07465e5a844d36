#include "cli/event_stream.h"

namespace kiln::cli {
namespace {

constexpr std::size_t kLongestLine = 4U << 20U;

}  // namespace

void EventStream::feed(std::string_view bytes, const std::function<void(const ServerEvent&)>& take) {
  pending_ += bytes;
  std::size_t from = 0;
  while (true) {
    const std::size_t end = pending_.find('\n', from);
    if (end == std::string::npos) break;
    std::string_view text = std::string_view(pending_).substr(from, end - from);
    if (!text.empty() && text.back() == '\r') text.remove_suffix(1);
    line(text, take);
    from = end + 1;
  }
  pending_.erase(0, from);
  if (pending_.size() > kLongestLine) pending_.clear();
}

void EventStream::line(std::string_view text, const std::function<void(const ServerEvent&)>& take) {
  if (text.empty()) {
    if (has_data_) take({id_, type_.empty() ? "message" : type_, data_});
    type_.clear();
    data_.clear();
    has_data_ = false;
    return;
  }
  const std::size_t colon = text.find(':');
  const std::string_view field = text.substr(0, colon);
  std::string_view value = colon == text.npos ? std::string_view() : text.substr(colon + 1);
  if (!value.empty() && value.front() == ' ') value.remove_prefix(1);
  if (field == "data") {
    if (has_data_) data_ += '\n';
    data_ += value;
    has_data_ = true;
  } else if (field == "event") {
    type_ = value;
  } else if (field == "id") {
    id_ = value;
  }
}

}  // namespace kiln::cli
