#include "store/r2/digests.h"

#include <gtest/gtest.h>

#include "base/hash.h"
#include "base/hex.h"

namespace kiln::store::r2 {
namespace {

TEST(Digests, AreThoseOfAllPiecesTogether) {
  Digests digests;
  digests.want(DigestKind::md5);
  digests.want(DigestKind::sha1);
  digests.want(DigestKind::sha256);
  digests.add("ab");
  digests.add("");
  digests.add("c");
  const DigestSet all = digests.end();
  EXPECT_EQ(to_hex(all[0]), "900150983cd24fb0d6963f7d28e17f72");
  EXPECT_EQ(all[1], sha1("abc"));
  EXPECT_EQ(all[2], sha256("abc"));
  EXPECT_TRUE(all[3].empty()) << "nobody wants it";
}

}  // namespace
}  // namespace kiln::store::r2
