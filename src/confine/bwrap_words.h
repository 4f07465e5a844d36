// The words of a bubblewrap command line, one after another. A value of whoever starts a sandbox; one thread.
#pragma once

#include <filesystem>
#include <initializer_list>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

namespace kiln::confine {

class BwrapWords {
 public:
  void add(std::initializer_list<std::string_view> words) {
    for (const std::string_view word : words) words_.emplace_back(word);
  }
  // The host's folder of that name as it is: read-only, or a link where the host has one (/lib on a merged
  // /usr); nothing when there is none.
  void add_folder(const char* folder) {
    std::error_code error;
    if (std::filesystem::is_symlink(folder, error)) {
      add({"--symlink", std::filesystem::read_symlink(folder, error).native(), folder});
    } else if (std::filesystem::is_directory(folder, error)) {
      add({"--ro-bind", folder, folder});
    }
  }
  [[nodiscard]] std::vector<std::string> take() { return std::move(words_); }

 private:
  std::vector<std::string> words_;
};

}  // namespace kiln::confine
