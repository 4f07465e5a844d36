#include "serving/front/pages.h"

#include <fmt/format.h>

#include <array>
#include <utility>

#include "base/strings.h"

namespace kiln::serving {
namespace {

std::string_view reason_of(int status) {
  constexpr std::array<std::pair<int, std::string_view>, 7> kReasons = {
      {{400, "Bad Request"},
       {404, "Not Found"},
       {408, "Request Timeout"},
       {431, "Request Header Fields Too Large"},
       {502, "Bad Gateway"},
       {503, "Service Unavailable"},
       {504, "Gateway Timeout"}}};
  for (const auto& [code, reason] : kReasons) {
    if (code == status) return reason;
  }
  return "Error";
}

// A word for programs.
std::string_view word_of(const Error& error) {
  switch (error.code) {
    case Errc::not_found:
    case Errc::version_not_found:
      return "not_found";
    case Errc::forbidden:
      return "switched_off";
    case Errc::conflict:
      return "not_deployed";
    case Errc::invalid:
    case Errc::too_large:
      return "bad_request";
    case Errc::timeout:
      return "timeout";
    case Errc::unavailable:
      return "unavailable";
    default:
      return "worker_failed";
  }
}

std::string json_text(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    if (static_cast<unsigned char>(c) < 0x20)
      out += fmt::format("\\u{:04x}", static_cast<unsigned>(c));
    else
      out += c;
  }
  return out + '"';
}

}  // namespace

int page_status(const Error& error) {
  switch (error.code) {
    case Errc::not_found:
    case Errc::version_not_found:
    case Errc::forbidden:
    case Errc::conflict:
      return 404;
    case Errc::invalid:
      return 400;
    case Errc::too_large:
      return 431;
    case Errc::timeout:
      return error.field == "request" ? 408 : 504;
    case Errc::unavailable:
      return 503;
    default:
      return 502;
  }
}

std::string page(const Error& error, const PageOptions& options) {
  const int status = page_status(error);
  const bool json = contains_ignoring_case(options.accept, "application/json");
  const std::string message = to_valid_utf8(error.message);
  const std::string body =
      json ? fmt::format("{{\"error\":{},\"message\":{}}}\n", json_text(word_of(error)), json_text(message))
           : fmt::format("{} {}\n\n{}\n", status, reason_of(status), message);
  std::string out = fmt::format(
      "HTTP/1.1 {} {}\r\ncontent-type: {}\r\ncontent-length: {}\r\ncache-control: no-store\r\n"
      "x-content-type-options: nosniff\r\n",
      status, reason_of(status), json ? "application/json" : "text/plain; charset=utf-8", body.size());
  if (status == 503) out += "retry-after: 1\r\n";
  if (options.close) out += "connection: close\r\n";
  out += "\r\n";
  if (!options.to_head) out += body;
  return out;
}

}  // namespace kiln::serving
