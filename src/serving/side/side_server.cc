#include "serving/side/side_server.h"

#include <array>
#include <optional>
#include <utility>

#include "base/strings.h"

namespace kiln::serving {
namespace {

// A path of one segment may hold encoded slashes, as the rest of one may not.
constexpr std::array kAnyPath = {"/{name}", "/{rest*}"};

http::Response refused(const http::Request& /*request*/, const Error& error) {
  http::Response out = plain(error.code == Errc::too_large      ? 413
                             : error.code == Errc::invalid      ? 400
                             : error.code == Errc::wrong_method ? 405
                                                                : 503);
  out.reason = to_valid_utf8(error.message);
  return out;
}

http::ServerOptions server_options_of(const SideOptions& options) {
  http::ServerOptions out;
  out.unix_connections = options.connections;
  out.bodies = options.bodies;
  out.work = options.work;
  out.any_path = options.any_path;
  return out;
}

}  // namespace

http::Response plain(int status, http::Headers headers, std::string body) {
  return {status, std::move(headers), std::move(body)};
}

SideServer::SideServer(SideOptions options)
    : options_(std::move(options)), server_(router_, wakes_, refused, server_options_of(options_)) {}

void SideServer::add(const char* method, http::RouteOptions how, Answer answer, const Body& body) {
  const http::HeadCheck check = [this](const http::Request& request) -> std::optional<http::Response> {
    if (!options_.may(request)) return plain(404);
    // Never a stranger's.
    request.caller = std::hash<std::string_view>()(request.header(options_.names)) | 1U;
    return std::nullopt;
  };
  const http::Handler handler = [this,
                                 answer = std::move(answer)](const http::Request& request) -> http::Reply {
    if (!options_.may(request)) return plain(404);
    return answer(request, std::string(request.header(options_.names)));
  };
  http::BodyOpener open;
  if (body) {
    open = [this, body](const http::Request& request) {
      return body(request, std::string(request.header(options_.names)));
    };
  }
  for (const char* path : kAnyPath) router_.add(method, path, how, http::Guarded{check, handler, open});
}

}  // namespace kiln::serving
