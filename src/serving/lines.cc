#include "serving/lines.h"

namespace kiln::serving {

void Lines::feed(std::string_view bytes, const std::function<void(std::string_view)>& line) {
  rest_ += bytes;
  std::size_t begin = 0;
  while (true) {
    const std::size_t end = rest_.find('\n', begin);
    if (end != std::string::npos && end - begin <= kLongest) {
      line(std::string_view(rest_).substr(begin, end - begin));
      begin = end + 1;
    } else if (rest_.size() - begin > kLongest) {
      line(std::string_view(rest_).substr(begin, kLongest));
      begin += kLongest;
    } else {
      break;
    }
  }
  rest_.erase(0, begin);
}

void Lines::finish(const std::function<void(std::string_view)>& line) {
  if (!rest_.empty()) line(rest_);
  rest_.clear();
}

}  // namespace kiln::serving
