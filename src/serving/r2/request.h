// What an R2 binding asks for, out of the JSON that workerd sends. Pure; any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "model/r2_rules.h"
#include "store/r2_objects.h"

namespace kiln::serving {

struct R2Request {
  enum class Method : unsigned char { head, get, put, list, remove, begin_upload, put_part, complete, abort };
  Method method = Method::head;
  std::string key;                // of all but list and remove
  std::vector<std::string> keys;  // remove
  std::optional<model::R2Range> range;
  std::optional<model::R2Conditions> only_if;
  model::R2About about;
  model::DigestSet digests;
  store::R2Listing listing;
  bool lists_http = false;  // of each object
  bool lists_custom = false;
  std::string upload_id;
  int part_number = 0;
  std::vector<store::R2Part> parts;
};

// Keys and what is said of objects fit. Errors: those of model/r2_rules.h; Errc::invalid, field kR2Argument
// or kR2MaxKeys; Errc::not_offered.
[[nodiscard]] Result<R2Request> read_r2_request(std::string_view text);
inline constexpr const char* kR2Argument = "argument";
inline constexpr const char* kR2MaxKeys = "limit";

}  // namespace kiln::serving
