#include "cli/line_answer.h"

#include <boost/json/object.hpp>

#include "wire/json.h"

namespace kiln::cli {

Status each_line(Server& server, const std::string& method, const std::string& path,
                 const std::function<Status(const boost::json::value&)>& take) {
  std::string text;
  Status status;
  bool done = false;
  const auto take_lines = [&](std::string_view bytes) {
    text.append(bytes);
    for (std::size_t end = text.find('\n'); status && end != text.npos; end = text.find('\n')) {
      const Result<boost::json::value> line = wire::parse_json(std::string_view(text).substr(0, end));
      text.erase(0, end + 1);
      if (!line || !line->is_object()) {
        status = fail(Errc::corrupt, "the server's answer is no line of JSON");
      } else if (line->as_object().contains("message") || line->as_object().contains("done")) {
        done = line->as_object().contains("done");
        status = take(*line);
      }  // else a refusal, of which the end tells
    }
    return status.has_value();
  };
  if (Status came = server.download(method, path, take_lines); !came && status) return came;
  if (status && !done)
    return fail(Errc::unavailable, "the server's answer was cut short; its log may say why");
  return status;
}

}  // namespace kiln::cli
