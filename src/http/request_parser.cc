#include "http/request_parser.h"

#include <limits>

#include "base/strings.h"

namespace kiln::http {

void RequestParser::start(Request& into) {
  into.clear();
  into_ = &into;
  in_body_ = false;
  scanned_ = 0;
  received_ = 0;
  max_body_ = std::numeric_limits<std::size_t>::max();
}

RequestParser::Progress RequestParser::feed(std::string_view bytes) {
  return in_body_ ? feed_body(bytes) : feed_head(bytes);
}

RequestParser::Progress RequestParser::feed_head(std::string_view bytes) {
  const std::size_t blank = scanned_ == 0 ? blank_size(bytes) : 0;
  bytes.remove_prefix(blank);
  if (bytes.empty() || bytes == "\r") return {blank, Step::need_more};
  const std::optional<std::size_t> size = head_size(bytes, scanned_);
  if (!size) return {blank, Step::malformed};
  if (*size == 0) return {blank, bytes.size() > max_header_ ? Step::header_too_large : Step::need_more};
  if (*size > max_header_) return {blank, Step::header_too_large};
  if (!parse_request(bytes.substr(0, *size), head_)) return {blank, Step::malformed};
  take_head();
  return {blank + *size, Step::header_done};
}

// What outlives the bytes of the head.
void RequestParser::take_head() {
  in_body_ = true;
  into_->method = head_.method;
  target_ = head_.target;
  into_->headers.reserve(head_.fields.size());
  for (const Field& field : head_.fields) into_->headers.emplace_back(to_lower(field.name), field.value);
  body_ = BodyScanner(head_.body, head_.length);
  const std::optional<std::string_view> expect = head_.only(Name::expect);
  wants_continue_ = !head_.http_1_0 && expect && same_name(*expect, "100-continue");
}

RequestParser::Progress RequestParser::feed_body(std::string_view bytes) {
  if (body_.done()) return {0, Step::done};
  std::string& body = into_->body;
  const std::size_t before = body.size();
  const std::size_t used = body_.take(bytes, &body);
  received_ += body.size() - before;
  if (body_.broken()) return {used, Step::malformed};
  if (received_ > max_body_ || body_.announced() > max_body_ - received_) return {used, Step::body_too_large};
  return {used, body_.done() ? Step::done : Step::need_more};
}

bool RequestParser::limit_body(std::size_t max) {
  max_body_ = max;
  return body_.announced() <= max;
}

}  // namespace kiln::http
