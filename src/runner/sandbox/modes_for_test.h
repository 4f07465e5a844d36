// The identities that sandboxes are tried with by the user who runs the tests. For tests alone.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <string>
#include <vector>

#include "runner/sandbox/sandbox.h"

namespace kiln::runner {

inline std::vector<IdentityMode> modes() {
  if (geteuid() == 0) return {IdentityMode::pool_uid, IdentityMode::pool_uid_without_userns};
  return {IdentityMode::own_uid};
}

inline std::string mode_name(const ::testing::TestParamInfo<IdentityMode>& info) {
  if (info.param == IdentityMode::own_uid) return "OwnUid";
  return info.param == IdentityMode::pool_uid ? "PoolUid" : "PoolUidWithoutUserns";
}

}  // namespace kiln::runner
