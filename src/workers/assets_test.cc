#include "workers/assets.h"

#include <gtest/gtest.h>

#include "base/hash.h"
#include "workers/deploy.h"
#include "workers/metadata.h"
#include "workers/test_target.h"

namespace kiln::workers {
namespace {

constexpr const char* kHashA = "260d432292df18555c39749e59348292";
constexpr const char* kHashB = "b60d432292df18555c39749e59348292";

Result<std::vector<model::AssetFile>> manifest_of(const std::string& inner) {
  return parse_manifest(parse_object("{\"manifest\":{" + inner + "}}", "manifest").value());
}

std::vector<model::AssetFile> two_files() {
  return {{"/index.html", kHashA, 2}, {"/copy.html", kHashA, 2}, {"/b.txt", kHashB, 0}};
}

TEST(Manifest, ReadsRawPaths) {
  const auto files = manifest_of(R"("/a b.txt":{"hash":"260d432292df18555c39749e59348292","size":14})");
  ASSERT_TRUE(files);
  EXPECT_EQ((*files)[0].path, "/a b.txt");
  EXPECT_EQ((*files)[0].size, 14U);
  EXPECT_TRUE(manifest_of("")->empty());
}

TEST(Manifest, RefusesBadEntries) {
  for (
      const char* inner :
      {R"("a":{"hash":"260d432292df18555c39749e59348292","size":1})",
       R"("/../a":{"hash":"260d432292df18555c39749e59348292","size":1})", R"("/a":{"hash":"short","size":1})",
       R"("/a":{"hash":"260d432292df18555c39749e59348292"})",
       R"("/a":{"hash":"260d432292df18555c39749e59348292","size":-1})",
       R"("/a":{"hash":"260d432292df18555c39749e59348292","size":1.5})",
       R"("/a":{"hash":"260d432292df18555c39749e59348292","size":26214401})", R"("/a":1)",
       R"("/a":{"hash":"260d432292df18555c39749e59348292","size":1},"/b":{"hash":"260d432292df18555c39749e59348292","size":2})"}) {
    const auto files = manifest_of(inner);
    ASSERT_FALSE(files) << inner;
    EXPECT_EQ(files.error().code, Errc::invalid);
  }
}

TEST(Manifest, RefusesAFileThatMustBeAFolder) {
  const std::string entry = R"(":{"hash":"260d432292df18555c39749e59348292","size":1})";
  const auto clash = manifest_of("\"/docs/a/b.txt" + entry + ",\"/docs/a" + entry);
  ASSERT_FALSE(clash);
  EXPECT_EQ(clash.error().code, Errc::invalid);
  EXPECT_NE(clash.error().message.find("/docs/a is a file, and /docs/a/b.txt needs it to be a folder"),
            std::string::npos)
      << clash.error().message;
  EXPECT_FALSE(manifest_of("\"/a" + entry + ",\"/a/b/c/d" + entry));
  EXPECT_TRUE(manifest_of("\"/a" + entry + ",\"/a.b" + entry + ",\"/ab/c" + entry + ",\"/ab/d" + entry));
}

TEST(AssetUpload, AsksForEachHashOnceAndCompletes) {
  TestTarget target;
  const auto opened = open_session(target.ports, target.account.id, "hello", two_files(), false);
  ASSERT_TRUE(opened);
  ASSERT_EQ(opened->buckets, (std::vector<std::vector<std::string>>{{kHashA, kHashB}}));
  EXPECT_FALSE(completed_manifest(target.ports, target.account.id, "hello", opened->token, false));
  const auto session = find_session(target.ports, opened->token);
  ASSERT_TRUE(session);
  EXPECT_EQ(take_assets(target.ports, *session, {{kHashA, "text/html", "hi"}}).value(), false);
  EXPECT_EQ(take_assets(target.ports, *session, {{kHashB, "application/null", ""}}).value(), true);
  const auto files = completed_manifest(target.ports, target.account.id, "hello", opened->token, false);
  ASSERT_TRUE(files);
  EXPECT_EQ(files->size(), 3U);
  const auto known = target.store.assets.known_assets(target.account.id, "hello", {kHashA, kHashB}, false);
  ASSERT_EQ(known->size(), 2U);
  EXPECT_EQ((*known)[0].content_type, "text/html");
  EXPECT_EQ((*known)[1].content_type, "");
  EXPECT_EQ(target.blobs.get((*known)[0].blob, 100).value(), "hi");
}

TEST(AssetUpload, KnowsFilesOfTheSameWorkerOnly) {
  TestTarget target;
  const auto opened = open_session(target.ports, target.account.id, "hello", two_files(), false);
  ASSERT_TRUE(take_assets(target.ports, *find_session(target.ports, opened->token),
                          {{kHashA, "text/html", "hi"}, {kHashB, "text/plain", ""}}));
  const auto again = open_session(target.ports, target.account.id, "hello", two_files(), false);
  EXPECT_TRUE(again->buckets.empty());
  EXPECT_TRUE(completed_manifest(target.ports, target.account.id, "hello", again->token, false));
  EXPECT_FALSE(completed_manifest(target.ports, target.account.id, "other", again->token, false));
  EXPECT_FALSE(open_session(target.ports, target.account.id, "other", two_files(), false)->buckets.empty());
}

TEST(AssetUpload, HoldsContentAgainstTheManifest) {
  TestTarget target;
  const auto opened = open_session(target.ports, target.account.id, "hello", two_files(), false);
  const auto session = find_session(target.ports, opened->token);
  EXPECT_EQ(take_assets(target.ports, *session, {{kHashA, "text/html", "too long"}}).error().code,
            Errc::invalid);
  EXPECT_EQ(take_assets(target.ports, *session, {{std::string(32, '0'), "text/html", "hi"}}).error().code,
            Errc::invalid);
}

TEST(AssetUpload, EndsAfterAnHour) {
  TestTarget target;
  const auto opened = open_session(target.ports, target.account.id, "hello", {}, false);
  EXPECT_TRUE(find_session(target.ports, opened->token));
  target.store.clock.advance(3'600'000);
  EXPECT_EQ(find_session(target.ports, opened->token).error().code, Errc::unauthenticated);
  EXPECT_EQ(find_session(target.ports, "made-up").error().code, Errc::unauthenticated);
}

TEST(AssetUpload, SplitsLargeUploadsIntoBuckets) {
  TestTarget target;
  std::vector<model::AssetFile> files;
  for (int i = 0; i < 3; ++i) {
    files.push_back(
        {"/" + std::to_string(i), std::string(31, '0') + std::to_string(i), std::size_t{15} << 20U});
  }
  EXPECT_EQ(open_session(target.ports, target.account.id, "hello", files, false)->buckets.size(), 3U);
}

TEST(AssetUpload, BecomesPartOfTheVersion) {
  TestTarget target;
  const auto opened = open_session(target.ports, target.account.id, "hello", {{"/a", kHashA, 2}}, false);
  ASSERT_TRUE(
      take_assets(target.ports, *find_session(target.ports, opened->token), {{kHashA, "text/html", "hi"}}));
  const std::string metadata = R"({"assets":{"jwt":")" + opened->token +
                               R"(","config":{"html_handling":"none"}},"compatibility_date":"2025-11-01"})";
  const std::vector<Part> parts = {{"metadata", {}, "", metadata}};
  const auto version = upload_version(target.ports, target.actor, {target.worker, false, parts, true, false});
  ASSERT_TRUE(version) << version.error().message;
  const auto stored = target.store.versions.version(target.worker.tag, version->id);
  EXPECT_TRUE(stored->has_assets);
  EXPECT_EQ(stored->assets_config_json, R"({"html_handling":"none"})");
  ASSERT_EQ(stored->assets.size(), 1U);
  EXPECT_EQ(stored->assets[0].path, "/a");
}

