// What every store must do, told through its ports alone: each test of this folder runs against every engine
// that factories() names. A second engine is one more line there. For tests; each has a store of its own.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "testing/sqlite_store.h"
#include "testing/store_ground.h"

namespace kiln::store::contract {

[[nodiscard]] inline std::vector<testing::StoreFactory> factories() {
  return {testing::sqlite_factory()};
}

class Contract : public ::testing::TestWithParam<testing::StoreFactory> {
 protected:
  testing::StoreGround t{GetParam()};
};

[[nodiscard]] inline std::string engine_of(const ::testing::TestParamInfo<testing::StoreFactory>& info) {
  return info.param.engine;
}

}  // namespace kiln::store::contract

// Runs the tests of `Suite`, a Contract, against every engine.
#define KILN_CONTRACT(Suite) INSTANTIATE_TEST_SUITE_P(On, Suite, ::testing::ValuesIn(factories()), engine_of)
