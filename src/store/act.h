// The act on whose behalf a thread writes. The API begins one for each request that may change something;
// every transaction that the thread commits meanwhile leaves a row of it in the audit, in the same
// transaction, whatever store it goes through. What no act stands behind (the runner's word, timers) leaves
// none.
//
// One act belongs to one thread. A store's write may be run by another thread's commit; it takes the act from
// the thread that asked.
#pragma once

#include <string>

#include "model/audit.h"

namespace kiln::store {

struct Act {
  std::string account_id;  // empty: the installation's own
  model::Actor who;
  std::string address;
  std::string action;
  std::string target;
  std::string request_id;
  int rows = 0;  // of the audit that tell of it and are committed
};

// While it stands, the thread acts on behalf of `act`, which outlives it. The inner of two counts.
class Acting {
 public:
  explicit Acting(Act& act);
  ~Acting();
  Acting(const Acting&) = delete;
  Acting& operator=(const Acting&) = delete;

  // The calling thread's; null: none.
  [[nodiscard]] static Act* now();

 private:
  Act* outer_;
};

}  // namespace kiln::store
