#include "cli/set_up/secret_values.h"

#include <fmt/format.h>

#include <boost/json/object.hpp>

#include "base/strings.h"
#include "cli/print.h"
#include "cli/secret_prompt.h"
#include "wire/json.h"

namespace kiln::cli {
namespace {

namespace json = boost::json;

Result<std::map<std::string, std::string>> values_of_json(const std::string& text) {
  const Result<json::value> value = wire::parse_json(text);
  if (!value || !value->is_object())
    return fail(Errc::invalid, "the file of secrets begins with { and is no JSON object");
  std::map<std::string, std::string> values;
  for (const auto& [name, one] : value->get_object()) {
    if (!one.is_string())
      return fail(Errc::invalid,
                  fmt::format("the secret {} is no text", headline(std::string_view(name), 200)));
    values[std::string(name)] = one.get_string();
  }
  return values;
}

}  // namespace

Result<std::map<std::string, std::string>> read_secret_values(const std::string& text) {
  if (to_valid_utf8(text) != text) return fail(Errc::invalid, "the file of secrets is no text of UTF-8");
  const std::string_view whole = trim(without_byte_order_mark(text));
  if (whole.starts_with('{')) return values_of_json(std::string(whole));
  std::map<std::string, std::string> values;
  std::size_t number = 0;
  for (const std::string& line : split(whole, '\n')) {
    ++number;
    const std::string_view written = trim(line);
    if (written.empty() || written.starts_with('#')) continue;
    const std::size_t equals = written.find('=');
    if (equals == std::string_view::npos || equals == 0)
      return fail(Errc::invalid, fmt::format("line {} of the secrets is not NAME=VALUE", number));
    values[std::string(trim(written.substr(0, equals)))] = written.substr(equals + 1);
  }
  return values;
}

const std::string* SecretValues::known(const std::string& name) const {
  const std::size_t last = name.rfind('/');
  const std::string key = last == std::string::npos ? name : name.substr(last + 1);
  for (const std::string& way : {name, name.substr(0, name.find('/')) + "/" + key, key}) {
    const auto found = values_.find(way);
    if (found != values_.end() && !found->second.empty()) return &found->second;
  }
  return nullptr;
}

Result<std::optional<std::string>> SecretValues::of(const std::string& name) {
  if (const std::string* value = known(name); value != nullptr) return std::optional(*value);
  if (asks_ == nullptr) return std::optional<std::string>();
  *asks_ << std::flush;
  Result<std::string> typed =
      ask_secret(fmt::format("Value of {} (it is not shown; none: leave it out): ", headline(name, 200)));
  if (typed) return std::optional(*std::move(typed));
  if (typed.error().code == Errc::invalid) return std::optional<std::string>();
  return tl::unexpected<Error>(typed.error());
}

}  // namespace kiln::cli
