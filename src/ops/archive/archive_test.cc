// Backups written and read again, and what is refused of those that nobody wrote.
#include <archive.h>
#include <archive_entry.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "base/fs.h"
#include "base/hash.h"
#include "base/hex.h"
#include "ops/archive/reader.h"
#include "ops/archive/writer.h"
#include "testing/temp_dir.h"

namespace kiln::ops {
namespace {

using ::testing::HasSubstr;

class Taken final : public BackupSink {
 public:
  Status begin(const BackupEntry& entry) override {
    name_ = entry.name;
    entries[name_].clear();
    return {};
  }
  Status piece(std::string_view bytes) override {
    entries[name_].append(bytes);
    return {};
  }
  std::map<std::string, std::string> entries;

 private:
  std::string name_;
};

BackupSource source_of(const std::string& bytes, std::size_t& at) {
  return [&bytes, &at]() -> Result<std::string_view> {
    const std::string_view piece = std::string_view(bytes).substr(at, 1000);
    at += piece.size();
    return piece;
  };
}

Result<BackupContents> read_bytes(const std::string& bytes, BackupSink& sink) {
  std::size_t at = 0;
  return read_backup(source_of(bytes, at), sink);
}

BackupFacts facts(bool with_key = true) {
  BackupFacts out;
  out.kiln = "1.2.3";
  out.made_on = 1'700'000'000'000;
  out.schema = 34;
  out.with_key = with_key;
  out.bytes = 1'000'000;
  out.entries = 10;
  return out;
}

std::string blob_of(const std::string& bytes) {
  return blob_entry(sha256_hex(bytes));
}

std::string whole_backup() {
  std::string out;
  auto writer = BackupWriter::begin(facts(), [&out](std::string_view piece) {
    out.append(piece);
    return true;
  });
  EXPECT_TRUE(writer);
  EXPECT_TRUE((*writer)->add(kDatabaseEntry, "database"));
  EXPECT_TRUE((*writer)->add(kKeyEntry, std::string(32, 'k')));
  EXPECT_TRUE((*writer)->add(blob_of("one"), "one"));
  EXPECT_TRUE((*writer)->add(blob_of("two"), std::string("two")));
  (*writer)->note_missing(blob_of("three"), "is damaged");
  EXPECT_TRUE((*writer)->end());
  return out;
}

TEST(Backups, AreReadAsTheyWereWritten) {
  Taken taken;
  const auto contents = read_bytes(whole_backup(), taken);
  ASSERT_TRUE(contents) << contents.error().message;
  EXPECT_EQ(contents->facts.kiln, "1.2.3");
  EXPECT_EQ(contents->facts.made_on, 1'700'000'000'000);
  EXPECT_EQ(contents->facts.schema, 34);
  EXPECT_EQ(contents->blobs, 2U);
  EXPECT_EQ(contents->missing, std::vector<std::string>{blob_of("three") + "  is damaged"});
  EXPECT_EQ(taken.entries.at("kiln.db"), "database");
  EXPECT_EQ(taken.entries.at("secrets.key"), std::string(32, 'k'));
  EXPECT_EQ(taken.entries.at(blob_of("one")), "one");
  EXPECT_EQ(taken.entries.size(), 4U);
}

TEST(Backups, OfLargeFilesAreReadAsTheyWereWritten) {
  const testing::TempDir folder;
  std::string bytes;
  for (int i = 0; i < 300'000; ++i) bytes += std::to_string(std::int64_t{i} * 7919);
  ASSERT_TRUE(write_file_durably(folder.path() / "db", bytes, 0600));
  BackupFacts about = facts(false);
  about.bytes = bytes.size();
  std::string out;
  auto writer = BackupWriter::begin(about, [&out](std::string_view piece) {
    out.append(piece);
    return true;
  });
  ASSERT_TRUE(writer);
  ASSERT_TRUE((*writer)->add_file(kDatabaseEntry, folder.path() / "db", bytes.size()));
  ASSERT_TRUE((*writer)->end());
  EXPECT_LT(out.size(), bytes.size()) << "it is compressed";
  Taken taken;
  ASSERT_TRUE(read_bytes(out, taken));
  EXPECT_EQ(taken.entries.at("kiln.db"), bytes);
  EXPECT_EQ((*writer)->add_file(kDatabaseEntry, folder.path() / "no", 1).error().code, Errc::io);
}

TEST(Backups, EndWhenNobodyTakesThem) {
  const auto writer = BackupWriter::begin(facts(), [](std::string_view) { return false; });
  // What is little stays in the compressor until the end.
  if (writer) {
    EXPECT_TRUE((*writer)->add(kDatabaseEntry, "x"));
    EXPECT_EQ((*writer)->end().error().code, Errc::timeout);
  }
}

TEST(Backups, CutShortAnywhereAreNone) {
  const std::string whole = whole_backup();
  for (std::size_t size = 0; size < whole.size(); size += 7) {
    Taken taken;
    const auto contents = read_bytes(whole.substr(0, size), taken);
    ASSERT_FALSE(contents) << size;
    EXPECT_EQ(contents.error().code, Errc::corrupt) << size;
  }
}

TEST(Backups, WithAnyByteChangedAreNone) {
  const std::string whole = whole_backup();
  for (std::size_t at = 0; at < whole.size(); at += 3) {
    std::string changed = whole;
    changed[at] = static_cast<char>(changed[at] ^ 0x20);
    Taken taken;
    const auto contents = read_bytes(changed, taken);
    if (!contents) continue;
    // A byte that says nothing: what was taken is what there was.
    EXPECT_EQ(taken.entries.at("kiln.db"), "database") << at;
    EXPECT_EQ(taken.entries.at(blob_of("one")), "one") << at;
  }
}

// A tar archive that somebody else made.
struct Made {
  std::string name;
  std::string bytes;
  unsigned kind = AE_IFREG;
  std::string link = {};
};

std::string tar_of(const std::vector<Made>& entries) {
  std::string out;
  archive* writer = archive_write_new();
  archive_write_set_format_pax_restricted(writer);
  archive_write_set_bytes_in_last_block(writer, 1);
  archive_write_open(
      writer, &out, nullptr,
      [](archive*, void* into, const void* bytes, std::size_t size) -> la_ssize_t {
        static_cast<std::string*>(into)->append(static_cast<const char*>(bytes), size);
        return static_cast<la_ssize_t>(size);
      },
      nullptr);
  for (const Made& one : entries) {
    archive_entry* entry = archive_entry_new();
    archive_entry_set_pathname(entry, one.name.c_str());
    archive_entry_set_filetype(entry, one.kind);
    archive_entry_set_perm(entry, 0644);
    if (!one.link.empty() && one.kind == AE_IFLNK) archive_entry_set_symlink(entry, one.link.c_str());
    if (!one.link.empty() && one.kind == AE_IFREG) archive_entry_set_hardlink(entry, one.link.c_str());
    archive_entry_set_size(entry, static_cast<la_int64_t>(one.bytes.size()));
    archive_write_header(writer, entry);
    archive_write_data(writer, one.bytes.data(), one.bytes.size());
    archive_entry_free(entry);
  }
  archive_write_close(writer);
  archive_write_free(writer);
  return out;
}

std::string sums_of(const std::vector<Made>& entries) {
  std::string out;
  for (const Made& one : entries) out += sha256_hex(one.bytes) + "  " + one.name + "\n";
  return out;
}

std::vector<Made> good_entries() {
  return {{"kiln-backup.json", facts_json(facts(false))}, {"kiln.db", "database"}, {blob_of("one"), "one"}};
}

Result<BackupContents> read_entries(std::vector<Made> entries, bool with_sums = true) {
  if (with_sums) entries.push_back({"SHA256SUMS", sums_of(entries)});
  Taken taken;
  return read_bytes(tar_of(entries), taken);
}

void expect_refused(const Result<BackupContents>& contents, const std::string& why) {
  ASSERT_FALSE(contents) << why;
  EXPECT_EQ(contents.error().code, Errc::corrupt);
  EXPECT_THAT(contents.error().message, HasSubstr(why));
}

TEST(StrangeBackups, AreTakenWhenTheyAreRight) {
  EXPECT_TRUE(read_entries(good_entries()));
}

TEST(StrangeBackups, MayHoldNoOtherNames) {
  for (const std::string name : {"../kiln.db", "/etc/passwd", "./kiln.db", "blobs/../../x", "kiln.db/",
                                 "blobs/ab", "blobs/aa/zz", "server.json", "runner/x", "kiln.db-wal", ""}) {
    std::vector<Made> entries = good_entries();
    entries.push_back({name, "x"});
    EXPECT_FALSE(read_entries(entries)) << name;
  }
  std::vector<Made> entries = good_entries();
  entries.push_back({"../../etc/cron.d/x", "x"});
  expect_refused(read_entries(entries), "which no backup has");
}

TEST(StrangeBackups, MayHoldNoLinksAndNoDevices) {
  for (const unsigned kind :
       {unsigned{AE_IFLNK}, unsigned{AE_IFIFO}, unsigned{AE_IFCHR}, unsigned{AE_IFDIR}}) {
    std::vector<Made> entries = good_entries();
    entries[1] = {"kiln.db", "", kind, "/etc/shadow"};
    EXPECT_FALSE(read_entries(entries)) << kind;
  }
  std::vector<Made> entries = good_entries();
  entries[2] = {blob_of("one"), "", AE_IFREG, "kiln.db"};
  expect_refused(read_entries(entries), "no plain file");
}

TEST(StrangeBackups, MayHoldNothingTwiceOrOutOfPlace) {
  const std::vector<Made> good = good_entries();
  expect_refused(read_entries({good[0], good[1], good[1]}), "stands twice");
  expect_refused(read_entries({good[0], good[1], good[2], good[2]}), "stands twice");
  expect_refused(read_entries({good[1], good[0]}), "does not begin with its facts");
  expect_refused(read_entries({good[0], good[2]}), "no database");
  expect_refused(read_entries({good[0]}), "no database");
  expect_refused(read_entries({good[0], good[1], {"secrets.key", std::string(32, 'k')}}), "its key");
  expect_refused(read_entries({good[0], good[1], {"MISSING", "/etc/passwd  x\n"}}), "no backup has");
  expect_refused(read_entries(good, false), "cut short");
}

TEST(StrangeBackups, MayHoldNoMoreThanTheyAnnounce) {
  BackupFacts little = facts(false);
  little.bytes = 9;
  std::vector<Made> entries = good_entries();
  entries[0].bytes = facts_json(little);
  expect_refused(read_entries(entries), "more than it announces");
  little.bytes = 100;
  little.entries = 1;
  entries[0].bytes = facts_json(little);
  expect_refused(read_entries(entries), "more than it announces");
}

TEST(StrangeBackups, MustHaveTheSumsOfAllThatTheyHold) {
  std::vector<Made> entries = good_entries();
  const std::string sums = sums_of(entries);
  const auto with = [&](const std::string& text) {
    std::vector<Made> all = entries;
    all.push_back({"SHA256SUMS", text});
    return read_entries(all, false);
  };
  EXPECT_TRUE(with(sums));
  const std::size_t line = sums.find('\n') + 1;
  expect_refused(with(sums.substr(line)), "list of sums");
  expect_refused(with(sums.substr(0, line) + sums.substr(0, line) + sums.substr(line)), "sum that it should");
  expect_refused(with(sums + sha256_hex("x") + "  " + blob_of("x") + "\n"), "of nothing");
  expect_refused(with(""), "list of sums");
  std::string wrong = sums;
  wrong[line] = wrong[line] == '0' ? '1' : '0';
  expect_refused(with(wrong), "sum that it should");
  entries[2].bytes = "another";
  expect_refused(read_entries(entries), "is damaged");
}

TEST(StrangeBackups, OfAFormThatIsNotKnownNeedANewerKiln) {
  std::vector<Made> entries = good_entries();
  std::string& text = entries[0].bytes;
  text.replace(text.find("\"form\":1"), 8, "\"form\":2");
  const auto contents = read_entries(entries);
  ASSERT_FALSE(contents);
  EXPECT_EQ(contents.error().code, Errc::conflict);
  EXPECT_THAT(contents.error().message, HasSubstr("1.2.3"));
}

}  // namespace
}  // namespace kiln::ops
