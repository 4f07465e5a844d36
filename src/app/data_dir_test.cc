// What a start finds in its data directory, and what it refuses.
#include "app/data_dir.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "testing/temp_dir.h"

namespace kiln::app {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

class DataDirectory : public ::testing::Test {
 protected:
  // A directory that a server has run on.
  void SetUp() override {
    Result<DataDir> data = DataDir::open(path());
    ASSERT_TRUE(data);
    ASSERT_TRUE(data->is_new());
    put("kiln.db", "database");
    put("secrets.key", "key");
    ASSERT_TRUE(data->made());
  }
  [[nodiscard]] std::filesystem::path path() const { return folder_.path() / "data"; }
  void put(const std::string& name, const std::string& bytes) const {
    ASSERT_TRUE(write_file_durably(path() / name, bytes, 0600));
  }
  void take(const std::string& name) const { std::filesystem::remove(path() / name); }
  void expect_refused(const std::string& why) const {
    const Result<DataDir> data = DataDir::open(path());
    ASSERT_FALSE(data);
    EXPECT_EQ(data.error().code, Errc::corrupt);
    EXPECT_THAT(data.error().message, AllOf(HasSubstr(why), HasSubstr("of one and the same backup"),
                                            HasSubstr("kiln.db-wal"), HasSubstr(path().string())));
  }

  testing::TempDir folder_;
};

TEST_F(DataDirectory, IsKeptWhenBothFilesAreThere) {
  const Result<DataDir> data = DataDir::open(path());
  ASSERT_TRUE(data) << data.error().message;
  EXPECT_FALSE(data->is_new());
}

TEST_F(DataDirectory, ItsKeyIsClosedToOthersAtEachStart) {
  using std::filesystem::perms;
  const std::filesystem::path key = path() / "secrets.key";
  const perms owners = perms::owner_read | perms::owner_write;
  for (const perms wider : {perms(0644), perms(0640), perms(0666), perms(0700)}) {
    std::filesystem::permissions(key, wider);
    ASSERT_TRUE(DataDir::open(path()));
    EXPECT_EQ(std::filesystem::status(key).permissions(), owners);
  }
}

TEST_F(DataDirectory, WithoutItsDatabaseIsRefused) {
  take("kiln.db");
  expect_refused("kiln.db is missing");
}

TEST_F(DataDirectory, WithAnEmptyDatabaseIsRefused) {
  put("kiln.db", "");
  expect_refused("kiln.db is empty");
}

TEST_F(DataDirectory, WithoutItsKeyIsRefused) {
  take("secrets.key");
  expect_refused("secrets.key is missing");
}

TEST_F(DataDirectory, WithAnEmptyKeyIsRefused) {
  put("secrets.key", "");
  expect_refused("secrets.key is empty");
}

TEST_F(DataDirectory, WithoutEitherIsRefusedWhenUploadsStandThere) {
  take("kiln.db");
  take("secrets.key");
  std::filesystem::create_directories(path() / "blobs" / "ab");
  expect_refused("kiln.db is missing");
}

TEST_F(DataDirectory, WithoutEitherIsRefusedWhenAWriteAheadLogStandsThere) {
  take("kiln.db");
  take("secrets.key");
  put("kiln.db-wal", "frames");
  expect_refused("kiln.db is missing");
}

TEST_F(DataDirectory, WithAFolderInPlaceOfTheDatabaseIsRefused) {
  take("kiln.db");
  std::filesystem::create_directory(path() / "kiln.db");
  expect_refused("kiln.db is not a file");
}

TEST_F(DataDirectory, IsRefusedBesideARunningServer) {
  const Result<DataDir> first = DataDir::open(path());
  ASSERT_TRUE(first);
  EXPECT_EQ(DataDir::open(path()).error().code, Errc::conflict);
}

// Killed between the key and the database, or while SQLite made its file.
TEST(NewDataDirectory, IsStillNewAfterAFirstStartThatWasKilled) {
  const testing::TempDir folder;
  for (const char* made : {"", "secrets.key", "kiln.db"}) {
    if (*made != '\0') {
      ASSERT_TRUE(write_file_durably(folder.path() / made, "", 0600));
    }
    const Result<DataDir> data = DataDir::open(folder.path());
    ASSERT_TRUE(data) << data.error().message;
    EXPECT_TRUE(data->is_new()) << made;
  }
}

}  // namespace
}  // namespace kiln::app
