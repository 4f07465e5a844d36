#include "cli/secret_file.h"

#include <fmt/format.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/printable.h"
#include "base/strings.h"
#include "cli/secret_prompt.h"

namespace kiln::cli {
namespace {

constexpr std::size_t kLargestSecretFile = 64U << 10U;

}  // namespace

Result<std::string> text_in(const std::string& file, std::size_t most) {
  const bool is_input = file == "-";
  Result<std::string> text = read_file(is_input ? "/dev/stdin" : file, most);
  if (!text) return context(text.error(), "reading " + (is_input ? "standard input" : file));
  return text;
}

Result<std::string> secret_in(const std::string& file) {
  const Result<std::string> text = text_in(file, kLargestSecretFile);
  if (!text) return text;
  std::string trimmed(trim(*text));
  if (trimmed.empty()) return fail(Errc::invalid, (file == "-" ? "standard input" : file) + " is empty");
  return trimmed;
}

Result<std::string> value_in(const std::string& file, const std::string& name) {
  const bool is_input = file.empty() || file == "-";
  std::string value;
  if (is_input && isatty(STDIN_FILENO) != 0) {
    Result<std::string> typed = typed_unseen(fmt::format("Value of {} (it is not shown): ", name));
    if (!typed) return tl::unexpected<Error>(typed.error());
    value = std::move(*typed);
  } else {
    Result<std::string> text = text_in(is_input ? "-" : file, kLargestSecretFile);
    if (!text) return text;
    value = std::move(*text);
    if (value.ends_with('\n')) value.pop_back();
    if (value.ends_with('\r')) value.pop_back();
  }
  if (value.empty())
    return fail(Errc::invalid,
                fmt::format("{} has no value: {} is empty", name, is_input ? "standard input" : file));
  if (to_valid_utf8(value) != value)
    return fail(Errc::invalid, fmt::format("{} is no text of UTF-8", is_input ? "standard input" : file));
  return value;
}

Status put_file(boost::json::object& body, const char* field, const std::string& file) {
  if (file.empty()) return {};
  const Result<std::string> text = secret_in(file);
  if (!text) return tl::unexpected<Error>(text.error());
  body[field] = *text;
  return {};
}

}  // namespace kiln::cli
