#include "store/r2/files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <thread>

#include "base/fs.h"
#include "base/hash.h"
#include "base/hex.h"
#include "testing/fake_clock.h"
#include "testing/fake_entropy.h"
#include "testing/temp_dir.h"

namespace kiln::store::r2 {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::UnorderedElementsAre;

struct R2Files : ::testing::Test {
  testing::TempDir folder;
  testing::FakeClock clock;
  testing::FakeEntropy entropy;
  FileLimits limits{.open = 2, .smallest_part = 4, .largest_object = 1000};
  std::unique_ptr<Files> files = make();

  R2Files() { EXPECT_TRUE(files->make("aa")); }

  std::unique_ptr<Files> make() { return std::make_unique<Files>(folder.path(), clock, entropy, limits); }
  // As after a crash: nothing was closed in order, and what was under way is not.
  void start_again() {
    files.reset();
    files = make();
  }
  static Result<model::R2Object> write(Result<std::unique_ptr<R2Writer>> writer, const std::string& bytes) {
    if (!writer) return tl::unexpected<Error>(writer.error());
    for (std::size_t i = 0; i < bytes.size(); i += 3) {
      if (const Status added = (*writer)->add(std::string_view(bytes).substr(i, 3)); !added)
        return tl::unexpected<Error>(added.error());
    }
    return (*writer)->end();
  }
  Result<model::R2Object> put(R2Put what, const std::string& bytes) {
    return write(files->put("aa", std::move(what)), bytes);
  }
  Result<model::R2Object> put(const std::string& key, const std::string& bytes) {
    R2Put what;
    what.key = key;
    return put(std::move(what), bytes);
  }
  static std::string bytes_of(R2Reader& reader) {
    std::string out;
    while (true) {
      const Result<std::string> piece = reader.read(out.size(), 5);
      EXPECT_TRUE(piece) << piece.error().message;
      if (!piece || piece->empty()) return out;
      out += *piece;
    }
  }
  std::optional<std::string> get(const std::string& key, const std::string& space = "aa") {
    auto reader = files->open(space, key);
    EXPECT_TRUE(reader) << reader.error().message;
    if (!reader || !*reader) return std::nullopt;
    return bytes_of(**reader);
  }
  std::vector<std::string> names_in(const char* below, const std::string& space = "aa") {
    std::vector<std::string> out;
    for (const fs::directory_entry& entry : fs::directory_iterator(folder.path() / space / below))
      out.push_back(entry.path().filename());
    return out;
  }
  std::vector<std::string> entries(const R2Listing& listing) {
    const Result<R2Page> page = files->list("aa", listing);
    EXPECT_TRUE(page) << page.error().message;
    std::vector<std::string> out;
    if (!page) return out;
    for (const R2Entry& entry : page->entries) {
      const auto* object = std::get_if<model::R2Object>(&entry.what);
      out.push_back(object != nullptr ? object->key : std::get<std::string>(entry.what) + '*');
    }
    if (!page->complete) out.emplace_back("…");
    return out;
  }
};

TEST_F(R2Files, KeepTheObjectsOfABucketWhoseIndexIsLost) {
  ASSERT_TRUE(put("whole", "one two three"));
  const fs::path bucket = folder.path() / "aa";
  for (const bool emptied : {false, true}) {
    files.reset();
    for (const char* part : {"index.db", "index.db-wal", "index.db-shm"}) fs::remove(bucket / part);
    if (emptied) std::ofstream(bucket / "index.db").flush();
    files = make();
    EXPECT_EQ(files->head("aa", "whole").error().code, Errc::corrupt);
    EXPECT_EQ(files->put("aa", R2Put{}).error().code, Errc::corrupt);
    EXPECT_FALSE(fs::is_empty(bucket / "blobs"));
  }
}

TEST_F(R2Files, TakeNothingAwayWhereTheyOnlyLook) {
  ASSERT_TRUE(put("whole", "one two three"));
  files.reset();
  const fs::path bucket = folder.path() / "aa";
  for (const fs::path& stray : {bucket / "blobs" / "stray", bucket / "incoming" / "half"})
    std::ofstream(stray) << "x";
  limits.sweeps = false;
  files = make();
  EXPECT_TRUE(files->verify("aa", "whole", [] { return true; }));
  EXPECT_TRUE(fs::exists(bucket / "blobs" / "stray") && fs::exists(bucket / "incoming" / "half"));
  limits.sweeps = true;
  start_again();
  ASSERT_TRUE(files->head("aa", "whole"));
  EXPECT_FALSE(fs::exists(bucket / "blobs" / "stray") || fs::exists(bucket / "incoming" / "half"));
}

TEST_F(R2Files, KnowWhetherAnObjectIsWhatWasPut) {
  ASSERT_TRUE(put("whole", "one two three"));
  ASSERT_TRUE(put("empty", ""));
  const fs::path blobs = folder.path() / "aa" / "blobs";
  const auto first_file = [&] { return fs::directory_iterator(blobs)->path(); };
  const auto go_on = [] { return true; };
  const auto verify = [&](const char* key) { return files->verify("aa", key, go_on); };
  EXPECT_EQ(verify("none").error().code, Errc::not_found);
  EXPECT_EQ(files->verify("aa", "whole", [] { return false; }).error().code, Errc::timeout);
  ASSERT_TRUE(verify("whole"));
  ASSERT_TRUE(verify("empty"));
  std::ofstream(first_file(), std::ios::binary) << "one two thrEE";
  EXPECT_EQ(verify("whole").error().code, Errc::corrupt) << "as long, and another";
  std::ofstream(first_file(), std::ios::binary) << "one";
  EXPECT_EQ(verify("whole").error().code, Errc::corrupt) << "cut";
  fs::remove(first_file());
  EXPECT_EQ(verify("whole").error().code, Errc::corrupt) << "gone";
  EXPECT_TRUE(verify("empty"));
  EXPECT_EQ(files->verify("bb", "whole", go_on).error().code, Errc::not_found);
}

TEST_F(R2Files, KeepWhatIsPutByteForByte) {
  const std::string bytes("\0\xff\n\x80 and more", 13);
  R2Put what;
  what.key = "a/../b\n";
  what.about.http = {"text/html", "en", "inline", "gzip", "no-store", TimeMs{77}};
  what.about.custom = {{"name", "v\n\xc3\xa4"}, {"", ""}};
  what.about.storage_class = "InfrequentAccess";
  const auto put_there = put(what, bytes);
  ASSERT_TRUE(put_there) << put_there.error().message;
  EXPECT_EQ(put_there->uploaded, clock.now());
  EXPECT_EQ(get("a/../b\n"), bytes);
  start_again();
  EXPECT_EQ(get("a/../b\n"), bytes);
  const auto head = files->head("aa", "a/../b\n");
  ASSERT_TRUE(head && *head);
  EXPECT_EQ((*head)->about.http, what.about.http);
  EXPECT_EQ((*head)->about.custom, what.about.custom);
  EXPECT_EQ((*head)->about.storage_class, "InfrequentAccess");
  EXPECT_EQ((*head)->version, put_there->version);
  EXPECT_EQ((*head)->etag, to_hex((*head)->checksums[0]));
  EXPECT_EQ((*head)->size, 13);
}

TEST_F(R2Files, KeepAnEmptyObject) {
  ASSERT_TRUE(put("empty", ""));
  EXPECT_EQ(get("empty"), "");
  EXPECT_EQ(get("none"), std::nullopt);
  EXPECT_TRUE(names_in(Space::kBlobs).empty());
}

TEST_F(R2Files, GiveBackTheDiskOfWhatIsReplacedOrDeleted) {
  ASSERT_TRUE(put("k", "one"));
  const auto first = names_in(Space::kBlobs);
  ASSERT_TRUE(put("k", "two"));
  const auto second = names_in(Space::kBlobs);
  ASSERT_EQ(second.size(), 1U);
  EXPECT_NE(first, second);
  EXPECT_EQ(get("k"), "two");
  EXPECT_EQ(files->size("aa")->bytes, 3);
  ASSERT_TRUE(files->remove("aa", {"k", "none"}));
  EXPECT_TRUE(names_in(Space::kBlobs).empty());
  EXPECT_EQ(files->size("aa")->objects, 0);
}

TEST_F(R2Files, AnObjectStaysWholeForWhoeverReadsIt) {
  ASSERT_TRUE(put("k", "the first one"));
  auto reader = files->open("aa", "k");
  auto other = files->open("aa", "k");
  ASSERT_TRUE(reader && *reader && other && *other);
  ASSERT_TRUE(put("k", "the second"));
  EXPECT_EQ(bytes_of(**reader), "the first one");
  reader->reset();
  EXPECT_EQ(bytes_of(**other), "the first one");
  EXPECT_EQ(names_in(Space::kBlobs).size(), 2U);
  other->reset();
  EXPECT_EQ(names_in(Space::kBlobs).size(), 1U) << "nobody reads it any more";
  EXPECT_EQ(get("k"), "the second");
}

TEST_F(R2Files, AWriterThatIsLetGoLeavesNothing) {
  {
    R2Put what;
    what.key = "k";
    auto writer = files->put("aa", what);
    ASSERT_TRUE(writer);
    ASSERT_TRUE((*writer)->add("half"));
    EXPECT_EQ(names_in(Space::kIncoming).size(), 1U);
  }
  EXPECT_TRUE(names_in(Space::kIncoming).empty());
  EXPECT_EQ(get("k"), std::nullopt);
}

// Every moment that a crash can come at: half written; whole, and its row not committed; committed, and what
// it replaced not gone.
TEST_F(R2Files, ACrashLeavesWholeObjectsAndNoStrangersFiles) {
  ASSERT_TRUE(put("k", "kept"));
  const auto named = names_in(Space::kBlobs);
  const fs::path space = folder.path() / "aa";
  std::ofstream(space / Space::kIncoming / std::string(32, '1')) << "half";
  std::ofstream(space / Space::kBlobs / std::string(32, '2')) << "whole, and nobody's";
  start_again();
  EXPECT_EQ(get("k"), "kept");
  EXPECT_EQ(names_in(Space::kBlobs), named);
  EXPECT_TRUE(names_in(Space::kIncoming).empty());
  std::ofstream(space / Space::kBlobs / std::string(32, '3')) << "of this run";
  ASSERT_TRUE(files->make("bb"));
  ASSERT_TRUE(files->make("cc"));
  EXPECT_EQ(get("k"), "kept") << "opened again";
  EXPECT_EQ(names_in(Space::kBlobs).size(), 2U) << "while the program runs it may be somebody's";
}

TEST_F(R2Files, ConditionsAreJudgedWhereTheObjectIsReplaced) {
  const std::string etag = put("k", "one")->etag;
  R2Put what;
  what.key = "k";
  what.only_if.emplace().etag_matches = {{model::R2Etag::Kind::strong, etag}};
  auto first = files->put("aa", what);
  auto second = files->put("aa", what);
  ASSERT_TRUE(write(std::move(first), "two"));
  const auto late = write(std::move(second), "three");
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().field, kR2Precondition) << "it held when it began, and not at its end";
  EXPECT_EQ(files->put("aa", what).error().field, kR2Precondition);
  EXPECT_EQ(get("k"), "two");
  EXPECT_EQ(names_in(Space::kBlobs).size(), 1U);
}

