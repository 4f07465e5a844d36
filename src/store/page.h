// What part of a long list is asked for, and what comes back of it. Values; any thread.
#pragma once

#include <cstddef>
#include <vector>

namespace kiln::store {

struct Page {
  int page = 1;  // from 1
  int per_page = 50;
};

template <typename T>
struct Paged {
  std::vector<T> items;
  std::size_t total = 0;
};

}  // namespace kiln::store
