// Values of secrets that an import sets: from a file, or asked for one by one at the terminal. Belongs to one
// thread.
#pragma once

#include <map>
#include <optional>
#include <ostream>
#include <string>

#include "base/result.h"

namespace kiln::cli {

// Lines NAME=VALUE (empty ones and those that begin with # are none), or a JSON object of texts. Errors:
// Errc::invalid naming the line, never what stands in it.
[[nodiscard]] Result<std::map<std::string, std::string>> read_secret_values(const std::string& text);

class SecretValues {
 public:
  SecretValues() = default;
  // `asks`: where to ask for what is not in `values`; nullptr: nowhere.
  SecretValues(std::map<std::string, std::string> values, std::ostream* asks)
      : values_(std::move(values)), asks_(asks) {}

  // A resource's, by the whole of its name ("shop/Deploy main/KEY"), by its Worker's and its last part
  // ("shop/KEY"), or by that alone.
  [[nodiscard]] bool has(const std::string& name) const { return asks_ != nullptr || known(name) != nullptr; }
  // Nothing when it is not known, and nobody gave it when asked.
  [[nodiscard]] Result<std::optional<std::string>> of(const std::string& name);

 private:
  [[nodiscard]] const std::string* known(const std::string& name) const;

  std::map<std::string, std::string> values_{};
  std::ostream* asks_ = nullptr;
};

}  // namespace kiln::cli