TEST_F(R2Files, DigestsAreCompared) {
  R2Put what;
  what.key = "k";
  what.digests[2] = sha256("abcdef");
  EXPECT_EQ(put(what, "other").error().field, kBadR2Digest);
  EXPECT_EQ(get("k"), std::nullopt);
  EXPECT_EQ(put(what, "abcdef")->checksums[2], sha256("abcdef"));
}

TEST_F(R2Files, TakeNoMoreThanMayBe) {
  EXPECT_EQ(put("k", std::string(1001, 'x')).error().field, kLargeR2Object);
  R2Put what;
  what.key = "k";
  what.size = 1001;
  auto announced = files->put("aa", what);
  EXPECT_EQ((*announced)->add("x").error().field, kLargeR2Object) << "before a byte of it is written";
  limits.bytes = 10;
  start_again();
  ASSERT_TRUE(put("a", "12345678"));
  EXPECT_EQ(put("b", "123").error().code, Errc::disk_full);
  EXPECT_TRUE(put("a", "1234567890")) << "what it replaces makes room";
  ASSERT_TRUE(files->remove("aa", {"a"}));
  EXPECT_TRUE(put("b", "123"));
  EXPECT_EQ(files->size("aa")->bytes, 3);
}

TEST_F(R2Files, ListInPagesAndByPrefix) {
  for (const char* key : {"b", "a/1", "a/2", "a/b/3", "c\xc3\xa4", "a"}) ASSERT_TRUE(put(key, "x"));
  EXPECT_THAT(entries({}), ElementsAre("a", "a/1", "a/2", "a/b/3", "b", "c\xc3\xa4"));
  R2Listing listing;
  listing.prefix = "a/";
  EXPECT_THAT(entries(listing), ElementsAre("a/1", "a/2", "a/b/3"));
  listing.limit = 2;
  EXPECT_THAT(entries(listing), ElementsAre("a/1", "a/2", "…"));
  listing.cursor = files->list("aa", listing)->entries.back().cursor;
  EXPECT_THAT(entries(listing), ElementsAre("a/b/3"));
  listing = {};
  listing.after = "a/2";
  EXPECT_THAT(entries(listing), ElementsAre("a/b/3", "b", "c\xc3\xa4"));
  listing.cursor = "nonsense";
  EXPECT_EQ(files->list("aa", listing).error().field, "cursor");
}

