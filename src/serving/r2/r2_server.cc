#include "serving/r2/r2_server.h"

#include <boost/json.hpp>
#include <utility>

#include "base/hash.h"
#include "base/strings.h"
#include "model/space.h"
#include "serving/r2/answer.h"
#include "serving/r2/incoming.h"
#include "serving/service_key.h"
#include "serving/side/side_server.h"

namespace kiln::serving {
namespace {

namespace json = boost::json;
using Method = R2Request::Method;

constexpr const char* kR2Space = "x-kiln-r2";

SideOptions r2_side_options(const R2Options& options) {
  SideOptions out;
  out.names = kR2Space;
  out.may = [secret = options.secret](const http::Request& request) {
    return !secret.empty() &&
           equal_constant_time(request.header("x-kiln-secret"), r2_key(secret, request.header(kR2Space)));
  };
  out.connections = options.connections;
  out.bodies = {options.bodies, options.bodies / 4, options.bodies / 4};
  out.work[static_cast<std::size_t>(http::Work::read)] = {4, 1024};
  // They wait for the disk together.
  out.work[static_cast<std::size_t>(http::Work::store)] = {16, 1024};
  out.any_path = true;
  return out;
}

// What is said of the object, then its bytes.
class R2Outgoing {
 public:
  R2Outgoing(std::unique_ptr<store::R2Reader> reader, std::string metadata, model::R2Span span)
      : reader_(std::move(reader)), metadata_(std::move(metadata)), span_(span) {}

  http::StreamStep next() {
    http::StreamStep out;
    out.piece = std::exchange(metadata_, {});
    if (span_.length > 0) {
      Result<std::string> bytes = store::read_on(*reader_, span_);
      if (!bytes) {
        out.end = true;
        return out;
      }
      out.piece = out.piece.empty() ? *std::move(bytes) : out.piece + *bytes;
    }
    out.end = span_.length == 0;
    return out;
  }

 private:
  std::unique_ptr<store::R2Reader> reader_;
  std::string metadata_;
  model::R2Span span_;
};

}  // namespace

struct R2Server::Impl {
  Impl(store::R2Objects& given, const R2Options& options) : objects(given), server(r2_side_options(options)) {
    server.add("GET", {1U << 16U, http::Work::read},
               [this](const http::Request& request, const std::string& space) -> http::Reply {
                 if (const Status there = make_copy(space); !there) return r2_refusal(there.error());
                 Result<http::Reply> answer = look(request, space);
                 return answer ? *std::move(answer) : r2_refusal(answer.error());
               });
    server.add(
        "PUT", {model::kLargestR2Object + (std::size_t{8} << 20U), http::Work::store},
        [](const http::Request& request, const std::string& /*space*/) -> http::Reply {
          auto* const incoming = dynamic_cast<R2Incoming*>(request.sink.get());
          if (incoming == nullptr)
            return r2_refusal({Errc::invalid, "Metadata missing or invalid", kR2Argument});
          return incoming->answer();
        },
        [this](const http::Request& request, const std::string& space) -> std::shared_ptr<http::BodySink> {
          // An error of this is the first call's as well.
          (void)make_copy(space);
          return std::make_shared<R2Incoming>(objects, space, parse_whole(request.header(kR2MetadataSize)),
                                              parse_whole(request.header("content-length")));
        });
  }

  // A copy is there as long as its bucket is, empty at first.
  Status make_copy(const std::string& space) {
    const model::Space is = model::read_space(space);
    if (is.copy.empty()) return {};
    if (objects.has(is.owner)) return objects.make(space);
    return fail(Errc::not_found, "The specified bucket does not exist.", store::kNoR2Space);
  }

  Result<http::Reply> look(const http::Request& request, const std::string& space) {
    const Result<R2Request> asked = read_r2_request(request.header("cf-r2-request"));
    if (!asked) return tl::unexpected<Error>(asked.error());
    if (asked->method == Method::head) return head(space, asked->key);
    if (asked->method == Method::get) return get(space, *asked);
    if (asked->method != Method::list)
      return fail(Errc::invalid, "Metadata missing or invalid: this method writes", kR2Argument);
    const Result<store::R2Page> page = objects.list(space, asked->listing);
    if (!page) return tl::unexpected<Error>(page.error());
    return r2_answer(r2_list_text(*page, *asked));
  }

  static tl::unexpected<Error> no_key() {
    return fail(Errc::not_found, "The specified key does not exist.", model::kR2Key);
  }

  Result<http::Reply> head(const std::string& space, const std::string& key) {
    const auto found = objects.head(space, key);
    if (!found) return tl::unexpected<Error>(found.error());
    if (!*found) return no_key();
    return r2_answer(json::serialize(r2_object_json(**found, true, true)));
  }

  Result<http::Reply> get(const std::string& space, const R2Request& asked) {
    Result<std::unique_ptr<store::R2Reader>> reader = objects.open(space, asked.key);
    if (!reader) return tl::unexpected<Error>(reader.error());
    if (!*reader) return no_key();
    const model::R2Object& object = (*reader)->object();
    if (asked.only_if && !model::r2_holds(*asked.only_if, &object))
      return r2_refusal({Errc::conflict, "At least one of the pre-conditions you specified did not hold.",
                         store::kR2Precondition},
                        &object);
    const Result<model::R2Span> span =
        model::r2_span(asked.range.value_or(model::R2Range{}), static_cast<std::uint64_t>(object.size));
    if (!span) return tl::unexpected<Error>(span.error());
    std::string metadata = json::serialize(r2_object_json(object, true, true, *span));
    http::Stream out{
        200,
        {{"content-type", "application/json"}, {kR2MetadataSize, std::to_string(metadata.size())}},
        {},
        metadata.size() + span->length};
    const auto outgoing = std::make_shared<R2Outgoing>(*std::move(reader), std::move(metadata), *span);
    out.next = [outgoing] { return outgoing->next(); };
    return out;
  }

  store::R2Objects& objects;
  SideServer server;
};

R2Server::R2Server(store::R2Objects& objects, const R2Options& options)
    : impl_(std::make_unique<Impl>(objects, options)) {}

R2Server::~R2Server() {
  stop();
}

Status R2Server::listen(const std::string& path) {
  return impl_->server.listen(path);
}

void R2Server::start() {
  impl_->server.start();
}

void R2Server::stop() {
  impl_->server.stop();
}

}  // namespace kiln::serving
