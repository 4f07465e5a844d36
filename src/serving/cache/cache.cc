#include "serving/cache/cache.h"

#include <fmt/format.h>

#include <optional>
#include <utility>

#include "base/hash.h"
#include "serving/cache/shelf.h"
#include "serving/service_key.h"
#include "serving/side/side_server.h"

namespace kiln::serving {
namespace {

constexpr std::size_t kLargestPart = 8;  // of the bound, for one answer
constexpr const char* kSpace = "x-kiln-space";

SideOptions side_options_of(const CacheOptions& options) {
  SideOptions out;
  out.names = kSpace;
  out.may = [secret = options.secret](const http::Request& request) {
    return !secret.empty() &&
           equal_constant_time(request.header("x-kiln-secret"), cache_key(secret, request.header(kSpace)));
  };
  out.connections = options.connections;
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
  Impl(const Clock& given_clock, const CacheOptions& options)
      : clock(given_clock), shelf(options.bytes), server(side_options_of(options)) {
    const http::RouteOptions quick{options.bytes / kLargestPart, http::Work::quick};
    server.add("GET", quick, [this](const http::Request& request, const std::string& space) {
      const auto found = shelf.find(space, key_of(request), clock.now());
      return found ? hit(*found, request, clock.now()) : plain(504, {{"cf-cache-status", "MISS"}});
    });
    server.add("PUT", quick, [this](const http::Request& request, const std::string& space) {
      const TimeMs now = clock.now();
      Result<std::optional<StoredAnswer>> read = read_answer(request.body, now);
      if (!read) return plain(400);
      if (*read) shelf.put(space, key_of(request), **std::move(read));
      return plain(204);
    });
    server.add("PURGE", quick, [this](const http::Request& request, const std::string& space) {
      return plain(shelf.remove(space, key_of(request), clock.now()) ? 200 : 404);
    });
  }

  const Clock& clock;
  Shelf shelf;  // the server's I/O thread alone
  SideServer server;
};

Cache::Cache(const Clock& clock, const CacheOptions& options)
    : impl_(std::make_unique<Impl>(clock, options)) {}

Cache::~Cache() {
  stop();
}

Status Cache::listen(const std::string& path) {
  return impl_->server.listen(path);
}

void Cache::start() {
  impl_->server.start();
}

void Cache::stop() {
  impl_->server.stop();
}

}  // namespace kiln::serving
