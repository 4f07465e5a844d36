#include "serving/exports.h"

#include <fmt/format.h>

#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include "base/strings.h"

namespace kiln::serving {
namespace {

constexpr std::string_view kExport = "export";
constexpr std::string_view kMark = "kiln-entrypoints ";

// Classes whose instances take calls, and objects with a handler. Classes of Durable Objects and Workflows
// are no entrypoints.
constexpr const char* kListing =
    "import {{ WorkerEntrypoint }} from 'cloudflare:workers';\n"
    "import * as all from {};\n"
    "const is = (value) => typeof value === 'function' ? value.prototype instanceof WorkerEntrypoint :\n"
    "  typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype &&\n"
    "  Object.values(value).some((handler) => typeof handler === 'function');\n"
    "console.log('{}' + JSON.stringify(Object.keys(all).filter((name) => name !== 'default' && "
    "is(all[name]))));\n"
    "export default {{ fetch() {{}} }};\n";

// What follows an `export`: "default …" and "{ x as default }" are the default alone.
bool exports_a_name(std::string_view rest) {
  rest = trim(rest);
  if (rest.starts_with("default")) return false;
  if (!rest.starts_with('{')) return true;
  rest = rest.substr(1, std::min(rest.find('}'), rest.size()) - 1);
  while (!rest.empty()) {
    const std::size_t comma = std::min(rest.find(','), rest.size());
    const std::string_view item = trim(rest.substr(0, comma));
    if (!item.empty() && !item.ends_with(" as default")) return true;
    rest.remove_prefix(std::min(comma + 1, rest.size()));
  }
  return false;
}

}  // namespace

bool may_export_entrypoints(std::string_view main_module) {
  for (std::size_t at = main_module.find(kExport); at != std::string_view::npos;
       at = main_module.find(kExport, at + 1)) {
    // "exports", "exported": no statement.
    const std::string_view rest = main_module.substr(at + kExport.size());
    const bool word =
        !rest.empty() && std::string_view(" \t\r\n{*").find(rest.front()) != std::string_view::npos;
    if (word && exports_a_name(rest)) return true;
  }
  return false;
}

std::string lister_of(const std::string& main_module) {
  return fmt::format(kListing, boost::json::serialize(boost::json::value("./" + main_module)), kMark);
}

std::vector<std::string> listed_in(std::string_view printed) {
  std::vector<std::string> names;
  const std::size_t mark = printed.find(kMark);
  if (mark == std::string_view::npos) return names;
  std::string_view line = printed.substr(mark + kMark.size());
  line = line.substr(0, std::min(line.find('\n'), line.size()));
  boost::system::error_code error;
  const boost::json::value list = boost::json::parse(line, error);
  if (error || !list.is_array()) return names;
  for (const boost::json::value& name : list.get_array()) {
    if (name.is_string()) names.emplace_back(name.get_string());
  }
  return names;
}

}  // namespace kiln::serving
