#include "app/d1_parts.h"

#include <fmt/format.h>

#include <boost/json.hpp>
#include <utility>

#include "app/room_options.h"
#include "base/http_client.h"
#include "serving/service_key.h"

namespace kiln::app {
namespace {

constexpr int kStartMs = 30'000;

// {"error": "…"} of a refusal.
std::string words_of_refusal(const std::string& body) {
  boost::system::error_code error;
  const boost::json::value read = boost::json::parse(body, error);
  const boost::json::value* words =
      error || !read.is_object() ? nullptr : read.get_object().if_contains("error");
  return words != nullptr && words->is_string() ? std::string(words->get_string())
                                                : std::string("The database's process refuses it.");
}

}  // namespace

D1Parts::D1Parts(store::sqlite::SqliteD1DatabaseStore& store, const ServiceOptions& options,
                 const DataDir& data, const std::string& secret, serving::EngineDates& dates,
                 const Clock& clock, Entropy& entropy)
    : store_(store),
      clock_(clock),
      entropy_(entropy),
      secret_(secret),
      socket_(data.d1_socket()),
      run_folder_(data.runtime() / "d1"),
      longest_ms_(options.config.worker_hang_seconds * 1000),
      processes_(store, d1_options(options, data, dates)),
      transfers_(data.runtime() / "d1-files", clock, entropy) {}

KeptSpaces D1Parts::kept() {
  return {"d1", [this] { return processes_.spaces(); }, [this] { return store_.all_ids(); },
          [this](const std::string& space) { return processes_.drop_space(space); }};
}

Status D1Parts::start(std::size_t calls) {
  if (Status made = make_directory(run_folder_, 0700); !made) return made;
  door_ = std::make_unique<serving::D1Door>(
      processes_,
      serving::D1DoorOptions{.secret = secret_, .connections = calls, .start_timeout_ms = kStartMs});
  if (Status listening = door_->listen(socket_.string()); !listening) return listening;
  if (Status open = serving::open_to_callers(socket_); !open) return open;
  processes_.start();
  door_->start();
  return {};
}

// The processes first: whoever waits for one is answered.
void D1Parts::stop() {
  processes_.stop();
  if (door_) door_->stop();
}

Result<std::string> D1Parts::run(const Uuid& database, std::string statements, bool raw) const {
  if (!door_) return fail(Errc::unavailable, "This server runs no D1 databases: workers.serve is off.");
  HttpRequest request;
  request.method = "POST";
  request.url = raw ? "http://d1/query?resultsFormat=ROWS_AND_COLUMNS" : "http://d1/query";
  request.unix_socket = socket_.string();
  request.headers = {{"x-kiln-d1", serving::d1_pass(secret_, database.str())},
                     {"content-type", "application/json"},
                     {"expect", ""}};
  request.body = std::move(statements);
  request.timeout_ms = kStartMs + 2 * longest_ms_;
  Result<HttpResponse> answer = CurlClient().send(request);
  if (!answer) {
    return fail(Errc::unavailable,
                fmt::format("The database's process gave no answer: {}. A statement may take {} s "
                            "(workers.hang_seconds) and what its process has of memory (workers.memory_mb); "
                            "nothing of it was stored.",
                            answer.error().message, longest_ms_ / 1000));
  }
  if (answer->status == 200) return std::move(answer->body);
  return fail(answer->status == 404 ? Errc::not_found : Errc::unavailable, words_of_refusal(answer->body));
}

api::D1Deps D1Parts::deps() {
  return {store_,
          transfers_,
          clock_,
          entropy_,
          [this](const Uuid& database, std::string statements, bool raw) {
            return run(database, std::move(statements), raw);
          },
          [this](const Uuid& database) { return processes_.drop(database); },
          [this](const Uuid& database) { return processes_.size(database.str()); }};
}

}  // namespace kiln::app
