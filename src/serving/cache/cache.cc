#include "serving/cache/cache.h"

#include <fmt/format.h>

#include <functional>
#include <optional>

#include "base/hash.h"
#include "http/router.h"
#include "http/server.h"
#include "serving/cache/shelf.h"
#include "serving/service_key.h"

namespace kiln::serving {
namespace {

constexpr std::size_t kLargestPart = 8;  // of the bound, for one answer
constexpr const char* kUrls = "/{rest*}";

// Nobody waits here.
class NoWakes final : public http::WakeSource {
 public:
  std::uint64_t subscribe(const std::string& /*topic*/, std::function<void()> /*wake*/) override { return 0; }
  void unsubscribe(std::uint64_t /*ticket*/) override {}
};

http::Response plain(int status, http::Headers headers = {}) {
  return {status, std::move(headers), {}};
}

http::Response refused(const http::Request& /*request*/, const Error& error) {
  if (error.code == Errc::too_large) return plain(413);
  if (error.code == Errc::invalid) return plain(400);
  return plain(error.code == Errc::wrong_method ? 405 : 503);
}

http::ServerOptions server_options_of(const CacheOptions& options) {
  http::ServerOptions out;
  out.unix_connections = options.connections;
  out.bodies = {options.bytes / 2, options.bytes / 4, options.bytes / 4};
  out.work = {};  // all is done where it is read
  return out;
}

std::string key_of(const http::Request& request) {
  return fmt::format("{} {}://{}{}?{}", request.header("cf-cache-namespace"),
                     request.header("x-forwarded-proto"), request.header("host"), request.path,
                     request.query_text);
}

}  // namespace

struct Cache::Impl {
  Impl(const Clock& given_clock, const CacheOptions& given)
      : clock(given_clock),
        options(given),
        shelf(given.bytes),
        server(router, wakes, refused, server_options_of(given)) {
    const http::RouteOptions quick{options.bytes / kLargestPart, http::Work::quick};
    const http::HeadCheck check = [this](const http::Request& request) -> std::optional<http::Response> {
      if (!may(request)) return plain(404);
      // Never a stranger's.
      request.caller = std::hash<std::string_view>()(request.header("x-kiln-space")) | 1U;
      return std::nullopt;
    };
    add("GET", quick, check, [this](const http::Request& request, const std::string& space) {
      const auto found = shelf.find(space, key_of(request), clock.now());
      return found ? hit(*found, request, clock.now()) : plain(504, {{"cf-cache-status", "MISS"}});
    });
    add("PUT", quick, check, [this](const http::Request& request, const std::string& space) {
      const TimeMs now = clock.now();
      Result<std::optional<StoredAnswer>> read = read_answer(request.body, now);
      if (!read) return plain(400);
      if (*read) shelf.put(space, key_of(request), **std::move(read));
      return plain(204);
    });
    add("PURGE", quick, check, [this](const http::Request& request, const std::string& space) {
      return plain(shelf.remove(space, key_of(request), clock.now()) ? 200 : 404);
    });
  }

  [[nodiscard]] bool may(const http::Request& request) const {
    return !options.secret.empty() &&
           equal_constant_time(request.header("x-kiln-secret"),
                               cache_key(options.secret, request.header("x-kiln-space")));
  }

  using Answer = std::function<http::Response(const http::Request&, const std::string& space)>;
  void add(const char* method, http::RouteOptions how, const http::HeadCheck& check, Answer answer) {
    router.add(
        method, kUrls, how,
        http::Guarded{check, [this, answer = std::move(answer)](const http::Request& request) -> http::Reply {
                        if (!may(request)) return plain(404);
                        return answer(request, std::string(request.header("x-kiln-space")));
                      }});
  }

  const Clock& clock;
  CacheOptions options;
  Shelf shelf;  // the server's I/O thread alone
  NoWakes wakes;
  http::Router router;
  http::Server server;
};

Cache::Cache(const Clock& clock, const CacheOptions& options)
    : impl_(std::make_unique<Impl>(clock, options)) {}

Cache::~Cache() {
  stop();
}

Status Cache::listen(const std::string& path) {
  return impl_->server.listen_unix(path, impl_->router);
}

void Cache::start() {
  impl_->server.start();
}

void Cache::stop() {
  impl_->server.stop();
}

}  // namespace kiln::serving