TEST_F(R2Files, ADelimiterMakesOneEntryOfMany) {
  for (const char* key : {"a/1", "a/2", "b", "c/1", "c/2", "d"}) ASSERT_TRUE(put(key, "x"));
  R2Listing listing;
  listing.delimiter = "/";
  EXPECT_THAT(entries(listing), ElementsAre("a/*", "b", "c/*", "d"));
  listing.limit = 1;
  std::vector<std::string> all;
  for (int i = 0; i < 5; ++i) {
    const auto some = entries(listing);
    all.push_back(some.front());
    if (some.size() == 1) break;
    listing.cursor = files->list("aa", listing)->entries.back().cursor;
  }
  EXPECT_THAT(all, ElementsAre("a/*", "b", "c/*", "d"));
  listing = {};
  listing.delimiter = "/";
  listing.prefix = "c/";
  EXPECT_THAT(entries(listing), ElementsAre("c/1", "c/2"));
  listing.prefix = "";
  listing.after = "a/1";
  EXPECT_THAT(entries(listing), ElementsAre("a/*", "b", "c/*", "d")) << "there is another one in it";
}

struct R2Uploads : R2Files {
  R2Upload upload{"big", *files->begin_upload("aa", "big", {})};
  R2Part part(int number, const std::string& bytes) {
    const auto done = write(files->put_part("aa", upload, number, bytes.size()), bytes);
    EXPECT_TRUE(done) << done.error().message;
    return {number, done ? done->etag : ""};
  }
};

