#include "project/json_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <memory>

#include "base/strings.h"

namespace kiln::project {
namespace {

namespace json = boost::json;

constexpr std::size_t kDeepestJson = 64;

// The line at which the parser gives up, by giving it line after line: what it says of the place itself is
// not to be relied on inside strings and comments.
std::size_t line_of_error(std::string_view text, const json::parse_options& options) {
  json::stream_parser parser({}, options);
  boost::system::error_code error;
  std::size_t line = 1;
  while (!text.empty()) {
    const std::size_t size = std::min(text.find('\n'), text.size() - 1) + 1;
    parser.write(text.data(), size, error);
    text.remove_prefix(size);
    if (error || text.empty()) break;
    ++line;
  }
  return line;
}

std::string reason(const boost::system::error_code& error) {
  if (error == json::error::too_deep) return fmt::format("nested deeper than {} levels", kDeepestJson);
  if (error == json::error::incomplete) return "the file ends in the middle of a value";
  if (error == json::error::extra_data) return "something follows the end of the JSON value";
  return fmt::format("not JSON ({})", error.message());
}

}  // namespace

Result<json::object> parse_json_file(const std::string& file, std::string_view text, JsonForm form) {
  text = without_byte_order_mark(text);
  json::parse_options options;
  options.max_depth = kDeepestJson;
  options.allow_comments = form == JsonForm::with_comments;
  options.allow_trailing_commas = options.allow_comments;
  json::stream_parser parser({}, options);
  boost::system::error_code error;
  parser.write(text.data(), text.size(), error);
  if (!error) parser.finish(error);
  if (error)
    return fail(Errc::invalid,
                fmt::format("{}, line {}: {}", file, line_of_error(text, options), reason(error)));
  json::value value = parser.release();
  if (!value.is_object()) return fail(Errc::invalid, fmt::format("{}: an object is expected", file));
  return std::move(value.get_object());
}

}  // namespace kiln::project