TEST(Deploy, ChecksVersionsAndPercentages) {
  TestTarget target;
  const std::string one = target.upload()->id.str();
  const std::string two = target.upload("{\"main_module\":\"index.js\"}", "2")->id.str();
  const auto deploy = [&](const std::string& versions) {
    return deploy_versions(target.ports, target.actor, target.worker,
                           parse_object("{\"versions\":" + versions + "}", "body").value(), false);
  };
  const auto part = [](const std::string& id, const char* share) {
    return "{\"version_id\":\"" + id + "\",\"percentage\":" + share + "}";
  };
  for (const std::string& bad : {std::string("[]"), "[" + part(one, "99") + "]", "[" + part("x", "100") + "]",
                                 "[" + part(one, "150") + "," + part(two, "-50") + "]",
                                 "[" + part(one, "50") + "," + part(one, "50") + "]"}) {
    const auto made = deploy(bad);
    ASSERT_FALSE(made) << bad;
    EXPECT_EQ(made.error().code, Errc::invalid);
  }
  EXPECT_EQ(deploy("[" + part("00000000-0000-4000-8000-000000000000", "100") + "]").error().code,
            Errc::version_not_found);
  ASSERT_TRUE(deploy("[" + part(two, "100") + "]"));
  const auto split = deploy("[" + part(one, "10") + "," + part(two, "90.0") + "]");
  ASSERT_TRUE(split);
  EXPECT_EQ(split->versions.size(), 2U);
  const auto back = deploy("[" + part(one, "100") + "]");
  ASSERT_TRUE(back);
  EXPECT_NE(back->annotations_json.find("rollback"), std::string::npos);
  EXPECT_EQ(target.deployed(), one);
}

