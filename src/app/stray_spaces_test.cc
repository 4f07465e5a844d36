// Which of the things that bindings keep are taken away: real versions, names of spaces.
#include "app/stray_spaces.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "testing/memory_store.h"

namespace kiln::app {
namespace {

using ::testing::UnorderedElementsAre;

class StraySpaces : public ::testing::Test {
 protected:
  StraySpaces() {
    const model::Worker worker = store_.add_worker(store_.add_account().id);
    version_.id = store_.entropy.uuid();
    version_.worker_tag = worker.tag;
    store::NewVersion fresh;
    fresh.version = version_;
    EXPECT_TRUE(store_.versions.add_version(fresh));
  }

  std::vector<std::string> taken(Strays which) {
    std::vector<std::string> gone;
    const std::string alive = version_.id.str();
    const std::string ended = store_.entropy.uuid().str();
    const std::vector<std::string> all = {"known",     "known." + alive, "known." + ended,
                                          "known.odd", "made_or_gone",   "gone." + alive};
    const KeptSpaces kept{"kv", [&] { return Result<std::vector<std::string>>(all); },
                          [] { return Result<std::set<std::string>>({"known"}); },
                          [&](const std::string& space) {
                            gone.push_back(space == "known." + ended ? "known.ended" : space.substr(0, 12));
                            return Status();
                          }};
    EXPECT_TRUE(take_away_strays(kept, which, store_.versions));
    return gone;
  }

  testing::TestStore store_;
  model::Version version_;
};

TEST_F(StraySpaces, AtAStartAreAllThatNothingNames) {
  EXPECT_THAT(taken(Strays::all), UnorderedElementsAre("known.ended", "known.odd", "made_or_gone",
                                                       "gone." + version_.id.str().substr(0, 7)));
}

TEST_F(StraySpaces, WhileItServesAreCopiesAlone) {
  EXPECT_THAT(taken(Strays::copies),
              UnorderedElementsAre("known.ended", "known.odd", "gone." + version_.id.str().substr(0, 7)));
}

}  // namespace
}  // namespace kiln::app
