#include "serving/front/page_cookies.h"

#include <gtest/gtest.h>

namespace kiln::serving {
namespace {

TEST(PageCookies, AreTakenOutAndNothingElseIs) {
  EXPECT_EQ(without_page_cookies("kiln_session_8787=secret"), "");
  EXPECT_EQ(without_page_cookies("a=1; kiln_session_8787=secret; b=2"), "a=1; b=2");
  EXPECT_EQ(without_page_cookies("__Host-kiln_session_443=secret;a=1"), "a=1");
  EXPECT_EQ(without_page_cookies("a=1; kiln_sign_in_8787=ab; __Host-kiln_sign_in_443=cd"), "a=1");
  EXPECT_EQ(without_page_cookies("kiln_session_80=x;\tkiln_session_8787=y ;"), "");
  EXPECT_EQ(without_page_cookies("my_kiln_session_=1;  a=kiln_session_1"),
            "my_kiln_session_=1; a=kiln_session_1");
  EXPECT_EQ(without_page_cookies("a=1;b=2 ; "), "a=1;b=2 ; ")
      << "as it was sent where there is nothing to hide";
}

}  // namespace
}  // namespace kiln::serving
