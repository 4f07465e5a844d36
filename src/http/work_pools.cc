#include "http/work_pools.h"

namespace kiln::http {

WorkPools::WorkPools(const WorkRooms& rooms) {
  for (std::size_t i = 0; i < kWorks; ++i) {
    if (rooms[i].threads > 0) pools_[i] = std::make_unique<Pool>(rooms[i]);
  }
}

WorkPools::~WorkPools() {
  for (const std::unique_ptr<Pool>& pool : pools_) {
    if (pool) pool->threads.join();
  }
}

bool WorkPools::reserve(Work work) {
  Pool& pool = of(work);
  if (pool.held.fetch_add(1) < pool.most) return true;
  --pool.held;
  return false;
}

const char* words_for(Work work) {
  switch (work) {
    case Work::quick:
    case Work::usual:
      break;
    case Work::read:
      return "requests that read";
    case Work::store:
      return "requests that change something";
    case Work::runner:
      return "calls of the runner";
    case Work::hook:
      return "reports of pushes";
    case Work::git:
      return "requests that wait for git";
    case Work::upload:
      return "uploads";
    case Work::sql:
      return "statements for D1 databases";
  }
  return "requests";
}

}  // namespace kiln::http
