// What an upload may bind, and to whose.
#include <gtest/gtest.h>

#include "workers/test_target.h"
#include "workers/upload.h"

namespace kiln::workers {
namespace {

TEST(UploadedBindings, NamesAnUnsupportedBinding) {
  TestTarget target;
  const auto refused =
      target.upload(R"({"main_module":"index.js","bindings":[{"name":"FILES","type":"workflow"}]})");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Errc::binding_unsupported);
  EXPECT_NE(refused.error().message.find("'FILES'"), std::string::npos);
}

TEST(UploadedBindings, TakesKvNamespacesOfTheAccountAlone) {
  TestTarget target;
  const model::Account other = target.store.add_account("other");
  ASSERT_TRUE(target.store.kv_namespaces.add({"aa", target.account.id, "ours", 0}));
  ASSERT_TRUE(target.store.kv_namespaces.add({"bb", other.id, "theirs", 0}));
  const auto bound = [&](const std::string& id) {
    return target.upload(
        R"({"main_module":"index.js","bindings":[{"name":"KV","type":"kv_namespace","namespace_id":")" + id +
        "\"}]}");
  };
  EXPECT_TRUE(bound("aa"));
  for (const char* id : {"bb", "cc"}) {
    const auto refused = bound(id);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Errc::binding_unsupported);
    EXPECT_NE(refused.error().message.find("'KV' names the KV namespace"), std::string::npos);
  }
}

TEST(UploadedBindings, TakesR2BucketsOfTheAccountAlone) {
  TestTarget target;
  const model::Account other = target.store.add_account("other");
  ASSERT_TRUE(target.store.r2_buckets.add(
      {model::r2_bucket_id(target.account.id, "ours"), target.account.id, "ours", "Standard", 0}));
  ASSERT_TRUE(target.store.r2_buckets.add(
      {model::r2_bucket_id(other.id, "theirs"), other.id, "theirs", "Standard", 0}));
  const auto bound = [&](const std::string& bucket, const std::string& more = "") {
    return target.upload(
        R"({"main_module":"index.js","bindings":[{"name":"R2","type":"r2_bucket","bucket_name":")" + bucket +
        "\"" + more + "}]}");
  };
  EXPECT_TRUE(bound("ours"));
  for (const char* bucket : {"theirs", "none", "../x"}) {
    const auto refused = bound(bucket);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Errc::binding_unsupported);
    EXPECT_NE(refused.error().message.find("'R2' names the R2 bucket"), std::string::npos);
  }
  EXPECT_NE(bound("ours", R"(,"jurisdiction":"eu")").error().message.find("jurisdiction"), std::string::npos);
}

TEST(UploadedBindings, TakesQueuesOfTheAccountAlone) {
  TestTarget target;
  const model::Account other = target.store.add_account("other");
  ASSERT_TRUE(
      target.store.queues.add_queue({target.store.entropy.hex32(), target.account.id, "ours", {}, 0, 0}));
  ASSERT_TRUE(target.store.queues.add_queue({target.store.entropy.hex32(), other.id, "theirs", {}, 0, 0}));
  const auto bound = [&](const std::string& queue) {
    return target.upload(
        R"({"main_module":"index.js","bindings":[{"name":"Q","type":"queue","queue_name":")" + queue +
        "\"}]}");
  };
  EXPECT_TRUE(bound("ours"));
  for (const char* queue : {"theirs", "none", "ours.x"}) {
    const auto refused = bound(queue);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Errc::binding_unsupported);
    EXPECT_NE(refused.error().message.find("'Q' names the queue"), std::string::npos);
  }
}

}  // namespace
}  // namespace kiln::workers
