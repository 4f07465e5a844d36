// A PUT of an R2 binding as it comes: what is asked for, then a value, which goes on to the disk. Belongs to
// its request.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "http/message.h"
#include "serving/r2/request.h"
#include "store/r2_objects.h"

namespace kiln::serving {

class R2Incoming final : public http::BodySink {
 public:
  // `metadata_size`: bytes of what is asked for; none where the request does not say so.
  R2Incoming(store::R2Objects& objects, std::string space, std::optional<std::uint64_t> metadata_size,
             std::optional<std::uint64_t> body_size)
      : objects_(objects), space_(std::move(space)), metadata_size_(metadata_size), body_size_(body_size) {}

  void take(std::string_view piece) override;
  [[nodiscard]] http::Response answer();

 private:
  void begin();
  [[nodiscard]] Result<std::string> end();

  store::R2Objects& objects_;
  std::string space_;
  std::optional<std::uint64_t> metadata_size_;
  std::optional<std::uint64_t> body_size_;
  std::string metadata_;
  std::optional<R2Request> request_;
  std::unique_ptr<store::R2Writer> writer_;
  Status status_;
};

}  // namespace kiln::serving
