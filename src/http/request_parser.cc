#include "http/request_parser.h"

#include <algorithm>
#include <boost/beast/http/basic_parser.hpp>
#include <limits>
#include <optional>

#include "base/strings.h"
#include "http/last_head.h"

namespace kiln::http {
namespace {

namespace beast = boost::beast;
using boost::beast::error_code;

constexpr std::size_t kFirstReserve = 64U << 10U;

std::string_view plain(beast::string_view text) {
  return {text.data(), text.size()};
}

// Puts what Beast finds straight into the Request, without Beast's own field container between.
class Sink final : public beast::http::basic_parser<true> {
 public:
  // `target_room` is where the target goes.
  Sink(Request& into, std::string& target_room, std::size_t max_header) : target(target_room), into_(into) {
    // Beast counts anew from each call, so the true limit is kept outside; this one only has to be no lower.
    header_limit(static_cast<std::uint32_t>(std::min<std::size_t>(max_header + 1, 1U << 30U)));
    body_limit(boost::none);
    eager(false);
  }

  std::string& target;
  std::size_t max_body = std::numeric_limits<std::size_t>::max();
  int version = 11;
  int hosts = 0;
  bool expects_continue = false;
  bool strange_encoding = false;

 private:
  void on_request_impl(beast::http::verb, beast::string_view method, beast::string_view wanted, int number,
                       error_code&) override {
    version = number;
    into_.method = plain(method);
    target = plain(wanted);
  }
  void on_response_impl(int, beast::string_view, int, error_code&) override {}

  void on_field_impl(beast::http::field field, beast::string_view name, beast::string_view value,
                     error_code&) override {
    if (past_header_) return;  // a trailer must not pass for a header
    if (field == beast::http::field::host) ++hosts;
    if (field == beast::http::field::expect && to_lower(plain(value)) == "100-continue")
      expects_continue = true;
    if (field == beast::http::field::transfer_encoding && to_lower(plain(value)) != "chunked")
      strange_encoding = true;
    into_.headers.emplace_back(to_lower(plain(name)), plain(value));
  }
  void on_header_impl(error_code&) override { past_header_ = true; }

  void on_body_init_impl(const boost::optional<std::uint64_t>& length, error_code&) override {
    into_.body.reserve(static_cast<std::size_t>(std::min<std::uint64_t>(length.value_or(0), kFirstReserve)));
  }
  std::size_t on_body_impl(beast::string_view bytes, error_code& ec) override { return take(bytes, ec); }
  void on_chunk_header_impl(std::uint64_t size, beast::string_view, error_code& ec) override {
    if (size > max_body - into_.body.size()) ec = beast::http::error::body_limit;
  }
  std::size_t on_chunk_body_impl(std::uint64_t, beast::string_view bytes, error_code& ec) override {
    return take(bytes, ec);
  }
  void on_finish_impl(error_code&) override {}

  std::size_t take(beast::string_view bytes, error_code& ec) {
    if (bytes.size() > max_body - into_.body.size()) {
      ec = beast::http::error::body_limit;
      return 0;
    }
    into_.body.append(bytes.data(), bytes.size());
    return bytes.size();
  }

  Request& into_;
  bool past_header_ = false;
};

}  // namespace

struct RequestParser::Impl {
  explicit Impl(std::size_t max) : max_header(max) {}

  const std::size_t max_header;
  Request* into = nullptr;
  bool begun = false;  // bytes of this request have come
  std::size_t header_used = 0;
  bool told_header = false;
  std::string target;  // its room is used again from request to request
  std::optional<Sink> sink;
  LastHead last;
  std::string_view head;                   // the whole of it, where it was parsed and came in one piece
  std::optional<LastHead::Repeat> repeat;  // then what else is here is of the request that is repeated

  // The first bytes of a request.
  void begin(std::string_view bytes) {
    begun = true;
    head = {};
    repeat = last.find_in(bytes);
    if (repeat && repeat->size <= max_header) return;
    repeat.reset();
    last.forget();
    into->clear();
    header_used = 0;
    told_header = false;
    target.clear();
    sink.emplace(*into, target, max_header);
  }

  // What the standard demands of a request's headers beyond their grammar (RFC 9112 3.2, 6.1, 6.3).
  [[nodiscard]] bool is_sound() const {
    if (sink->strange_encoding) return false;
    return sink->version == 11 ? sink->hosts == 1 : sink->hosts <= 1 && !sink->chunked();
  }

  [[nodiscard]] Step after_header() {
    told_header = true;
    if (header_used > max_header) return Step::header_too_large;
    if (!is_sound()) return Step::malformed;
    sink->eager(true);
    return Step::header_done;
  }
};

RequestParser::RequestParser(std::size_t max_header_bytes)
    : impl_(std::make_unique<Impl>(max_header_bytes)) {}
RequestParser::~RequestParser() = default;

void RequestParser::start(Request& into) {
  if (impl_->into != &into) impl_->last.forget();
  impl_->into = &into;
  impl_->begun = false;
}

void RequestParser::remember_head() {
  if (!impl_->head.empty() && !has_body()) impl_->last.keep(impl_->head, impl_->into->method, impl_->target);
}

bool RequestParser::repeats() const {
  return impl_->repeat.has_value();
}
std::string_view RequestParser::repeated_query() const {
  return impl_->repeat->query;
}

RequestParser::Progress RequestParser::feed(std::string_view bytes) {
  if (!impl_->begun) {
    if (bytes.empty()) return {0, Step::need_more};
    impl_->begin(bytes);
    if (impl_->repeat) return {impl_->repeat->size, Step::header_done};
  }
  Sink& sink = *impl_->sink;
  std::size_t used = 0;
  while (!sink.is_done() && used < bytes.size()) {
    error_code ec;
    const std::size_t took = sink.put({bytes.data() + used, bytes.size() - used}, ec);
    used += took;
    if (!impl_->told_header) impl_->header_used += took;
    if (ec == beast::http::error::need_more) {
      const bool full = !impl_->told_header && impl_->header_used + bytes.size() - used > impl_->max_header;
      return {used, full ? Step::header_too_large : Step::need_more};
    }
    if (ec == beast::http::error::header_limit) return {used, Step::header_too_large};
    if (ec == beast::http::error::body_limit) return {used, Step::body_too_large};
    if (ec) return {used, Step::malformed};
    if (!impl_->told_header && sink.is_header_done()) {
      if (used == impl_->header_used) impl_->head = bytes.substr(0, used);
      return {used, impl_->after_header()};
    }
  }
  return {used, sink.is_done() ? Step::done : Step::need_more};
}

const std::string& RequestParser::target() const {
  return impl_->target;
}
bool RequestParser::is_http_1_0() const {
  return impl_->sink->version == 10;
}
bool RequestParser::keep_alive() const {
  return impl_->sink->keep_alive();
}
bool RequestParser::has_body() const {
  return !impl_->sink->is_done();
}
bool RequestParser::wants_continue() const {
  return impl_->sink->expects_continue && !is_http_1_0() && !impl_->sink->is_done();
}

bool RequestParser::limit_body(std::size_t max) {
  impl_->sink->max_body = max;
  return impl_->sink->content_length().value_or(0) <= max;
}

}  // namespace kiln::http
