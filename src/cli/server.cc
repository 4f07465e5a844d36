#include "cli/server.h"

#include <fmt/format.h>

#include <boost/json/serialize.hpp>
#include <cctype>

#include "base/fs.h"
#include "base/ids.h"
#include "base/strings.h"
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

std::string url_part(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    const bool plain =
        (std::isalnum(byte) != 0 && byte < 0x80) || c == '-' || c == '.' || c == '_' || c == '~';
    out += plain ? std::string(1, c) : fmt::format("%{:02X}", byte);
  }
  return out;
}

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
  Server server(context.data_dir, context.http, std::move(*facts), account);
  if (!context.account.empty()) {
    if (Status chosen = server.choose(context.account); !chosen) return tl::unexpected<Error>(chosen.error());
  }
  return server;
}

Status Server::choose(const std::string& account) {
  const Result<json::value> accounts = get("/kiln/v1/accounts");
  if (!accounts) return tl::unexpected<Error>(accounts.error());
  std::vector<std::string> fitting;
  if (accounts->is_array()) {
    for (const json::value& known : accounts->get_array()) {
      const std::string id = text_at(known, "id");
      if ((id == account || text_at(known, "name") == account) && is_hex32(id)) fitting.push_back(id);
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

Error Server::not_running() const {
  return no_server(data_dir_);
}

HttpRequest Server::request(const std::string& method, const std::string& path) const {
  HttpRequest request;
  request.method = method;
  request.url = "http://kiln" + path;
  request.unix_socket = (data_dir_ / "control.sock").string();
  return request;
}

Result<Listed> Server::get_list(const std::string& path) {
  const Result<HttpResponse> response = answer("GET", path, nullptr);
  if (!response) return tl::unexpected<Error>(response.error());
  Result<json::value> body = read_body(response->status, response->body);
  if (!body) return tl::unexpected<Error>(body.error());
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
  return read_answer(response->status, response->body);
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
  if (!response && response.error().code == Errc::unavailable) return tl::unexpected<Error>(not_running());
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

}  // namespace kiln::cli
