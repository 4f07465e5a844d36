#include "serving/r2/incoming.h"

#include <algorithm>
#include <boost/json.hpp>

#include "serving/r2/answer.h"

namespace kiln::serving {
namespace {

namespace json = boost::json;
using Method = R2Request::Method;

constexpr std::size_t kLargestR2Request = std::size_t{4} << 20U;

}  // namespace

// What fails is told at the end: whoever sends a value reads no answer before that.
void R2Incoming::take(std::string_view piece) {
  if (!metadata_size_ || *metadata_size_ > kLargestR2Request) return;
  if (!request_ && status_) {
    const std::size_t part = std::min<std::size_t>(piece.size(), *metadata_size_ - metadata_.size());
    metadata_.append(piece.substr(0, part));
    piece.remove_prefix(part);
    if (metadata_.size() < *metadata_size_) return;
    begin();
  }
  if (status_ && writer_ && !piece.empty()) status_ = writer_->add(piece);
}

void R2Incoming::begin() {
  Result<R2Request> request = read_r2_request(metadata_);
  if (!request) {
    status_ = tl::unexpected<Error>(request.error());
    return;
  }
  request_ = *std::move(request);
  metadata_ = {};
  const std::optional<std::uint64_t> size = body_size_ && *body_size_ >= *metadata_size_
                                                ? std::optional(*body_size_ - *metadata_size_)
                                                : std::nullopt;
  Result<std::unique_ptr<store::R2Writer>> writer;
  if (request_->method == Method::put) {
    writer =
        objects_.put(space_, {request_->key, request_->about, request_->only_if, request_->digests, size});
  } else if (request_->method == Method::put_part) {
    writer = objects_.put_part(space_, {request_->key, request_->upload_id}, request_->part_number, size);
  }
  if (writer)
    writer_ = *std::move(writer);
  else
    status_ = tl::unexpected<Error>(writer.error());
}

Result<std::string> R2Incoming::end() {
  if (!status_) return tl::unexpected<Error>(status_.error());
  if (!request_) return fail(Errc::invalid, "Metadata missing or invalid", kR2Argument);
  const store::R2Upload upload{request_->key, request_->upload_id};
  switch (request_->method) {
    case Method::put: {
      const Result<model::R2Object> object = writer_->end();
      if (!object) return tl::unexpected<Error>(object.error());
      return json::serialize(r2_object_json(*object, true, true));
    }
    case Method::put_part: {
      const Result<model::R2Object> part = writer_->end();
      if (!part) return tl::unexpected<Error>(part.error());
      return json::serialize(json::object{{"etag", part->etag}});
    }
    case Method::remove: {
      const Status gone = objects_.remove(space_, request_->keys);
      return gone ? Result<std::string>(std::string()) : tl::unexpected<Error>(gone.error());
    }
    case Method::begin_upload: {
      const Result<std::string> id = objects_.begin_upload(space_, request_->key, request_->about);
      if (!id) return tl::unexpected<Error>(id.error());
      return json::serialize(json::object{{"uploadId", *id}});
    }
    case Method::complete: {
      const Result<model::R2Object> object = objects_.complete(space_, upload, std::move(request_->parts));
      if (!object) return tl::unexpected<Error>(object.error());
      return json::serialize(r2_object_json(*object, true, true));
    }
    case Method::abort: {
      const Status aborted = objects_.abort(space_, upload);
      return aborted ? Result<std::string>(std::string()) : tl::unexpected<Error>(aborted.error());
    }
    case Method::head:
    case Method::get:
    case Method::list:
      break;
  }
  return fail(Errc::invalid, "Metadata missing or invalid: this method only reads", kR2Argument);
}

http::Response R2Incoming::answer() {
  Result<std::string> text = end();
  writer_.reset();  // not when the connection's next request comes
  return text ? r2_answer(*std::move(text)) : r2_refusal(text.error());
}

}  // namespace kiln::serving
