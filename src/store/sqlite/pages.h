// Pages of things that are numbered from 1 within their owner, the newest first. Pure; any thread.
#pragma once

#include <cstddef>
#include <cstdint>

#include "store/page.h"

namespace kiln::store::sqlite {

// The number at which the page begins, when the newest has the number `last`; below 1 past the end.
[[nodiscard]] inline std::int64_t newest_of(const Page& page, std::size_t last) {
  return static_cast<std::int64_t>(last) - (std::int64_t{page.page} - 1) * page.per_page;
}

}  // namespace kiln::store::sqlite
