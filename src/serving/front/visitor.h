// What a Worker is told of who calls it: header fields and request.cf, as the hosted platform names them. Of
// a visitor's own such fields none is believed. Pure functions: any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "http/head.h"

namespace kiln::serving {

// Who sent a request, and over what.
struct Caller {
  std::string_view peer;     // the other end of the connection
  std::string_view visitor;  // whom the request is from: the peer, or whom a trusted proxy speaks for
  bool secure = false;       // came by TLS, as far as who says so is believed
  bool worker = false;       // another Worker of the account calls, and its fields are its own affair
  int hops = 0;              // calls between Workers so far
  std::uint64_t ray = 0;     // of CF-Ray; another one each time
};

// X-Real-IP, True-Client-IP and whatever begins with CF-: the front sets these or nobody does.
[[nodiscard]] bool is_of_the_front(const http::Field& field);

// CF-Connecting-IP, X-Real-IP, CF-Ray, CF-Visitor, CF-IPCountry and the field that becomes request.cf, each
// with its line end.
void append_visitor_fields(std::string& out, const Caller& caller, const http::Head& head);

// request.cf as JSON, for those of whom nothing more is known than this. What Kiln has no way to know (place,
// network) is there under its name, empty, 0 or "XX", so that code which reads it finds a value of its type.
[[nodiscard]] std::string cf_json(const http::Head& head, bool secure);

}  // namespace kiln::serving
