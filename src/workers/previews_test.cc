#include "workers/previews.h"

#include <gtest/gtest.h>

#include "workers/names.h"
#include "workers/secrets.h"
#include "workers/test_target.h"

namespace kiln::workers {
namespace {

TEST(Slugs, AreLabelsThatFitBeforeTheWorker) {
  EXPECT_EQ(slug_of("feat/One__two", "w", 0).value(), "feat-one-two");
  EXPECT_NE(slug_of("feat/one", "w", 1).value(), slug_of("feat/one", "w", 2).value());
  const std::string worker(40, 'w');
  for (const std::string& name : {std::string("deadbeef"), std::string("///"), std::string("\xc3\xa9"),
                                  std::string(200, 'x'), std::string("a-") + std::string(30, '/')}) {
    for (int attempt = 0; attempt < 3; ++attempt) {
      const Result<std::string> slug = slug_of(name, worker, attempt);
      ASSERT_TRUE(slug) << name;
      EXPECT_TRUE(check_alias(*slug, worker)) << name << " → " << *slug;
    }
  }
  EXPECT_EQ(slug_of("x", std::string(60, 'w'), 0).error().code, Errc::invalid);
}

struct Ground : TestTarget {
  model::Preview preview =
      create_preview(ports, worker, parse_object(R"({"name":"feat/one"})", "b").value()).value();

  Result<model::Version> deploy(const std::string& metadata) {
    const std::vector<Part> parts = {
        {"metadata", {}, "", metadata},
        {"files", "index.js", "application/javascript+module", "export default {}"},
        {"files", "_headers", "text/plain", "/*\n  X-A: 1\n"}};
    return deploy_preview(ports, actor, worker, preview, parts);
  }
};

TEST(PreviewDeployments, InheritFromTheOneBeforeThem) {
  Ground ground;
  const std::string inherits = R"({"main_module":"index.js","env":{"S":{"type":"inherit"}}})";
  EXPECT_EQ(ground.deploy(inherits).error().code, Errc::inherit_invalid);
  const auto first = ground.deploy(
      R"({"main_module":"index.js","env":{"V":{"type":"plain_text","text":"v"},"S":{"type":"secret_text","text":"s"}},
          "annotations":{"workers/pull_request_number":7,"workers/alias":"no"}})");
  ASSERT_TRUE(first) << first.error().message;
  EXPECT_EQ(first->preview_id, ground.preview.id);
  EXPECT_NE(first->annotations_json.find(R"("workers/pull_request_number":"7")"), std::string::npos);
  EXPECT_EQ(first->annotations_json.find("alias"), std::string::npos);
  EXPECT_EQ(first->modules.size(), 2U) << "without assets, _headers is a module like any other";
  const auto second = ground.deploy(inherits);
  ASSERT_TRUE(second) << second.error().message;
  EXPECT_EQ(ground.store.versions.version_secrets(second->id)->at("S"), "s");
  EXPECT_EQ(ground.store.previews.aliases(ground.worker.tag)->at(0).version_id, second->id);
}

TEST(PreviewDeployments, HaveSecretsOfTheirOwn) {
  Ground ground;
  const SecretsEdit edit{{{"S", "s"}}, false, {}, &ground.preview};
  EXPECT_EQ(edit_worker_secrets(ground.ports, ground.actor, ground.worker, edit).error().code,
            Errc::preview_empty);
  ASSERT_TRUE(ground.upload());
  ASSERT_TRUE(ground.deploy(R"({"main_module":"index.js"})"));
  const auto made = edit_worker_secrets(ground.ports, ground.actor, ground.worker, edit);
  ASSERT_TRUE(made) << made.error().message;
  EXPECT_EQ(made->preview_id, ground.preview.id);
  EXPECT_EQ((*ground.store.versions.base_version(ground.worker.tag))->bindings_json, "[]");
}

TEST(PreviewSettings, AreChangedAndRemoved) {
  Ground ground;
  const auto set =
      change_preview(ground.ports, ground.preview,
                     parse_object(R"({"logpush":true,"observability":{"enabled":true}})", "b").value());
  ASSERT_TRUE(set);
  const auto unset = change_preview(ground.ports, *set, parse_object(R"({"logpush":null})", "b").value());
  EXPECT_EQ(unset->settings_json, R"({"observability":{"enabled":true}})");
}

TEST(PreviewMetadata, MustMapNamesToBindings) {
  for (const char* bad : {R"({"env":[]})", R"({"env":{"A":1}})", R"({"env":{"A":{}}})", "[]"}) {
    EXPECT_FALSE(parse_preview_metadata(bad, 0)) << bad;
  }
}

}  // namespace
}  // namespace kiln::workers
