// What a process prints, cut into lines. Belongs to one thread.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

namespace kiln::serving {

class Lines {
 public:
  static constexpr std::size_t kLongest = 8U << 10U;  // a longer line comes in pieces

  void feed(std::string_view bytes, const std::function<void(std::string_view)>& line);
  // The last line, if it had no end.
  void finish(const std::function<void(std::string_view)>& line);

 private:
  std::string rest_;
};

}  // namespace kiln::serving
