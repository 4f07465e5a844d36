#include "serving/queues/queue_server.h"

#include <boost/json.hpp>
#include <utility>
#include <vector>

#include "base/hash.h"
#include "base/log.h"
#include "base/strings.h"
#include "serving/queues/sent.h"
#include "serving/service_key.h"
#include "serving/side/side_server.h"

namespace kiln::serving {
namespace {

namespace json = boost::json;

constexpr const char* kQueueField = "x-kiln-queue";
// A hundred messages in base64, with what stands around each.
constexpr std::size_t kLargestBody = std::size_t{512} << 10U;

SideOptions queue_side_options(const QueueOptions& options) {
  SideOptions out;
  out.names = kQueueField;
  out.may = [secret = options.secret](const http::Request& request) {
    return !secret.empty() && equal_constant_time(request.header("x-kiln-secret"),
                                                  queue_key(secret, request.header(kQueueField)));
  };
  out.connections = options.connections;
  out.bodies = {options.bodies, options.bodies / 4, options.bodies / 4};
  out.work[static_cast<std::size_t>(http::Work::read)] = {2, 1024};
  // They wait for the disk together.
  out.work[static_cast<std::size_t>(http::Work::store)] = {8, 1024};
  return out;
}

struct Words {
  int status = 500;
  const char* code = "15000";
  std::string words;
};

Words words_of(const Error& error) {
  switch (error.code) {
    case Errc::invalid:
      return {400, "15000", error.message};
    case Errc::forbidden:
      return {403, "10106", error.message};
    case Errc::not_found:
      return {404, "10104", "The queue does not exist."};
    case Errc::too_large:
      return {413, "15000", error.message};
    case Errc::disk_full:
      log::error("queue disk full error={}", log::quoted(error.message));
      return {507, "15000", "The queue holds as many messages as it may, or the server's disk is full."};
    default:
      log::error("queue fault error={}", log::quoted(error.message));
      return {500, "15000", "Unknown Internal Error"};
  }
}

// In the status line, where the binding looks for the words of its exception, and in the fields, where it
// does by newer compatibility flags.
http::Response queue_refusal(const Error& error) {
  Words said = words_of(error);
  http::Response out = plain(said.status, {{"cf-queues-error-code", said.code}});
  out.headers.emplace_back("cf-queues-error-cause", said.words);
  out.reason = to_valid_utf8(said.words);
  return out;
}

json::object metrics_of(const store::Backlog& backlog) {
  return {{"backlogCount", backlog.count},
          {"backlogBytes", backlog.bytes},
          {"oldestMessageTimestamp", backlog.oldest_on}};
}

http::Response answer_of(const json::value& value) {
  return plain(200, {{"content-type", "application/json"}}, json::serialize(value));
}

}  // namespace

struct QueueServer::Impl {
  Impl(store::QueueStore& given_queues, store::MessageStore& given_messages, Entropy& given_entropy,
       const QueueOptions& options)
      : queues(given_queues),
        messages(given_messages),
        entropy(given_entropy),
        sent(options.sent),
        server(queue_side_options(options)) {
    server.add("POST", {kLargestBody, http::Work::store},
               [this](const http::Request& request, const std::string& name) -> http::Reply {
                 Result<http::Response> answer = send(request, name);
                 return answer ? *std::move(answer) : queue_refusal(answer.error());
               });
    server.add("GET", {0, http::Work::read},
               [this](const http::Request& request, const std::string& name) -> http::Reply {
                 Result<http::Response> answer = metrics(request, name);
                 return answer ? *std::move(answer) : queue_refusal(answer.error());
               });
  }

  // What the account's queue of that name is, for whoever may reach it.
  struct Place {
    std::string account_id;
    std::string queue_id;
  };
  Result<Place> place_of(const std::string& name) {
    const model::SentQueue queue = model::read_sent_queue(name);
    if (!queue.copy.empty())
      return fail(
          Errc::forbidden,
          "This version may never be live: its messages would be those of production, so it sends none "
          "to the queue " +
              queue.name);
    Result<std::string> id = queues.id_of(queue.account_id, queue.name);
    if (!id) return tl::unexpected<Error>(id.error());
    return Place{queue.account_id, *std::move(id)};
  }

  Result<http::Response> send(const http::Request& request, const std::string& name) {
    const Result<Place> place = place_of(name);
    if (!place) return tl::unexpected<Error>(place.error());
    const SentFields fields{request.header("x-msg-fmt"), request.header("x-msg-delay-secs")};
    std::vector<store::NewMessage> all;
    if (request.path == "/message") {
      Result<store::NewMessage> one = read_sent_message(fields, request.body, entropy);
      if (!one) return tl::unexpected<Error>(one.error());
      all.push_back(*std::move(one));
    } else if (request.path == "/batch") {
      Result<std::vector<store::NewMessage>> batch = read_sent_batch(fields, request.body, entropy);
      if (!batch) return tl::unexpected<Error>(batch.error());
      all = *std::move(batch);
    } else {
      return plain(404);
    }
    const Result<store::Backlog> backlog = messages.send(place->account_id, place->queue_id, all);
    if (!backlog) return tl::unexpected<Error>(backlog.error());
    if (sent) sent(place->queue_id);
    return answer_of(json::object{{"metadata", {{"metrics", metrics_of(*backlog)}}}});
  }

  Result<http::Response> metrics(const http::Request& request, const std::string& name) {
    if (request.path != "/metrics") return plain(404);
    const Result<Place> place = place_of(name);
    if (!place) return tl::unexpected<Error>(place.error());
    const Result<store::Backlog> backlog = messages.backlog(place->account_id, place->queue_id);
    if (!backlog) return tl::unexpected<Error>(backlog.error());
    return answer_of(metrics_of(*backlog));
  }

  store::QueueStore& queues;
  store::MessageStore& messages;
  Entropy& entropy;
  std::function<void(const std::string&)> sent;
  SideServer server;
};

QueueServer::QueueServer(store::QueueStore& queues, store::MessageStore& messages, Entropy& entropy,
                         const QueueOptions& options)
    : impl_(std::make_unique<Impl>(queues, messages, entropy, options)) {}

QueueServer::~QueueServer() {
  stop();
}

Status QueueServer::listen(const std::string& path) {
  return impl_->server.listen(path);
}

void QueueServer::start() {
  impl_->server.start();
}

void QueueServer::stop() {
  impl_->server.stop();
}

}  // namespace kiln::serving
