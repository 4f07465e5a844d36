#include "serving/front/rewrite.h"

#include <array>
#include <charconv>

#include "serving/front/own_fields.h"
#include "serving/front/page_cookies.h"

namespace kiln::serving {
namespace {

using http::Body;
using http::Field;
using http::Name;
using http::same_name;

constexpr std::string_view kEnd = "\r\n";

void append_field(std::string& out, std::string_view name, std::string_view value) {
  out += name;
  out += ": ";
  out += value;
  out += kEnd;
}

}  // namespace

void append_request_head(std::string& out, const http::Head& head, const Caller& caller) {
  out += head.method;
  out += ' ';
  out += head.target;
  out += " HTTP/1.1\r\n";
  append_field(out, "host", head.host);
  std::string forwarded;  // of all its lines: a proxy may have written one behind the visitor's
  for (const Field& field : head.fields) {
    switch (field.known) {
      case Name::host:
      case Name::expect:
      case Name::x_forwarded_proto:
        break;
      case Name::x_forwarded_for:
        if (field.value.empty()) break;
        if (!forwarded.empty()) forwarded += ", ";
        forwarded += field.value;
        break;
      default:
        if (is_own(field) || head.is_hop_by_hop(field) || (!caller.worker && is_of_the_front(field))) break;
        if (field.known == Name::other && same_name(field.name, "cookie")) {
          if (const std::string rest = without_page_cookies(field.value); !rest.empty())
            append_field(out, field.name, rest);
          break;
        }
        append_field(out, field.name, field.value);
    }
  }
  append_field(out, "x-forwarded-proto", caller.secure ? "https" : "http");
  if (!caller.worker) {
    if (!forwarded.empty()) forwarded += ", ";
    forwarded += caller.peer;
  }
  if (!forwarded.empty()) append_field(out, "x-forwarded-for", forwarded);
  if (!caller.worker) {
    append_visitor_fields(out, caller, head);
  } else if (const std::optional<std::string_view> cf = head.only(kCfField)) {
    append_field(out, kCfField, *cf);
  } else {
    append_field(out, kCfField, cf_json(head, caller.secure));
  }
  if (caller.hops > 0) append_field(out, kHopsField, std::to_string(caller.hops));
  if (head.body == Body::chunked) append_field(out, "transfer-encoding", "chunked");
  if (head.upgrade) out += "connection: upgrade\r\nupgrade: websocket\r\n";
  out += kEnd;
}

void append_response_head(std::string& out, const http::Head& head, const Answering& answering) {
  std::array<char, 4> status{};
  char* const end = std::to_chars(status.begin(), status.end(), head.status).ptr;
  out += "HTTP/1.1 ";
  out.append(status.begin(), end);
  out += ' ';
  out += head.reason;
  out += kEnd;
  for (const Field& field : head.fields) {
    if (!is_own(field) && !head.is_hop_by_hop(field)) append_field(out, field.name, field.value);
  }
  if (!answering.version.empty()) append_field(out, kVersionField, answering.version);
  if (head.status == kSwitching) {
    out += "connection: upgrade\r\nupgrade: websocket\r\n";
  } else {
    if (answering.chunked) append_field(out, "transfer-encoding", "chunked");
    if (answering.close) append_field(out, "connection", "close");
  }
  out += kEnd;
}

}  // namespace kiln::serving
