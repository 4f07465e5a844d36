#include "project/json_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <memory>

namespace kiln::project {
namespace {

namespace json = boost::json;

constexpr std::size_t kDeepest = 64;
constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";

tl::unexpected<Error> broken(const std::string& file, std::string_view before, const std::string& why) {
  const auto line = std::count(before.begin(), before.end(), '\n') + 1;
  return fail(Errc::invalid, fmt::format("{}, line {}: {}", file, line, why));
}

}  // namespace

Result<json::object> parse_json_file(const std::string& file, std::string_view text, JsonForm form) {
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  json::parse_options options;
  options.max_depth = kDeepest;
  options.allow_comments = form == JsonForm::with_comments;
  options.allow_trailing_commas = options.allow_comments;
  json::stream_parser parser({}, options);
  boost::system::error_code error;
  const std::size_t used = parser.write_some(text.data(), text.size(), error);
  const std::string_view rest = text.substr(used);
  if (!error && !rest.empty())
    return broken(file, text.substr(0, used), "something follows the end of the JSON value");
  if (!error) parser.finish(error);
  if (error == json::error::too_deep)
    return broken(file, text.substr(0, used), fmt::format("nested deeper than {} levels", kDeepest));
  if (error == json::error::incomplete) return broken(file, text, "the file ends in the middle of a value");
  if (error) return broken(file, text.substr(0, used), fmt::format("not JSON ({})", error.message()));
  json::value value = parser.release();
  if (!value.is_object()) return broken(file, {}, "an object is expected");
  return std::move(value.get_object());
}

}  // namespace kiln::project
