#include "serving/kv/kv_server.h"

#include <fmt/format.h>

#include <array>
#include <boost/json.hpp>
#include <charconv>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

#include "base/hash.h"
#include "base/hex.h"
#include "base/log.h"
#include "base/strings.h"
#include "serving/service_key.h"
#include "serving/side/side_server.h"
#include "workers/kv_bulk_get.h"
#include "workers/kv_rules.h"

namespace kiln::serving {
namespace {

namespace json = boost::json;

constexpr const char* kKvSpace = "x-kiln-kv";
constexpr const char* kMetadata = "cf-kv-metadata";
constexpr int kShortestCacheS = 30;

SideOptions side_options_of(const KvOptions& options) {
  SideOptions out;
  out.names = kKvSpace;
  out.may = [secret = options.secret](const http::Request& request) {
    return !secret.empty() &&
           equal_constant_time(request.header("x-kiln-secret"), kv_key(secret, request.header(kKvSpace)));
  };
  out.connections = options.connections;
  out.bodies = {options.bodies, options.bodies / 4, options.bodies / 4};
  out.work[static_cast<std::size_t>(http::Work::read)] = {4, 1024};
  // They wait for the disk together: one wait is shared by all that come at the same moment.
  out.work[static_cast<std::size_t>(http::Work::store)] = {16, 1024};
  out.any_path = true;
  return out;
}

// In the status line, where the binding looks for the words of its exception.
http::Response refusal_of(const Error& error) {
  http::Response out;
  switch (error.code) {
    case Errc::invalid:
      out.status = 400;
      break;
    case Errc::kv_namespace_not_found:
      out.status = 404;
      break;
    case Errc::too_large:
      out.status = error.field == "key_name" ? 414 : 413;
      break;
    case Errc::disk_full:
      out.status = 507;
      out.reason = "The namespace has reached its limit, or the server's disk is full.";
      log::error("kv disk full error={}", log::quoted(error.message));
      return out;
    default:
      out.status = 500;
      log::error("kv fault error={}", log::quoted(error.message));
      return out;
  }
  out.reason = to_valid_utf8(error.message);
  return out;
}

std::string key_of(const http::Request& request) {
  std::string out;
  for (std::size_t i = 0; i < request.segments.size(); ++i) {
    if (i > 0) out += '/';
    out += request.segments[i];
  }
  return out;
}

// Which space it is, where it is a copy for a version that may never be live.
std::optional<std::string> namespace_of_copy(const std::string& space) {
  const std::size_t point = space.find('.');
  return point == std::string::npos ? std::nullopt : std::optional(space.substr(0, point));
}

std::optional<int> number_in(const std::optional<std::string>& text) {
  if (!text) return std::nullopt;
  int number = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), number);
  return error == std::errc() && end == text->data() + text->size() ? std::optional(number) : -1;
}

http::Response json_of(const json::value& value) {
  return plain(200, {{"content-type", "application/json"}}, json::serialize(value));
}

}  // namespace

struct KvServer::Impl {
  Impl(store::KvValues& given_values, const Clock& given_clock, const KvOptions& options)
      : values(given_values),
        clock(given_clock),
        sweep_every(options.sweep_ms),
        server(side_options_of(options)) {
    const http::RouteOptions read{1U << 16U, http::Work::read};
    const http::RouteOptions write{model::kLargestKvValue, http::Work::store};
    add("GET", read, [this](const http::Request& request, const std::string& space) {
      return request.path == "/" ? list(request, space) : get(request, space);
    });
    add("POST", {std::size_t{1} << 20U, http::Work::read},
        [this](const http::Request& request, const std::string& space) { return get_many(request, space); });
    add("PUT", write,
        [this](const http::Request& request, const std::string& space) { return put(request, space); });
    add("DELETE", write, [this](const http::Request& request, const std::string& space) -> Result<Answer> {
      const Status gone = values.remove(space, {key_of(request)});
      return gone ? Result<Answer>(plain(200)) : tl::unexpected<Error>(gone.error());
    });
  }

  using Answer = http::Response;
  template <typename Handle>
  void add(const char* method, http::RouteOptions how, Handle handle) {
    server.add(method, how, [this, handle](const http::Request& request, const std::string& space) {
      if (const Status there = make_copy(space); !there) return refusal_of(there.error());
      Result<Answer> answer = handle(request, space);
      return answer ? *std::move(answer) : refusal_of(answer.error());
    });
  }

  // A copy is there as long as its namespace is, empty at first.
  Status make_copy(const std::string& space) {
    const std::optional<std::string> original = namespace_of_copy(space);
    if (!original) return {};
    const auto there = values.get(*original, {});
    return there ? values.make(space) : tl::unexpected<Error>(there.error());
  }

