// Help that fits the terminal: CLI11's form with its texts broken into lines. Pure; any thread.
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <string_view>

namespace kiln::cli {

// Broken at spaces into lines of `width` characters at most, where its words are no longer than that.
[[nodiscard]] std::string wrapped(std::string_view text, std::size_t width);

class HelpFormat final : public CLI::Formatter {
 public:
  explicit HelpFormat(std::size_t width);

  std::string make_description(const CLI::App* app) const override;
  std::string make_subcommand(const CLI::App* sub) const override;
  std::string make_option_desc(const CLI::Option* option) const override;

 private:
  [[nodiscard]] std::string beside_names(const std::string& text) const;

  std::size_t width_;
};

}  // namespace kiln::cli
