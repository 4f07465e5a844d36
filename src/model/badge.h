// The badge of a Worker: an address of its own, whose picture says how its latest build ended. Values: any
// thread.
#pragma once

#include <string>

#include "base/clock.h"
#include "base/ids.h"

namespace kiln::model {

struct Badge {
  Uuid uuid;  // who knows it sees the picture. Random, so that nobody guesses it
  std::string account_id;
  std::string worker_tag;
  std::string branch;  // whose builds count; empty: of every branch
  TimeMs created_on = 0;
};

}  // namespace kiln::model
