// KV namespaces of an account, and what fits into them: the limits of the hosted platform. Values: any
// thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "base/clock.h"

namespace kiln::model {

inline constexpr std::size_t kLongestKvKey = 512;                       // bytes of UTF-8
inline constexpr std::size_t kLargestKvValue = std::size_t{25} << 20U;  // bytes
inline constexpr std::size_t kLargestKvMetadata = 1024;                 // bytes of JSON
inline constexpr std::size_t kLongestKvTitle = 512;
inline constexpr std::int64_t kShortestKvLifeS = 60;
inline constexpr int kMostKvListed = 1000;      // keys of one page
inline constexpr int kMostKvRead = 100;         // keys read at once
inline constexpr int kMostKvWritten = 10'000;   // keys written or deleted at once
inline constexpr int kMostKvNamespaces = 1000;  // of an account

struct KvNamespace {
  std::string id;  // 32 hex digits
  std::string account_id;
  std::string title;
  TimeMs created_on = 0;
};

}  // namespace kiln::model
