#include "base/fs.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>

#include "base/secret_box.h"
#include "testing/fake_entropy.h"
#include "testing/temp_dir.h"

namespace kiln {
namespace {

TEST(WriteFileDurably, ReplacesTheWholeFileWithTheModeAsked) {
  const testing::TempDir folder;
  const std::filesystem::path file = folder.path() / "f";
  ASSERT_TRUE(write_file_durably(file, "first, longer", 0644));
  ASSERT_TRUE(write_file_durably(file, "second", 0600));
  EXPECT_EQ(read_file(file, 100), "second");
  struct stat info {};
  ASSERT_EQ(stat(file.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777U, 0600U);
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder.path()), {}), 1)
      << "a temporary stayed behind";
}

TEST(ReadFile, TellsAbsentFromTooLarge) {
  const testing::TempDir folder;
  EXPECT_EQ(read_file(folder.path() / "none", 10).error().code, Errc::not_found);
  std::ofstream(folder.path() / "big") << "0123456789ab";
  EXPECT_EQ(read_file(folder.path() / "big", 10).error().code, Errc::too_large);
}

TEST(OpenUnnamedFile, IsAFileThatNoOneElseCanFind) {
  const testing::TempDir folder;
  const Result<Fd> file = open_unnamed_file(folder.path());
  ASSERT_TRUE(file);
  ASSERT_EQ(pwrite(file->get(), "text", 4, 0), 4);
  std::string read(4, '\0');
  ASSERT_EQ(pread(file->get(), read.data(), read.size(), 0), 4);
  EXPECT_EQ(read, "text");
  struct stat info {};
  ASSERT_EQ(fstat(file->get(), &info), 0);
  EXPECT_EQ(info.st_nlink, 0U);
  EXPECT_EQ(info.st_mode & 0777U, 0600U);
  EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
  EXPECT_EQ(open_unnamed_file(folder.path() / "absent").error().code, Errc::not_found);
}

TEST(OpenWithoutLinks, OpensWhatNoLinkLeadsTo) {
  const testing::TempDir temporary;
  const std::filesystem::path folder = std::filesystem::canonical(temporary.path());
  std::filesystem::create_directory(folder / "real");
  std::ofstream(folder / "real" / "file") << "x";
  std::filesystem::create_directory_symlink("real", folder / "link");
  std::filesystem::create_symlink("file", folder / "real" / "last");
  EXPECT_TRUE(open_without_links(folder / "real" / "file", O_RDONLY));
  const Fd from = open_without_links(folder, O_PATH | O_DIRECTORY);
  EXPECT_TRUE(open_without_links("real/file", O_RDONLY, from));
  for (const char* linked : {"link/file", "real/last"}) {
    EXPECT_FALSE(open_without_links(linked, O_RDONLY, from)) << linked;
    EXPECT_EQ(errno, ELOOP);
    EXPECT_FALSE(open_without_links(folder / linked, O_RDONLY)) << linked;
  }
}

TEST(RemoveTree, NeverFollowsASymlink) {
  const testing::TempDir folder;
  const std::filesystem::path outside = folder.path() / "outside";
  std::filesystem::create_directories(outside);
  std::ofstream(outside / "keep") << "x";
  const std::filesystem::path tree = folder.path() / "tree";
  std::filesystem::create_directories(tree / "sub");
  std::filesystem::create_directory_symlink(outside, tree / "link");
  std::filesystem::create_directory_symlink(outside, tree / "sub" / "link");
  ASSERT_TRUE(remove_tree(tree));
  EXPECT_FALSE(std::filesystem::exists(tree));
  EXPECT_TRUE(std::filesystem::exists(outside / "keep"));
}

TEST(RemoveTree, OpensFoldersThatHostileCodeClosed) {
  const testing::TempDir folder;
  const std::filesystem::path tree = folder.path() / "tree";
  std::filesystem::create_directories(tree / "closed" / "deeper");
  std::ofstream(tree / "closed" / "deeper" / "file") << "x";
  chmod((tree / "closed" / "deeper").c_str(), 0);
  chmod((tree / "closed").c_str(), 0);
  ASSERT_TRUE(remove_tree(tree));
  EXPECT_FALSE(std::filesystem::exists(tree));
}

