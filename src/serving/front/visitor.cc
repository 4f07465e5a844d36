#include "serving/front/visitor.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "serving/front/own_fields.h"

namespace kiln::serving {
namespace {

constexpr std::string_view kPlace = "KLN";     // where the hosted platform names a data centre
constexpr std::string_view kNoCountry = "XX";  // the platform's word for one that it does not know
constexpr std::string_view kReserved = "cf-";

// Quoted as it is; whatever would have to be escaped is left out whole.
std::string_view plain_encodings(const http::Head& head) {
  const std::string_view value = head.only("accept-encoding").value_or(std::string_view());
  const bool plain = std::all_of(value.begin(), value.end(),
                                 [](char c) { return c >= 0x20 && c < 0x7f && c != '"' && c != '\\'; });
  return plain ? value : std::string_view();
}

}  // namespace

bool is_of_the_front(const http::Field& field) {
  if (field.known != http::Name::other) return false;
  return http::same_name(field.name.substr(0, kReserved.size()), kReserved) ||
         http::same_name(field.name, "x-real-ip") || http::same_name(field.name, "true-client-ip");
}

std::string cf_json(const http::Head& head, bool secure) {
  return fmt::format(
      R"({{"colo":"{}","country":"{}","continent":"","region":"","regionCode":"","city":"","postalCode":"",)"
      R"("metroCode":"","latitude":"0","longitude":"0","timezone":"UTC","asn":0,"asOrganization":"",)"
      R"("httpProtocol":"{}","tlsVersion":"{}","tlsCipher":"{}","clientTcpRtt":0,"clientAcceptEncoding":"{}",)"
      R"("requestPriority":"","edgeRequestKeepAliveStatus":0,)"
      R"("tlsClientAuth":{{"certPresented":"0","certVerified":"NONE","certRevoked":"0"}}}})",
      kPlace, kNoCountry, head.http_1_0 ? "HTTP/1.0" : "HTTP/1.1", secure ? "TLSv1.3" : "",
      secure ? "AEAD-AES128-GCM-SHA256" : "", plain_encodings(head));
}

void append_visitor_fields(std::string& out, const Caller& caller, const http::Head& head) {
  fmt::format_to(std::back_inserter(out),
                 "cf-connecting-ip: {0}\r\nx-real-ip: {0}\r\ncf-ray: {1:016x}-{2}\r\n"
                 "cf-visitor: {{\"scheme\":\"{3}\"}}\r\ncf-ipcountry: {4}\r\n{5}: {6}\r\n",
                 caller.visitor, caller.ray, kPlace, caller.secure ? "https" : "http", kNoCountry, kCfField,
                 cf_json(head, caller.secure));
}

}  // namespace kiln::serving
