// The running server, found through its data directory and spoken to over its control socket. Belongs to one
// thread.
#pragma once

#include <boost/json/value.hpp>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>

#include "base/http_client.h"
#include "base/result.h"
#include "cli/context.h"

namespace kiln::cli {

// Percent-encodes everything but RFC 3986's unreserved characters.
[[nodiscard]] std::string url_part(std::string_view text);

// The result of an answer's envelope, or the whole body where there is none; the server's own words when it
// refused.
[[nodiscard]] Result<boost::json::value> read_answer(int status, std::string_view body);

// A page of a list, and of how many.
struct Listed {
  boost::json::value items;
  std::int64_t total = 0;  // of items on all pages
  std::int64_t pages = 1;
};

// An Errc::not_found in words that name what was not found, and `lists`, the command that shows what there
// is; every other error as it is.
[[nodiscard]] Error named(Error error, std::string_view kind, std::string_view name, std::string_view lists);

class Server {
 public:
  // The server of the context's data directory, and the account that the context names there. Errors:
  // Errc::unavailable when no server runs on that data directory, saying how to start one; Errc::not_found
  // for an account that the server does not have.
  [[nodiscard]] static Result<Server> find(const Context& context);

  [[nodiscard]] Result<boost::json::value> get(const std::string& path) { return call("GET", path, nullptr); }
  [[nodiscard]] Result<Listed> get_list(const std::string& path);
  // `body` null: none.
  [[nodiscard]] Result<boost::json::value> call(const std::string& method, const std::string& path,
                                                const boost::json::value& body);
  // A GET whose body is handed over as it arrives; the status comes back when it ended, whichever way.
  [[nodiscard]] Result<HttpResponse> stream(const std::string& path, const std::string& last_event_id,
                                            const std::function<bool(std::string_view)>& on_data);

  // "/client/v4/accounts/{id}/builds".
  [[nodiscard]] std::string builds_path() const { return "/client/v4/accounts/" + account_id_ + "/builds"; }
  // "/client/v4/accounts/{id}/workers/scripts".
  [[nodiscard]] std::string scripts_path() const {
    return "/client/v4/accounts/" + account_id_ + "/workers/scripts";
  }
  // "/client/v4/accounts/{id}/workers/workers".
  [[nodiscard]] std::string workers_path() const {
    return "/client/v4/accounts/" + account_id_ + "/workers/workers";
  }
  // "/kiln/v1/accounts/{id}": the same account's routes for its administrator.
  [[nodiscard]] std::string own_path() const { return "/kiln/v1/accounts/" + account_id_; }
  // What server.json says.
  [[nodiscard]] const boost::json::value& facts() const { return facts_; }

 private:
  Server(std::filesystem::path data_dir, HttpClient& http, boost::json::value facts, std::string account_id)
      : data_dir_(std::move(data_dir)),
        http_(&http),
        facts_(std::move(facts)),
        account_id_(std::move(account_id)) {}
  [[nodiscard]] HttpRequest request(const std::string& method, const std::string& path) const;
  [[nodiscard]] Result<HttpResponse> answer(const std::string& method, const std::string& path,
                                            const boost::json::value& body);
  [[nodiscard]] Error not_running() const;
  // Acts in another account from now on. Errors: Errc::not_found.
  [[nodiscard]] Status choose(const std::string& account);

  std::filesystem::path data_dir_;
  HttpClient* http_;
  boost::json::value facts_;
  std::string account_id_;
};

}  // namespace kiln::cli
