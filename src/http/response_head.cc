#include "http/response_head.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "base/http_date.h"
#include "base/strings.h"

namespace kiln::http {
namespace {

struct Reason {
  int status;
  std::string_view words;
};

constexpr std::array kReasons{
    Reason{200, "OK"},
    Reason{201, "Created"},
    Reason{202, "Accepted"},
    Reason{204, "No Content"},
    Reason{206, "Partial Content"},
    Reason{301, "Moved Permanently"},
    Reason{302, "Found"},
    Reason{303, "See Other"},
    Reason{304, "Not Modified"},
    Reason{307, "Temporary Redirect"},
    Reason{308, "Permanent Redirect"},
    Reason{400, "Bad Request"},
    Reason{401, "Unauthorized"},
    Reason{403, "Forbidden"},
    Reason{404, "Not Found"},
    Reason{405, "Method Not Allowed"},
    Reason{408, "Request Timeout"},
    Reason{409, "Conflict"},
    Reason{410, "Gone"},
    Reason{412, "Precondition Failed"},
    Reason{413, "Content Too Large"},
    Reason{415, "Unsupported Media Type"},
    Reason{416, "Range Not Satisfiable"},
    Reason{417, "Expectation Failed"},
    Reason{422, "Unprocessable Content"},
    Reason{429, "Too Many Requests"},
    Reason{431, "Request Header Fields Too Large"},
    Reason{500, "Internal Server Error"},
    Reason{501, "Not Implemented"},
    Reason{502, "Bad Gateway"},
    Reason{503, "Service Unavailable"},
    Reason{504, "Gateway Timeout"},
};

std::string_view reason_for(int status) {
  const auto found = std::find_if(kReasons.begin(), kReasons.end(),
                                  [&](const Reason& entry) { return entry.status == status; });
  return found == kReasons.end() ? std::string_view("Status") : found->words;
}

bool is_the_servers(std::string_view name) {
  constexpr std::array<std::string_view, 5> names{"content-length", "transfer-encoding", "connection", "date",
                                                  "server"};
  return std::any_of(names.begin(), names.end(), [&](std::string_view own) {
    return own.size() == name.size() && to_lower(name) == own;
  });
}

bool breaks_framing(std::string_view name, std::string_view value) {
  const auto ends_a_line = [](unsigned char c) { return (c == '\r') | (c == '\n') | (c == '\0'); };
  const auto ends_a_name = [&](unsigned char c) { return (c == ' ') | (c == ':') | ends_a_line(c); };
  return name.empty() || any_byte(name, ends_a_name) || any_byte(value, ends_a_line);
}

}  // namespace

std::string_view DateLine::now() {
  const std::time_t second = std::time(nullptr);
  if (second != second_) {
    second_ = second;
    text_ = format_http_date(TimeMs{second} * 1'000);
  }
  return text_;
}

void append_head(std::string& out, int status, const Headers& headers, const Framing& framing,
                 std::string_view date) {
  const auto add = [&out](const auto&... texts) { (out.append(std::string_view(texts)), ...); };
  // Of nearly every response: kept short of fmt.
  if (status == 200) {
    add("HTTP/1.1 200 OK");
  } else {
    const bool own = !framing.reason.empty() && !breaks_framing("reason", framing.reason);
    fmt::format_to(std::back_inserter(out), "HTTP/1.1 {} {}", status,
                   own ? framing.reason : reason_for(status));
  }
  add("\r\nserver: kiln\r\ndate: ", date, "\r\n");
  for (const auto& [name, value] : headers) {
    if (is_the_servers(name) || breaks_framing(name, value)) continue;
    add(name, ": ", value, "\r\n");
  }
  if (framing.length) {
    const fmt::format_int digits(*framing.length);
    add("content-length: ", std::string_view(digits.data(), digits.size()), "\r\n");
  }
  if (framing.chunked) add("transfer-encoding: chunked\r\n");
  if (!framing.connection.empty()) add("connection: ", framing.connection, "\r\n");
  add("\r\n");
}

bool is_bodiless(int status) {
  return status < 200 || status == 204 || status == 304;
}

}  // namespace kiln::http
