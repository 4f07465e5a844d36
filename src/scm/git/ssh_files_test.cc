#include "scm/git/ssh_files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <algorithm>
#include <optional>

#include "base/fs.h"
#include "testing/temp_dir.h"

namespace kiln::scm {
namespace {

using ::testing::Contains;
using ::testing::IsEmpty;

// The value of that option; empty when there is none.
std::string value_of(const SshFiles& files, const std::string& name) {
  for (const std::string& option : files.options()) {
    if (option.starts_with("-o" + name + "=")) return option.substr(name.size() + 3);
  }
  return {};
}

unsigned mode_of(const std::filesystem::path& path) {
  struct stat info {};
  EXPECT_EQ(stat(path.c_str(), &info), 0) << path;
  return info.st_mode & 07777U;
}

TEST(SshFilesFor, NothingAreNone) {
  const testing::TempDir folder;
  const auto files = SshFiles::write({}, folder.path());
  ASSERT_TRUE(files);
  EXPECT_THAT(files->options(), IsEmpty());
}

TEST(SshFilesFor, KeysAreTheOwnersAloneAndGoneWithTheCall) {
  const testing::TempDir folder;
  std::filesystem::path key;
  {
    const auto files = SshFiles::write({{"new\n", "old\n"}, ""}, folder.path());
    ASSERT_TRUE(files) << files.error().message;
    key = value_of(*files, "IdentityFile");
    EXPECT_EQ(read_file(key, 100).value(), "new\n") << "the first is tried first";
    EXPECT_EQ(mode_of(key), 0600U);
    EXPECT_EQ(mode_of(key.parent_path()), 0700U);
    EXPECT_THAT(files->options(), Contains("-oIdentitiesOnly=yes"));
    EXPECT_EQ(value_of(*files, "UserKnownHostsFile"), "") << "the host is known as ssh here knows it";
    for (const std::string& option : files->options()) EXPECT_EQ(option.find("new"), std::string::npos);
  }
  EXPECT_FALSE(std::filesystem::exists(key.parent_path()));
}

TEST(SshFilesFor, PinnedHostsKnowNoOtherKey) {
  const testing::TempDir folder;
  const auto files = SshFiles::write({{}, "ssh-ed25519 AAAA\nssh-rsa BBBB\n"}, folder.path());
  ASSERT_TRUE(files);
  EXPECT_EQ(read_file(value_of(*files, "UserKnownHostsFile"), 200).value(),
            "kiln-repository-host ssh-ed25519 AAAA\nkiln-repository-host ssh-rsa BBBB\n");
  EXPECT_EQ(value_of(*files, "StrictHostKeyChecking"), "yes");
  EXPECT_EQ(value_of(*files, "GlobalKnownHostsFile"), "/dev/null");
  EXPECT_EQ(value_of(*files, "IdentityFile"), "") << "with the keys that ssh here has";
}

}  // namespace
}  // namespace kiln::scm