  Result<Answer> get(const http::Request& request, const std::string& space) {
    const std::optional<int> cached = number_in(request.query_value("cache_ttl"));
    if (cached && *cached < kShortestCacheS)
      return fail(Errc::invalid, fmt::format("Invalid cache_ttl of {}. Cache TTL must be at least {}.",
                                             *request.query_value("cache_ttl"), kShortestCacheS));
    auto found = values.get(space, {key_of(request)});
    if (!found) return tl::unexpected<Error>(found.error());
    if (!found->front()) return plain(404);
    store::KvEntry& entry = *found->front();
    Answer out = plain(200, {}, std::move(entry.value));
    if (!entry.key.metadata.empty()) out.headers.emplace_back(kMetadata, std::move(entry.key.metadata));
    return out;
  }

  Result<Answer> get_many(const http::Request& request, const std::string& space) {
    if (request.path != "/bulk/get") return plain(405);
    const Result<workers::KvBulkGet> asked = workers::read_kv_bulk_get(request.body);
    if (!asked) return tl::unexpected<Error>(asked.error());
    const auto found = values.get(space, asked->keys);
    if (!found) return tl::unexpected<Error>(found.error());
    const Result<json::object> out = workers::kv_bulk_answer(*asked, *found);
    if (!out) return tl::unexpected<Error>(out.error());
    return json_of(*out);
  }

  Result<Answer> put(const http::Request& request, const std::string& space) {
    store::KvEntry entry;
    entry.key.name = key_of(request);
    entry.key.metadata = request.header(kMetadata);
    entry.value = request.body;
    if (const Status fits = workers::check_kv_entry(entry); !fits) return tl::unexpected<Error>(fits.error());
    const Result<std::optional<TimeMs>> end = workers::kv_end(request.query_value("expiration_ttl"),
                                                              request.query_value("expiration"), clock.now());
    if (!end) return tl::unexpected<Error>(end.error());
    entry.key.expires_on = *end;
    const Status kept = values.put(space, {std::move(entry)});
    return kept ? Result<Answer>(plain(200)) : tl::unexpected<Error>(kept.error());
  }

  Result<Answer> list(const http::Request& request, const std::string& space) {
    const int limit = number_in(request.query_value("key_count_limit")).value_or(model::kMostKvListed);
    if (limit < 1 || limit > model::kMostKvListed)
      return fail(Errc::invalid, fmt::format("Invalid key_count_limit of {}. Please specify an integer "
                                             "greater than 0 and less than {}.",
                                             limit, model::kMostKvListed + 1));
    store::KvListing listing{request.query_value("prefix").value_or(""), {}, limit};
    if (const std::optional<std::string> cursor = request.query_value("cursor"); cursor && !cursor->empty()) {
      const std::optional<std::string> after = from_base64(*cursor);
      if (!after) return fail(Errc::invalid, "Invalid cursor.");
      listing.after = *after;
    }
    const Result<store::KvKeys> found = values.list(space, listing);
    if (!found) return tl::unexpected<Error>(found.error());
    json::array keys;
    for (const store::KvKey& key : found->keys) {
      json::object& one = keys.emplace_back(json::object{{"name", key.name}}).get_object();
      if (key.expires_on) one["expiration"] = *key.expires_on / 1000;
      // Text, which the binding parses itself.
      if (!key.metadata.empty()) one["metadata"] = key.metadata;
    }
    json::object out{{"list_complete", found->complete}};
    if (!found->complete) out["cursor"] = to_base64(found->keys.back().name);
    out["keys"] = std::move(keys);
    return json_of(out);
  }

  void sweep_until_stopped() {
    std::unique_lock lock(mutex);
    while (!stopping) {
      lock.unlock();
      if (const Status swept = values.sweep(); !swept)
        log::error("kv sweep error={}", log::quoted(swept.error().message));
      lock.lock();
      wake.wait_for(lock, std::chrono::milliseconds(sweep_every), [this] { return stopping; });
    }
  }

  store::KvValues& values;
  const Clock& clock;
  int sweep_every;
  SideServer server;
  std::mutex mutex;
  std::condition_variable wake;
  bool stopping = false;
  std::thread sweeper;
};

KvServer::KvServer(store::KvValues& values, const Clock& clock, const KvOptions& options)
    : impl_(std::make_unique<Impl>(values, clock, options)) {}

KvServer::~KvServer() {
  stop();
}

Status KvServer::listen(const std::string& path) {
  return impl_->server.listen(path);
}

void KvServer::start() {
  impl_->server.start();
  impl_->sweeper = std::thread([this] { impl_->sweep_until_stopped(); });
}

void KvServer::stop() {
  {
    const std::lock_guard lock(impl_->mutex);
    impl_->stopping = true;
  }
  impl_->wake.notify_all();
  if (impl_->sweeper.joinable()) impl_->sweeper.join();
  impl_->server.stop();
}

}  // namespace kiln::serving
