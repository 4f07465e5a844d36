#include "serving/printed.h"

#include <array>
#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <cstdlib>

namespace kiln::serving {
namespace {

namespace json = boost::json;

constexpr std::string_view kUncaught = "Uncaught exception: ";
constexpr std::string_view kOfScript = "jsg.";  // before the class of an exception that a script threw

std::string_view text_of(const json::object& object, const char* key) {
  const json::value* value = object.if_contains(key);
  return value != nullptr && value->is_string() ? std::string_view(value->get_string()) : std::string_view();
}

// workerd writes a number for what scripts print, and a text for its own words.
TimeMs time_of(const json::object& object, TimeMs otherwise) {
  const json::value* value = object.if_contains("timestamp");
  if (value != nullptr && value->is_int64()) return value->get_int64();
  const TimeMs time = std::strtoll(std::string(text_of(object, "timestamp")).c_str(), nullptr, 10);
  return time > 0 ? time : otherwise;
}

// "Uncaught exception: value.h:1: failed: remote.jsg.TypeError: words".
void read_exception(workers::TailedLine& line) {
  std::string_view words = std::string_view(line.text).substr(kUncaught.size());
  line.is_exception = true;
  line.name = "Error";
  if (const std::size_t at = words.find(kOfScript); at != std::string_view::npos) {
    words.remove_prefix(at + kOfScript.size());
    const std::size_t colon = words.find(": ");
    line.name = std::string(words.substr(0, colon));
    words = colon == std::string_view::npos ? std::string_view() : words.substr(colon + 2);
  }
  line.text = std::string(words);
}

}  // namespace

workers::TailedLine read_printed(std::string_view line, TimeMs now) {
  workers::TailedLine out;
  out.time = now;
  out.text = std::string(line);
  if (!line.starts_with('{')) return out;
  boost::system::error_code ec;
  const json::value parsed = json::parse(json::string_view(line.data(), line.size()), ec);
  const json::object* object = ec ? nullptr : parsed.if_object();
  if (object == nullptr || text_of(*object, "level").empty() || object->if_contains("message") == nullptr)
    return out;
  out.time = time_of(*object, now);
  out.text = std::string(text_of(*object, "message"));
  constexpr std::array<std::string_view, 5> levels = {"debug", "error", "info", "log", "warn"};
  for (const std::string_view level : levels) {
    if (text_of(*object, "level") == level) out.level = std::string(level);
  }
  // Scripts' own lines have no source.
  if (object->if_contains("source") != nullptr && out.text.starts_with(kUncaught)) read_exception(out);
  return out;
}

}  // namespace kiln::serving
