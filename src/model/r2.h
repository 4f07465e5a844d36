// R2 buckets of an account, the objects in them, and what fits: the limits of the hosted platform. Values:
// any thread.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"

namespace kiln::model {

inline constexpr std::size_t kLongestR2Key = 1024;       // bytes of UTF-8
inline constexpr std::size_t kLargestR2Metadata = 8192;  // bytes of an object's own names and values
inline constexpr std::size_t kLargestR2Object = (std::size_t{5} << 30U) - (std::size_t{5} << 20U);
inline constexpr std::size_t kSmallestR2Part = std::size_t{5} << 20U;  // but for the last one
inline constexpr int kMostR2Parts = 10'000;                            // of an upload
inline constexpr int kMostR2Listed = 1000;                             // entries of one page
inline constexpr int kMostR2Deleted = 1000;                            // keys at once
inline constexpr int kMostR2Buckets = 1000;                            // of an account
inline constexpr TimeMs kR2UploadLifeMs = TimeMs{7} * 24 * 3'600'000;  // of one that is not completed
inline constexpr std::string_view kR2Standard = "Standard";
inline constexpr std::string_view kR2InfrequentAccess = "InfrequentAccess";

enum class DigestKind : unsigned char { md5, sha1, sha256, sha384, sha512 };
inline constexpr std::size_t kDigestKinds = 5;
inline constexpr std::array<const char*, kDigestKinds> kDigestNames = {"md5", "sha1", "sha256", "sha384",
                                                                       "sha512"};
inline constexpr std::array<std::size_t, kDigestKinds> kDigestSizes = {16, 20, 32, 48, 64};  // bytes
// Raw bytes by kind; empty: none.
using DigestSet = std::array<std::string, kDigestKinds>;

struct R2Bucket {
  std::string id;  // r2_bucket_id()
  std::string account_id;
  std::string name;
  std::string storage_class{kR2Standard};  // of objects that name none
  TimeMs created_on = 0;
};

// 32 hex digits that say which bucket it is: a binding names a bucket, and means whatever has that name in
// its account. Where a bucket keeps its objects is called after it.
[[nodiscard]] std::string r2_bucket_id(std::string_view account_id, std::string_view name);

// 3 to 63 lower-case letters, digits and hyphens, a letter or digit first and last.
[[nodiscard]] bool is_r2_bucket_name(std::string_view name);

[[nodiscard]] inline bool is_r2_storage_class(std::string_view name) {
  return name == kR2Standard || name == kR2InfrequentAccess;
}

// What goes out as headers beside an object; empty: not said.
struct R2HttpFields {
  std::string content_type;
  std::string content_language;
  std::string content_disposition;
  std::string content_encoding;
  std::string cache_control;
  std::optional<TimeMs> cache_expiry{};

  bool operator==(const R2HttpFields&) const = default;
};

// Its texts, by what bindings and the API call them.
inline constexpr std::array kR2HttpTexts = {
    std::pair{"contentType", &R2HttpFields::content_type},
    std::pair{"contentLanguage", &R2HttpFields::content_language},
    std::pair{"contentDisposition", &R2HttpFields::content_disposition},
    std::pair{"contentEncoding", &R2HttpFields::content_encoding},
    std::pair{"cacheControl", &R2HttpFields::cache_control}};

using R2CustomFields = std::vector<std::pair<std::string, std::string>>;

// What whoever puts an object says of it.
struct R2About {
  R2HttpFields http{};
  R2CustomFields custom{};
  std::string storage_class{kR2Standard};
};

struct R2Object {
  std::string key;
  std::string version;  // 32 hex digits, another one at each put
  std::int64_t size = 0;
  std::string etag;
  TimeMs uploaded = 0;
  R2About about{};
  DigestSet checksums{};  // that are known
};

}  // namespace kiln::model