TEST(Blobs, AreFoundByTheirContentAndVerified) {
  TestTarget target;
  const auto hash = target.blobs.put("hello");
  ASSERT_TRUE(hash);
  EXPECT_EQ(target.blobs.put("hello").value(), *hash);
  EXPECT_EQ(target.blobs.get(*hash, 100).value(), "hello");
  EXPECT_EQ(target.blobs.get("../../etc/passwd", 100).error().code, Errc::not_found);
  ASSERT_TRUE(write_file_durably(target.blobs.path_of(*hash), "hellO", 0600));
  EXPECT_EQ(target.blobs.get(*hash, 100).error().code, Errc::corrupt);
}

// A hash is its sender's claim: that of a preview branch's build must not stand for production's file.
TEST(AssetUpload, KeepsThePreviewsFilesApart) {
  TestTarget target;
  const std::vector<model::AssetFile> one = {{"/a", kHashA, 4}};
  const auto evil = open_session(target.ports, target.account.id, "hello", one, true);
  ASSERT_TRUE(
      take_assets(target.ports, *find_session(target.ports, evil->token), {{kHashA, "text/html", "evil"}}));
  EXPECT_TRUE(open_session(target.ports, target.account.id, "hello", one, true)->buckets.empty());
  EXPECT_TRUE(completed_manifest(target.ports, target.account.id, "hello", evil->token, true));
  EXPECT_FALSE(completed_manifest(target.ports, target.account.id, "hello", evil->token, false))
      << "a session of previews is none of production";

  const auto real = open_session(target.ports, target.account.id, "hello", one, false);
  ASSERT_EQ(real->buckets.size(), 1U) << "production's file is still to come";
  ASSERT_TRUE(
      take_assets(target.ports, *find_session(target.ports, real->token), {{kHashA, "text/html", "real"}}));
  const std::string right = sha256_hex("real");
  for (const bool for_previews : {false, true}) {
    const auto known = target.store.assets.known_assets(target.account.id, "hello", {kHashA}, for_previews);
    ASSERT_EQ(known->size(), 1U);
    EXPECT_EQ((*known)[0].blob, right);
  }
}

}  // namespace
}  // namespace kiln::workers
