#include "cli/server.h"

#include <fmt/format.h>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <cctype>

#include "base/fs.h"
#include "base/ids.h"
#include "base/strings.h"
#include "cli/ids.h"
#include "cli/print.h"
#include "wire/errc_names.h"
#include "wire/json.h"

namespace kiln::cli {
namespace {

namespace json = boost::json;

Error no_server(const std::filesystem::path& data_dir) {
  return {Errc::unavailable,
          fmt::format("no Kiln server runs on the data directory {}\n"
                      "start one with:  kiln serve --data-dir {}\n"
                      "or name another: --data-dir DIR, or KILN_DATA_DIR",
                      data_dir.string(), shell_quote(data_dir.string())),
          {}};
}

// The words of a refusal, in either of the server's two forms.
std::string refusal_words(const json::value& body) {
  const json::object* object = body.if_object();
  if (object == nullptr) return {};
  if (const json::value* errors = object->if_contains("errors"); errors != nullptr && errors->is_array()) {
    std::string words;
    for (const json::value& error : errors->get_array()) {
      words += (words.empty() ? "" : "\n") + safe_line(text_at(error, "message"), false);
    }
    return words;
  }
  return safe_line(text_at(body, "error/message"), false);
}

// `otherwise` where the answer does not say it.
std::int64_t number_in_info(const json::value& body, std::string_view key, std::int64_t otherwise) {
  const json::object* object = body.if_object();
  const json::value* info = object != nullptr ? object->if_contains("result_info") : nullptr;
  const json::object* facts = info != nullptr ? info->if_object() : nullptr;
  const json::value* number = facts != nullptr ? facts->if_contains(key) : nullptr;
  const std::int64_t* whole = number != nullptr ? number->if_int64() : nullptr;
  return whole != nullptr ? *whole : otherwise;
}

// The whole of it; null where there is none. Errors: those of read_answer().
Result<json::value> read_body(int status, std::string_view body) {
  const bool good = status >= 200 && status < 300;
  if (good && trim(body).empty()) return json::value(nullptr);
  Result<json::value> value = wire::parse_json(body);
  if (!good) {
    const std::string words = value ? refusal_words(*value) : std::string();
    return fail(wire::errc_of_http_status(status),
                words.empty() ? fmt::format("the server answered HTTP {}", status) : words);
  }
  if (!value) return fail(Errc::corrupt, "the server's answer is no JSON: " + value.error().message);
  return value;
}

// What is in the envelope, where there is one.
json::value result_in(json::value body) {
  json::object* object = body.if_object();
  const bool wrapped = object != nullptr && object->contains("success") && object->contains("result");
  return wrapped ? std::move(object->at("result")) : std::move(body);
}

}  // namespace

Result<json::value> read_answer(int status, std::string_view body) {
  return read_body(status, body).map(result_in);
}

Error named(Error error, std::string_view kind, std::string_view name, std::string_view lists) {
  if (error.code != Errc::not_found) return error;
  error.message =
      fmt::format("there is no {} {} here; `{}` lists what there is", kind, safe_line(name, false), lists);
  return error;
}

Result<Server> Server::find(const Context& context) {
  Result<std::optional<Remote>> remote =
      context.is_local ? std::optional<Remote>() : chosen_remote(context.insecure);
  if (!remote) return tl::unexpected<Error>(remote.error());
  Result<Server> server = *remote ? find_remote(context, **remote) : find_local(context);
  if (!server || context.account.empty()) return server;
  if (Status chosen = server->choose(context.account); !chosen) return tl::unexpected<Error>(chosen.error());
  return server;
}

Result<Server> Server::find_local(const Context& context) {
  constexpr std::size_t kLargestFile = 64U << 10U;
  const std::filesystem::path file = context.data_dir / "server.json";
  const Result<std::string> text = read_file(file, kLargestFile);
  if (!text && text.error().code == Errc::not_found)
    return tl::unexpected<Error>(no_server(context.data_dir));
  if (!text) return tl::unexpected<Error>(text.error());
  Result<json::value> facts = wire::parse_json(*text);
  const std::string account = facts ? text_at(*facts, "account_id") : std::string();
  if (!is_hex32(account)) {
    return fail(Errc::corrupt,
                fmt::format("{} is damaged; restart the server to write it anew", file.string()));
  }
  return Server(context.data_dir, context.http, std::move(*facts), account);
}

Server Server::at(const Context& context, const Remote& remote) {
  Server server(context.data_dir, context.http,
                json::object{{"url", remote.url}, {"account_id", remote.account_id}}, remote.account_id);
  server.remote_ = remote;
  return server;
}

Result<Server> Server::find_remote(const Context& context, const Remote& remote) {
  if (is_hex32(remote.account_id) || is_hex32(context.account)) return at(context, remote);
  const Result<json::value> who = at(context, remote).get("/kiln/v1/whoami");
  if (!who) return tl::unexpected<Error>(who.error());
  Remote known = remote;
  known.account_id = text_at(*who, "account/id");
  if (is_hex32(known.account_id)) return at(context, known);
  return fail(Errc::invalid, "the token is of no account; make one that is: kiln token create");
}

// Those that whoever asks may act in.
Result<json::array> Server::accounts() {
  json::array all;
  Listed listed;
  for (std::int64_t page = 1; page <= listed.pages; ++page) {
    Result<Listed> next = get_list(remote_ ? fmt::format("/client/v4/accounts?per_page=50&page={}", page)
                                           : "/kiln/v1/accounts");
    if (!next) return tl::unexpected<Error>(next.error());
    listed = std::move(*next);
    if (!listed.items.is_array()) break;
    all.insert(all.end(), listed.items.get_array().begin(), listed.items.get_array().end());
  }
  return all;
}

Status Server::choose(const std::string& account) {
  const Result<json::array> known = accounts();
  if (!known) return tl::unexpected<Error>(known.error());
  std::vector<std::string> fitting;
  for (const json::value& one : *known) {
    const std::string id = text_at(one, "id");
    if ((id == account || text_at(one, "name") == account) && is_hex32(id)) fitting.push_back(id);
  }
  if (fitting.empty() && may_begin_an_id(account)) {
    for (const json::value& one : *known) {
      const std::string id = text_at(one, "id");
      if (id.starts_with(account) && is_hex32(id)) fitting.push_back(id);
    }
  }
  if (fitting.size() == 1) {
    account_id_ = fitting.front();
    return {};
  }
  return fail(Errc::not_found,
              fitting.empty()
                  ? fmt::format("there is no account '{}'; `kiln account list` shows them all", account)
                  : fmt::format("{} accounts are called '{}'; name one by its id, as `kiln account list` "
                                "shows it",
                                fitting.size(), account));
}

Error Server::no_answer(const Error& error) const {
  if (!remote_) return no_server(data_dir_);
  return {error.code,
          fmt::format("the server at {} does not answer: {}{}", remote_->url, safe_line(error.message, false),
                      remote_->url.starts_with("https:") && remote_->ca.empty()
                          ? "\nwhere its certificate is of an authority of your own: KILN_CA=FILE, or kiln "
                            "login --ca FILE"
                          : ""),
          {}};
}

Error Server::refused(Error error) const {
  if (remote_ && error.code == Errc::unauthenticated) {
    error.message += fmt::format("\nlog in again: kiln login {}, or set KILN_TOKEN to a token of that server",
                                 shell_quote(remote_->url));
  }
  return error;
}

HttpRequest Server::request(const std::string& method, const std::string& path) const {
  HttpRequest request;
  request.method = method;
  if (!remote_) {
    request.url = "http://kiln" + path;
    request.unix_socket = (data_dir_ / "control.sock").string();
    return request;
  }
  request.url = remote_->url + path;
  request.ca = remote_->ca;
  request.headers.emplace_back("authorization", "Bearer " + remote_->token);
  return request;
}

Result<Listed> Server::get_list(const std::string& path) {
  const Result<HttpResponse> response = answer("GET", path, nullptr);
  if (!response) return tl::unexpected<Error>(response.error());
  Result<json::value> body = read_body(response->status, response->body);
  if (!body) return tl::unexpected<Error>(refused(body.error()));
  Listed listed;
  listed.total = number_in_info(*body, "total_count", listed.total);
  listed.pages = number_in_info(*body, "total_pages", listed.pages);
  listed.items = result_in(std::move(*body));
  return listed;
}

Result<json::value> Server::call(const std::string& method, const std::string& path,
                                 const json::value& body) {
  const Result<HttpResponse> response = answer(method, path, body);
  if (!response) return tl::unexpected<Error>(response.error());
  Result<json::value> read = read_answer(response->status, response->body);
  if (!read) return tl::unexpected<Error>(refused(read.error()));
  return read;
}

Result<HttpResponse> Server::answer(const std::string& method, const std::string& path,
                                    const json::value& body) {
  HttpRequest request = this->request(method, path);
  request.headers.emplace_back("accept", "application/json");
  if (!body.is_null()) {
    request.headers.emplace_back("content-type", "application/json");
    request.body = json::serialize(body);
  }
  Result<HttpResponse> response = http_->send(request);
  if (!response && response.error().code == Errc::unavailable)
    return tl::unexpected<Error>(no_answer(response.error()));
  return response;
}

Result<HttpResponse> Server::stream(const std::string& path, const std::string& last_event_id,
                                    const std::function<bool(std::string_view)>& on_data) {
  HttpRequest request = this->request("GET", path);
  request.headers.emplace_back("accept", "text/event-stream");
  if (!last_event_id.empty()) request.headers.emplace_back("last-event-id", last_event_id);
  request.timeout_ms = 0;
  request.on_data = on_data;
  return http_->send(request);
}

Status Server::download(const std::string& method, const std::string& path,
                        const std::function<bool(std::string_view)>& on_data) {
  constexpr std::size_t longest_refusal = std::size_t{64} << 10U;
  HttpRequest request = this->request(method, path);
  request.timeout_ms = 0;
  std::string begin;
  request.on_data = [&](std::string_view bytes) {
    if (begin.size() < longest_refusal) begin.append(bytes.substr(0, longest_refusal - begin.size()));
    return on_data(bytes);
  };
  const Result<HttpResponse> response = http_->send(request);
  if (!response) return tl::unexpected<Error>(response.error());
  if (response->status >= 200 && response->status < 300) return {};
  const Result<json::value> refusal = read_answer(response->status, begin);
  return tl::unexpected<Error>(refusal ? Error{Errc::internal, "the server refused without a word", {}}
                                       : refusal.error());
}

}  // namespace kiln::cli