TEST_F(R2Uploads, BecomeOneObjectOfTheirParts) {
  const R2Part two = part(2, "5678");
  part(1, "xxxx");
  const R2Part one = part(1, "1234");
  const R2Part three = part(9, "9");
  part(10, "left out");
  EXPECT_EQ(get("big"), std::nullopt) << "not before it is complete";
  start_again();
  const auto object = files->complete("aa", upload, {two, one, three});
  ASSERT_TRUE(object) << object.error().message;
  EXPECT_EQ(object->size, 9);
  EXPECT_TRUE(object->etag.ends_with("-3")) << object->etag;
  EXPECT_EQ(get("big"), "123456789");
  auto reader = files->open("aa", "big");
  EXPECT_EQ(*(*reader)->read(6, 100), "78") << "up to the end of a piece";
  EXPECT_EQ(names_in(Space::kBlobs).size(), 3U);
  EXPECT_EQ(files->size("aa")->bytes, 9);
  EXPECT_EQ(files->complete("aa", upload, {one}).error().field, kNoR2Upload);
  reader->reset();
  ASSERT_TRUE(files->remove("aa", {"big"}));
  EXPECT_TRUE(names_in(Space::kBlobs).empty());
}

TEST_F(R2Uploads, AreRefusedWhereTheirPartsDoNotFit) {
  const R2Part one = part(1, "1234");
  const R2Part small = part(2, "56");
  const R2Part large = part(3, "78901");
  EXPECT_EQ(files->complete("aa", upload, {one, {7, "e"}}).error().field, kNoR2Part);
  EXPECT_EQ(files->complete("aa", upload, {one, {2, "other"}}).error().field, kNoR2Part);
  EXPECT_EQ(files->complete("aa", upload, {one, one}).error().field, kNoR2Part);
  EXPECT_EQ(files->complete("aa", upload, {}).error().field, kNoR2Part);
  EXPECT_EQ(files->complete("aa", upload, {one, small, large}).error().field, kSmallR2Part);
  EXPECT_EQ(files->complete("aa", upload, {one, large}).error().field, kUnevenR2Parts);
  EXPECT_EQ(files->put_part("aa", {"other", upload.id}, 1, {}).error().field, kNoR2Upload);
  EXPECT_TRUE(files->complete("aa", upload, {one, small}));
}

