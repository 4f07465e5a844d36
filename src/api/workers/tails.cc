// Live logs: a tail is made, watched over a WebSocket (wrangler) or as server-sent events (kiln tail), and
// ended.
#include "workers/tails.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "api/error_table.h"
#include "api/reached_at.h"
#include "api/workers/handlers.h"
#include "base/strings.h"
#include "base/time_format.h"
#include "wire/json.h"

namespace kiln::api {
namespace {

namespace json = boost::json;

constexpr const char* kProtocol = "trace-v1";
constexpr const char* kStreamPath = "/client/v4/workers/tails";
constexpr std::size_t kMaxFilters = 32;

// A word or a list of words.
std::vector<std::string> words_of(const json::value& value) {
  std::vector<std::string> words;
  if (value.is_string()) words.emplace_back(value.get_string());
  if (const json::array* list = value.if_array()) {
    for (const json::value& word : *list) {
      if (word.is_string() && words.size() < kMaxFilters) words.emplace_back(word.get_string());
    }
  }
  return words;
}

void read_filter(const json::object& filter, workers::TailFilters& into) {
  if (const json::value* rate = filter.if_contains("sampling_rate"); rate != nullptr && rate->is_number())
    into.sampling_rate = rate->to_number<double>();
  if (const json::value* outcomes = filter.if_contains("outcome")) into.outcomes = words_of(*outcomes);
  if (const json::value* methods = filter.if_contains("method")) {
    into.methods = words_of(*methods);
  }
  if (const json::value* version = filter.if_contains("scriptVersion");
      version != nullptr && version->is_string())
    into.version = Uuid::parse(version->get_string());
  const json::value* header = filter.if_contains("header");
  if (header == nullptr || !header->is_object()) return;
  const json::value* key = header->get_object().if_contains("key");
  const json::value* query = header->get_object().if_contains("query");
  if (key != nullptr && key->is_string()) into.header_key = to_lower(std::string(key->get_string()));
  if (query != nullptr && query->is_string()) into.header_query = std::string(query->get_string());
}

Result<workers::TailFilters> filters_of(const http::Request& request) {
  workers::TailFilters filters;
  if (request.body.empty()) return filters;
  const Result<json::object> body = body_object(request);
  if (!body) return tl::unexpected<Error>(body.error());
  const json::value* list = body->if_contains("filters");
  if (list == nullptr || !list->is_array()) return filters;
  for (const json::value& filter : list->get_array()) {
    if (filter.is_object()) read_filter(filter.get_object(), filters);
  }
  return filters;
}

// The stream is on the listener that the caller has reached: ws:// or wss://.
std::string stream_url(const http::Request& request, const std::string& token) {
  constexpr std::string_view kHttp = "http";
  return fmt::format("ws{}{}?token={}", reached_at(request).substr(kHttp.size()), kStreamPath, token);
}

Result<http::Reply> open_tail(const WorkersDeps& deps, const Call& call) {
  const Result<model::Worker> worker = worker_to_read(deps, call);
  if (!worker) return tl::unexpected<Error>(worker.error());
  Result<workers::TailFilters> filters = filters_of(call.request);
  if (!filters) return tl::unexpected<Error>(filters.error());
  const Result<workers::OpenedTail> tail = deps.tails.open(worker->tag, worker->name, std::move(*filters));
  if (!tail) return tl::unexpected<Error>(tail.error());
  return success_response(json::object{{"id", tail->id},
                                       {"url", stream_url(call.request, tail->token)},
                                       {"expires_at", format_rfc3339(tail->expires_at)}});
}

Result<http::Reply> close_tail(const WorkersDeps& deps, const Call& call) {
  const Result<model::Worker> worker = worker_to_read(deps, call);
  if (!worker) return tl::unexpected<Error>(worker.error());
  deps.tails.close(worker->tag, call.request.param("tail_id"));
  return success_response(nullptr);
}

// One reader. Its tail ends with it.
class Reader {
 public:
  Reader(workers::Tails& tails, std::string worker_tag, std::string id, bool as_events)
      : tails_(tails), worker_tag_(std::move(worker_tag)), id_(std::move(id)), as_events_(as_events) {}
  ~Reader() { tails_.close(worker_tag_, id_); }
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;

  http::StreamStep next() {
    http::StreamStep step;
    if (events_.empty() && !over_) {
      workers::TailNews news = tails_.news(id_);
      over_ = news.over;
      wait_ms_ = news.wait_ms;
      events_ = std::move(news.events);
      std::reverse(events_.begin(), events_.end());
    }
    if (!events_.empty()) {
      step.piece = as_events_ ? "data: " + events_.back() + "\n\n" : std::move(events_.back());
      events_.pop_back();
      step.end = over_ && events_.empty();
      return step;
    }
    step.end = over_;
    if (as_events_ && !begun_) step.piece = ": watching\n\n";
    begun_ = true;
    if (!over_ && step.piece.empty()) step.wait = http::Wait{workers::Tails::topic(id_), wait_ms_};
    return step;
  }

 private:
  workers::Tails& tails_;
  std::string worker_tag_;
  std::string id_;
  bool as_events_;
  std::vector<std::string> events_;  // the next one last
  int wait_ms_ = 0;
  bool over_ = false;
  bool begun_ = false;
};

Result<http::Reply> stream(const WorkersDeps& deps, const http::Request& request) {
  const Result<workers::ConnectedTail> tail = deps.tails.connect(request.query_value("token").value_or(""));
  if (!tail) return tl::unexpected<Error>(tail.error());
  const bool as_events = request.header("upgrade").empty();
  const auto reader = std::make_shared<Reader>(deps.tails, tail->worker_tag, tail->id, as_events);
  auto next = [reader] { return reader->next(); };
  if (as_events)
    return http::Stream{200, {{"content-type", "text/event-stream"}, {"cache-control", "no-cache"}}, next};
  return http::WebSocket{kProtocol, next};
}

}  // namespace

void add_tail_routes(http::Router& router, const AddRoute& add, const WorkersDeps& deps) {
  add("POST", script_path("/tails"), Needs::scripts_read, {},
      [deps](const Call& call) { return open_tail(deps, call); });
  add("DELETE", script_path("/tails/{tail_id}"), Needs::scripts_read, {},
      [deps](const Call& call) { return close_tail(deps, call); });
  router.add("GET", kStreamPath, {},
             Gate::open([deps](const http::Request& request) { return stream(deps, request); }));
}

}  // namespace kiln::api