TEST(RemoveTree, CopesWithAnyDepth) {
  const testing::TempDir folder;
  const std::filesystem::path tree = folder.path() / "tree";
  std::filesystem::create_directory(tree);
  int at = open(tree.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  for (int depth = 0; depth < 3'000; ++depth) {
    ASSERT_EQ(mkdirat(at, "d", 0700), 0);
    const int below = openat(at, "d", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    ASSERT_GE(below, 0);
    close(at);
    at = below;
  }
  close(at);
  std::ofstream(tree / ".kiln-removing-1") << "in the way";
  ASSERT_TRUE(remove_tree(tree));
  EXPECT_FALSE(std::filesystem::exists(tree));
}

TEST(RemoveTree, CallsAbsentDone) {
  EXPECT_TRUE(remove_tree("/nonexistent-kiln-test/none"));
}

TEST(Room, IsTriedAndNotAskedFor) {
  const testing::TempDir folder;
  EXPECT_TRUE(check_room(folder.path(), 4096));
  const Status room = check_room(folder.path(), std::size_t{1} << 50U);
  ASSERT_FALSE(room);
  // ext4 calls a file of that size too large before it looks for room.
  EXPECT_THAT(room.error().code, ::testing::AnyOf(Errc::disk_full, Errc::io));
  EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
}

TEST(ErrorNumber, OfAFullDiskOrQuotaHasACodeOfItsOwn) {
  EXPECT_EQ(errc_of(ENOSPC), Errc::disk_full);
  EXPECT_EQ(errc_of(EDQUOT), Errc::disk_full);
  EXPECT_EQ(errc_of(EIO), Errc::io);
}

TEST(RemoveFile, CallsAbsentDone) {
  const testing::TempDir folder;
  const std::filesystem::path file = folder.path() / "file";
  ASSERT_TRUE(write_file_durably(file, "x", 0600));
  EXPECT_TRUE(remove_file_durably(file));
  EXPECT_FALSE(std::filesystem::exists(file));
  EXPECT_TRUE(remove_file_durably(file));
}

TEST(SecretBoxKey, IsNeverMadeWhereOneWasKept) {
  const testing::TempDir folder;
  EXPECT_EQ(SecretBox::open(folder.path() / "key").error().code, Errc::not_found);
  EXPECT_FALSE(std::filesystem::exists(folder.path() / "key"));
  for (const std::size_t size : {std::size_t{0}, std::size_t{31}, std::size_t{33}, std::size_t{10'000}}) {
    ASSERT_TRUE(write_file_durably(folder.path() / "key", std::string(size, 'k'), 0600));
    EXPECT_EQ(SecretBox::open(folder.path() / "key").error().code, Errc::corrupt) << size;
  }
}

TEST(SecretBoxKey, IsMadeOnceAndOpensWhatItSealed) {
  const testing::TempDir folder;
  testing::FakeEntropy entropy;
  const Result<SecretBox> first = SecretBox::open_or_make(folder.path() / "key", entropy);
  ASSERT_TRUE(first);
  const std::string sealed = first->seal("hunter2", entropy);
  EXPECT_EQ(sealed.find("hunter2"), std::string::npos);
  const Result<SecretBox> again = SecretBox::open_or_make(folder.path() / "key", entropy);
  ASSERT_TRUE(again);
  EXPECT_EQ(again->unseal(sealed), "hunter2");
}

TEST(SecretBoxKey, NoticesAChangedByte) {
  testing::FakeEntropy entropy;
  const SecretBox box(std::string(32, 'k'));
  std::string sealed = box.seal("hunter2", entropy);
  sealed.back() = static_cast<char>(sealed.back() ^ 1);
  EXPECT_EQ(box.unseal(sealed).error().code, Errc::corrupt);
  EXPECT_EQ(box.unseal("short").error().code, Errc::corrupt);
}

}  // namespace
}  // namespace kiln