TEST_F(R2Uploads, GoWhenTheyAreAbortedOrNobodyCompletesThem) {
  part(1, "1234");
  ASSERT_TRUE(files->abort("aa", upload));
  EXPECT_TRUE(names_in(Space::kBlobs).empty());
  EXPECT_EQ(files->abort("aa", upload).error().field, kNoR2Upload);
  upload.id = *files->begin_upload("aa", "big", {});
  part(1, "1234");
  clock.advance(model::kR2UploadLifeMs);
  ASSERT_TRUE(files->sweep());
  EXPECT_EQ(names_in(Space::kBlobs).size(), 1U);
  clock.advance(1);
  ASSERT_TRUE(files->sweep());
  EXPECT_TRUE(names_in(Space::kBlobs).empty());
  EXPECT_EQ(files->size("aa")->bytes, 0);
}

TEST_F(R2Files, SpacesKnowNothingOfEachOther) {
  ASSERT_TRUE(put("k", "ours"));
  ASSERT_TRUE(files->make("aa.11-22"));
  EXPECT_EQ(get("k", "aa.11-22"), std::nullopt);
  EXPECT_THAT(*files->spaces(), UnorderedElementsAre("aa", "aa.11-22"));
  for (const char* none : {"bb", "", "..", "../aa", ".dropped-aa", "aa/blobs"})
    EXPECT_EQ(files->head(none, "k").error().field, kNoR2Space) << none;
  ASSERT_TRUE(files->drop("aa"));
  ASSERT_TRUE(files->drop("aa")) << "twice";
  EXPECT_FALSE(files->has("aa"));
  EXPECT_EQ(files->head("aa", "k").error().field, kNoR2Space);
  EXPECT_THAT(names_in(".", ""), ElementsAre("aa.11-22")) << "its disk is given back";
}

TEST_F(R2Files, ABucketWithObjectsIsNotDroppedAsEmpty) {
  ASSERT_TRUE(put("k", "v"));
  EXPECT_EQ(files->drop_empty("aa").error().field, kR2NotEmpty);
  ASSERT_TRUE(files->remove("aa", {"k"}));
  R2Put what;
  what.key = "late";
  auto late = files->put("aa", what);
  ASSERT_TRUE(files->drop_empty("aa"));
  EXPECT_FALSE(write(std::move(late), "v")) << "it is refused, not lost";
}

TEST_F(R2Files, WhatIsCopiedStaysUntilItIs) {
  ASSERT_TRUE(put("k", "v"));
  auto held = files->hold();
  ASSERT_TRUE(files->remove("aa", {"k"}));
  EXPECT_EQ(names_in(Space::kBlobs).size(), 1U);
  held.reset();
  EXPECT_TRUE(names_in(Space::kBlobs).empty());
}

TEST_F(R2Files, ManyMayWriteAtOnce) {
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([this, t] {
      for (int i = 0; i < 10; ++i) {
        EXPECT_TRUE(put("same", std::string(100, static_cast<char>('a' + t))));
        EXPECT_TRUE(put(std::to_string(t) + "/" + std::to_string(i), "v"));
        const auto bytes = get("same");
        ASSERT_TRUE(bytes);
        EXPECT_EQ(*bytes, std::string(100, bytes->front())) << "torn";
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(files->size("aa")->objects, 41);
  EXPECT_EQ(names_in(Space::kBlobs).size(), 41U);
}

}  // namespace
}  // namespace kiln::store::r2
