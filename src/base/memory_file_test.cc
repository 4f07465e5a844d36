#include "base/memory_file.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <string>

#include "base/child.h"

namespace kiln {
namespace {

TEST(MemoryFile, StandsAtItsStartAboveWhatAChildSetsUpAndIsClosedOnExec) {
  const std::string bytes(100'000, 'x');
  const Result<Fd> file = memory_file(bytes);
  ASSERT_TRUE(file) << file.error().message;
  EXPECT_GE(file->get(), kFirstInherited);
  EXPECT_TRUE(fcntl(file->get(), F_GETFD) & FD_CLOEXEC);
  std::string read_back(bytes.size() + 1, '\0');
  EXPECT_EQ(read(file->get(), read_back.data(), read_back.size()), static_cast<ssize_t>(bytes.size()));
  read_back.resize(bytes.size());
  EXPECT_EQ(read_back, bytes);
}

}  // namespace
}  // namespace kiln
