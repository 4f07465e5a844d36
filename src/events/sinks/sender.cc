#include "events/sinks/sender.h"

#include <fmt/format.h>

#include <boost/json.hpp>

#include "base/log.h"
#include "events/sinks/email.h"
#include "events/sinks/ladder.h"
#include "events/sinks/notice.h"
#include "events/sinks/presets.h"
#include "events/sinks/signing.h"

namespace kiln::events {
namespace {

namespace json = boost::json;

constexpr int kTryMs = 15'000;
constexpr std::size_t kReadOfAnswer = 1'024;
constexpr int kTooMany = 429;
constexpr int kBusy = 503;

json::object event_of_body(const std::string& body) {
  boost::system::error_code error;
  json::value value = json::parse(body, error);
  return !error && value.is_object() ? std::move(value.as_object()) : json::object();
}

store::SinkAnswer failure_of(const Error& error) {
  return {0, {}, error.message};
}

std::string words_for_status(const char* whose, int status) {
  return status >= 300 && status < 400
             ? fmt::format("{} answered {}: redirects are not followed", whose, status)
             : fmt::format("{} answered {}", whose, status);
}

}  // namespace

Result<Lanes::Served> Sender::send_next(const std::string& sink) {
  const std::optional<Uuid> uuid = Uuid::parse(sink);
  if (!uuid || stopping_) return Lanes::Served{};
  const Result<std::optional<store::DueDelivery>> due = parts_.deliveries.next_delivery(*uuid);
  if (!due) return tl::unexpected<Error>(due.error());
  if (!*due) return Lanes::Served{};
  std::optional<TimeMs> asked_wait_ms;
  const store::SinkAnswer answer = send(**due, asked_wait_ms);
  if (stopping_ && answer.status == 0) return Lanes::Served{};
  if (const Status noted = note(**due, answer, asked_wait_ms); !noted)
    return tl::unexpected<Error>(noted.error());
  const bool is_limited = answer.status == kTooMany || answer.status == kBusy;
  if (!is_limited || asked_wait_ms.value_or(0) == 0) return Lanes::Served{true, 0};
  if (const Status rested = parts_.deliveries.rest_sink(*uuid, *asked_wait_ms); !rested)
    return tl::unexpected<Error>(rested.error());
  return Lanes::Served{true, *asked_wait_ms};
}

store::SinkAnswer Sender::send(const store::DueDelivery& due, std::optional<TimeMs>& asked_wait_ms) {
  const Result<model::SinkSecrets> secrets = parts_.sinks.sink_secrets(due.sink.uuid);
  if (!secrets) return failure_of(secrets.error());
  const model::SinkDelivery& delivery = due.delivery;
  if (due.sink.kind == model::SinkKind::webhook) {
    HttpRequest request;
    request.method = "POST";
    request.url = secrets->url;
    request.ca = secrets->ca;
    request.body = delivery.body;
    request.headers =
        signed_headers(*secrets, "msg_" + delivery.uuid.str(), parts_.clock.now(), delivery.body);
    request.headers.emplace_back("content-type", "application/json");
    if (!secrets->token.empty()) request.headers.emplace_back("authorization", "Bearer " + secrets->token);
    const Result<store::SinkAnswer> answer = post(request, asked_wait_ms);
    return answer ? *answer : failure_of(answer.error());
  }
  std::optional<model::BuildReport> report;
  if (delivery.build) {
    Result<model::BuildReport> found = parts_.source.report(due.sink.account_id, *delivery.build);
    if (found) report = std::move(*found);
  }
  const Notice notice = notice_of(event_of_body(delivery.body), report ? &*report : nullptr);
  if (due.sink.kind == model::SinkKind::email) {
    Mail mail = mail_of(*secrets, notice, delivery.uuid, parts_.clock.now());
    mail.timeout_ms = kTryMs;
    mail.stop = &stopping_;
    const Result<MailAnswer> answer = parts_.mailer()->send(mail);
    if (!answer) return failure_of(answer.error());
    const bool taken = answer->status >= 200 && answer->status < 300;
    return {answer->status, answer->text, taken ? "" : words_for_status("the mail server", answer->status)};
  }
  HttpRequest request = chat_request(due.sink.kind, *secrets, notice, delivery.uuid);
  request.ca = secrets->ca;
  const Result<store::SinkAnswer> answer = post(request, asked_wait_ms);
  return answer ? *answer : failure_of(answer.error());
}

Result<store::SinkAnswer> Sender::post(const HttpRequest& asked, std::optional<TimeMs>& asked_wait_ms) {
  HttpRequest request = asked;
  request.timeout_ms = kTryMs;
  request.stop = &stopping_;
  std::string text;
  request.on_data = [&text](std::string_view piece) {
    text.append(piece.substr(0, kReadOfAnswer - text.size()));
    return text.size() < kReadOfAnswer;
  };
  const Result<HttpResponse> response = parts_.http(asked.ca)->send(request);
  if (!response) return tl::unexpected<Error>(response.error());
  asked_wait_ms = retry_after_ms(response->header("retry-after"), parts_.clock.now());
  const bool taken = response->status >= 200 && response->status < 300;
  return store::SinkAnswer{response->status, std::move(text),
                           taken ? "" : words_for_status("it", response->status)};
}

Status Sender::note(const store::DueDelivery& due, const store::SinkAnswer& answer,
                    std::optional<TimeMs> asked_wait_ms) {
  AfterTry after = after_try(due.delivery.attempts, answer.status, asked_wait_ms);
  // 410 is HTTP's word.
  if (due.sink.kind == model::SinkKind::email && after.is == AfterTry::Is::sink_off)
    after = after_try(due.delivery.attempts, 0, {});
  if (after.is == AfterTry::Is::delivered) return parts_.deliveries.delivered(due.number, answer);
  log::warn("a sink did not take an event sink={} delivery={} event={} attempt={} reason={}",
            due.sink.uuid.str(), due.delivery.uuid.str(), due.delivery.event, due.delivery.attempts + 1,
            log::quoted(answer.error));
  switch (after.is) {
    case AfterTry::Is::again:
      return parts_.deliveries.postpone_delivery(due.number, after.wait_ms, answer);
    case AfterTry::Is::parked:
      return parts_.deliveries.park(due.number, answer);
    case AfterTry::Is::sink_off:
      return parts_.deliveries.switch_off(due.number, answer,
                                          "it answered 410, which says that it wants nothing more");
    case AfterTry::Is::delivered:
      break;
  }
  return {};
}

}  // namespace kiln::events
