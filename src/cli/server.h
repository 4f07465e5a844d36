// The server that the command line speaks to: one of this machine, found through its data directory and asked
// over its control socket, or one elsewhere, asked by a token (remote.h). Belongs to one thread.
#pragma once

#include <boost/json/value.hpp>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>

#include "base/escape.h"
#include "base/http_client.h"
#include "base/result.h"
#include "cli/context.h"
#include "cli/remote.h"

namespace kiln::cli {

// One part of a path or query.
[[nodiscard]] inline std::string url_part(std::string_view text) {
  return url_encode(text);
}

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
  // The server that the context means (chosen_remote(), else that of its data directory), and the account
  // that the context names there. Errors: Errc::unavailable when no server runs on that data directory,
  // saying how to start one; Errc::not_found for an account that the server does not have.
  [[nodiscard]] static Result<Server> find(const Context& context);
  // The one elsewhere, in the account that `remote` names.
  [[nodiscard]] static Server at(const Context& context, const Remote& remote);

  [[nodiscard]] bool is_remote() const { return remote_.has_value(); }
  // For people: its URL, or its data directory.
  [[nodiscard]] std::string place() const { return remote_ ? remote_->url : data_dir_.string(); }

  [[nodiscard]] Result<boost::json::value> get(const std::string& path) { return call("GET", path, nullptr); }
  [[nodiscard]] Result<Listed> get_list(const std::string& path);
  // `body` null: none.
  [[nodiscard]] Result<boost::json::value> call(const std::string& method, const std::string& path,
                                                const boost::json::value& body);
  // A GET whose body is handed over as it arrives; the status comes back when it ended, whichever way.
  [[nodiscard]] Result<HttpResponse> stream(const std::string& path, const std::string& last_event_id,
                                            const std::function<bool(std::string_view)>& on_data);

  // A long answer, handed over as it arrives; false of `on_data` ends it. What is handed over of a refusal,
  // and of an answer that was cut short, is known to be none only at the end, by the error. Errors: also
  // Errc::unavailable when the connection ends early.
  [[nodiscard]] Status download(const std::string& method, const std::string& path,
                                const std::function<bool(std::string_view)>& on_data);

  [[nodiscard]] const std::string& account_id() const { return account_id_; }
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
  // What server.json says; of a server elsewhere its URL and the account.
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
  [[nodiscard]] static Result<Server> find_local(const Context& context);
  [[nodiscard]] static Result<Server> find_remote(const Context& context, const Remote& remote);
  // Why there was no answer, and how to get one.
  [[nodiscard]] Error no_answer(const Error& error) const;
  // With the way out where a server elsewhere does not know the token.
  [[nodiscard]] Error refused(Error error) const;
  // Acts in another account from now on. Errors: Errc::not_found.
  [[nodiscard]] Status choose(const std::string& account);
  [[nodiscard]] Result<boost::json::array> accounts();

  std::filesystem::path data_dir_;
  HttpClient* http_;
  boost::json::value facts_;
  std::string account_id_;
  std::optional<Remote> remote_{};
};

}  // namespace kiln::cli
