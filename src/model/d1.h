// D1 databases of an account, and what fits into them. Values: any thread.
#pragma once

#include <cstddef>
#include <string>

#include "base/clock.h"
#include "base/ids.h"

namespace kiln::model {

inline constexpr std::size_t kLongestD1Name = 255;
inline constexpr int kMostD1Databases = 1000;                             // of an account
inline constexpr std::size_t kLargestD1Import = std::size_t{100} << 20U;  // bytes of one file

struct D1Database {
  Uuid id;
  std::string account_id;
  std::string name;
  TimeMs created_on = 0;
};

}  // namespace kiln::model
