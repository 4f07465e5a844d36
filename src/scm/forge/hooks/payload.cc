#include "scm/forge/hooks/payload.h"

#include <boost/json.hpp>
#include <optional>
#include <utility>

#include "base/hex.h"
#include "base/strings.h"

namespace kiln::scm {
namespace {

// Percent-decoding of one application/x-www-form-urlencoded value.
std::optional<std::string> form_decode(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '+') {
      out += ' ';
    } else if (text[i] == '%') {
      const std::optional<std::string> byte = from_hex(text.substr(i + 1, 2));
      if (!byte || byte->size() != 1) return std::nullopt;
      out += *byte;
      i += 2;
    } else {
      out += text[i];
    }
  }
  return out;
}

// The first value of that name. Walks the body in place: it is not verified yet and may be all separators.
std::optional<std::string_view> form_value(std::string_view form, std::string_view name) {
  while (true) {
    const std::size_t end = form.find('&');
    const std::string_view pair = form.substr(0, end);
    if (pair.size() > name.size() && pair.substr(0, name.size()) == name && pair[name.size()] == '=') {
      return pair.substr(name.size() + 1);
    }
    if (end == std::string_view::npos) return std::nullopt;
    form.remove_prefix(end + 1);
  }
}

}  // namespace

Result<std::string_view> payload_text(const HookRequest& request, std::string& decoded) {
  if (!contains_ignoring_case(request.header("content-type"), "x-www-form-urlencoded")) return request.body;
  const std::optional<std::string_view> encoded = form_value(request.body, "payload");
  std::optional<std::string> value = encoded ? form_decode(*encoded) : std::nullopt;
  if (!value) return fail(Errc::invalid, "the form has no readable payload field", "payload");
  decoded = std::move(*value);
  return std::string_view(decoded);
}

Result<boost::json::object> payload_of(const HookRequest& request) {
  std::string decoded;
  const Result<std::string_view> text = payload_text(request, decoded);
  if (!text) return tl::unexpected<Error>(text.error());
  boost::system::error_code error;
  boost::json::parse_options options;
  options.max_depth = kDeepestPayload;
  boost::json::value value =
      boost::json::parse(boost::json::string_view(text->data(), text->size()), error, {}, options);
  if (error || !value.is_object()) {
    return fail(Errc::invalid,
                "the delivery is not a JSON object; set the webhook's content type to application/json",
                "body");
  }
  return std::move(value.as_object());
}

}  // namespace kiln::scm
