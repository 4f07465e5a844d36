#include "read_cache/build_texts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "testing/memory_store.h"
#include "testing/temp_dir.h"

namespace kiln::read_cache {
namespace {

namespace json = boost::json;

constexpr auto kStrings = wire::EnvironmentForm::strings;

// Counts the looks into the store behind the texts.
class CountedBuilds final : public store::BuildStore {
 public:
  explicit CountedBuilds(store::BuildStore& real) : real_(real) {}

  Result<store::BuildView> build(const std::string& account, const Uuid& uuid) override {
    return real_.build(account, uuid);
  }
  Result<store::BuildRow> row(const std::string& account, const Uuid& uuid) override {
    ++looks;
    return real_.row(account, uuid);
  }
  Result<std::vector<std::pair<Uuid, store::BuildRow>>> builds_by_versions(
      const std::string& account, const std::vector<Uuid>& ids) override {
    ++looks;
    return real_.builds_by_versions(account, ids);
  }
  Result<std::vector<std::pair<std::string, store::BuildRow>>> latest_builds(
      const std::string& account, const std::vector<std::string>& tags) override {
    return real_.latest_builds(account, tags);
  }
  Result<store::Paged<store::BuildRow>> builds_of_worker(const std::string& account, const std::string& tag,
                                                         store::Page page) override {
    return real_.builds_of_worker(account, tag, page);
  }
  Result<std::optional<model::Build>> newest_of_commit(const model::Trigger& trigger,
                                                       const std::string& commit) override {
    return real_.newest_of_commit(trigger, commit);
  }
  Result<PushedBefore> pushed_before(const model::Trigger& trigger, const std::string& branch) override {
    return real_.pushed_before(trigger, branch);
  }
  Result<store::Paged<store::BuildRow>> builds_of_account(const std::string& account,
                                                          store::Page page) override {
    return real_.builds_of_account(account, page);
  }
  Result<store::LogPage> log(const Uuid& build, const std::string& cursor, std::size_t max) override {
    return real_.log(build, cursor, max);
  }

  int looks = 0;

 private:
  store::BuildStore& real_;
};

class BuildTextsTest : public ::testing::Test {
 protected:
  BuildTextsTest() {
    trigger_ = store_.add_trigger();
    build_ = store_.add_build(trigger_).uuid;
    claim_ = store_.make_claim();
    store_.claim_next(claim_);
    store::NewVersion fresh;
    fresh.version.id = version_ = store_.entropy.uuid();
    fresh.version.worker_tag = trigger_.worker_tag;
    fresh.version.created_on = store_.clock.now();
    fresh.version.build_uuid = build_;
    fresh.has_preview = true;
    EXPECT_TRUE(store_.versions.add_version(fresh));
  }
  void finish() { ASSERT_TRUE(store_.queue.finish(build_, claim_.lease_id, model::BuildOutcome::success)); }
  static std::string text_of(const BuildParts& build) {
    EXPECT_EQ(build.builds(), 1U);
    std::string text;
    for (const std::string_view part : build.parts.parts) text += part;
    return text + "}";
  }
  json::value by_version() {
    const auto found = texts_.by_versions(trigger_.account_id, {version_}, kStrings);
    EXPECT_TRUE(found);
    return json::parse("{" + text_of(*found).substr(2) + "}").at(version_.str());
  }
  json::value by_uuid() {
    return json::parse(text_of(*texts_.by_uuid(trigger_.account_id, build_, kStrings)));
  }

  testing::TestStore store_;
  CountedBuilds builds_{store_.builds};
  workers::AccountHosts hosts_{store_.accounts, "localhost"};
  BuildTexts texts_{
      builds_, store_.triggers, hosts_, store_.database->changes(), wire::EnvironmentForm::strings, {}};
  model::Trigger trigger_;
  Uuid build_;
  Uuid version_;
  store::ClaimRequest claim_;
};

TEST_F(BuildTextsTest, ARunningBuildIsReadAnewEachTime) {
  EXPECT_EQ(by_version().at("status"), "initializing");
  finish();
  EXPECT_EQ(by_version().at("status"), "stopped");
  EXPECT_EQ(by_version().at("build_outcome"), "success");
}

TEST_F(BuildTextsTest, AStoppedBuildIsAssembledOnce) {
  finish();
  const json::value first = by_version();
  const int looks = builds_.looks;
  EXPECT_EQ(by_version(), first);
  EXPECT_EQ(builds_.looks, looks);
  EXPECT_EQ(by_uuid(), first);
  EXPECT_EQ(by_uuid(), first);
  EXPECT_EQ(builds_.looks, looks + 1);
}

TEST_F(BuildTextsTest, OneClientGetsObjectsUnlessTheSettingSaysAForm) {
  using wire::EnvironmentForm;
  constexpr const char* kMcp = "mcp-server-cloudflare (workers-builds; +https://example.test)";
  const auto form = [&](EnvironmentForm setting, std::string_view client) {
    return BuildTexts(builds_, store_.triggers, hosts_, store_.database->changes(), setting, {})
        .form_for(client);
  };
  EXPECT_EQ(form(EnvironmentForm::by_client, kMcp), EnvironmentForm::objects);
  EXPECT_EQ(form(EnvironmentForm::by_client, "wrangler/4.164.0"), EnvironmentForm::strings);
  EXPECT_EQ(form(EnvironmentForm::by_client, ""), EnvironmentForm::strings);
  EXPECT_EQ(form(EnvironmentForm::strings, kMcp), EnvironmentForm::strings);
  EXPECT_EQ(form(EnvironmentForm::objects, "wrangler/4.164.0"), EnvironmentForm::objects);
}

TEST_F(BuildTextsTest, TheFormThatIsNotKeptIsMadeAnewAndTheKeptOneStaysAsItIs) {
  finish();
  const json::value kept = by_version();
  const int looks = builds_.looks;
  for (int i = 0; i < 2; ++i) {
    const auto objects = texts_.by_versions(trigger_.account_id, {version_}, wire::EnvironmentForm::objects);
    ASSERT_EQ(objects->builds(), 1U);
    EXPECT_EQ(json::parse(text_of(*objects).substr(std::string("},\"\":").size() + 36)), kept);
    EXPECT_EQ(
        json::parse(text_of(*texts_.by_uuid(trigger_.account_id, build_, wire::EnvironmentForm::objects))),
        kept);
  }
  EXPECT_EQ(builds_.looks, looks + 4);
  EXPECT_EQ(by_version(), kept);
  EXPECT_EQ(builds_.looks, looks + 4);
}

TEST_F(BuildTextsTest, ReadsBackFromDiskWhatMemoryHasNoRoomFor) {
  std::vector<Uuid> versions{version_};
  while (versions.size() < 40) {
    store::NewVersion fresh;
    fresh.version.id = store_.entropy.uuid();
    fresh.version.worker_tag = trigger_.worker_tag;
    fresh.version.created_on = store_.clock.now();
    fresh.version.build_uuid = build_;
    ASSERT_TRUE(store_.versions.add_version(fresh));
    versions.push_back(fresh.version.id);
  }
  finish();
  const testing::TempDir folder;
  BuildTexts texts{builds_,
                   store_.triggers,
                   hosts_,
                   store_.database->changes(),
                   wire::EnvironmentForm::strings,
                   {.memory = 2'000, .folder = folder.path(), .disk = 1U << 20U}};
  const auto whole = [&](const Uuid& version) {
    return text_of(*texts.by_versions(trigger_.account_id, {version}, kStrings));
  };
  std::vector<std::string> first;
  for (const Uuid& version : versions) first.push_back(whole(version));
  // Kept on disk once it was asked for twice; what memory had room for at first, once it has gone from there.
  for (int again = 0; again < 2; ++again) {
    for (const Uuid& version : versions) (void)whole(version);
  }
  const int looks = builds_.looks;
  for (std::size_t i = 0; i < versions.size(); ++i) EXPECT_EQ(whole(versions[i]), first[i]);
  EXPECT_EQ(builds_.looks, looks);
  const auto together =
      texts.by_versions(trigger_.account_id, {versions.begin(), versions.begin() + 20}, kStrings);
  ASSERT_TRUE(together);
  EXPECT_EQ(together->builds(), 20U);
  EXPECT_EQ(builds_.looks, looks);
}

TEST_F(BuildTextsTest, ShowsTheTriggerAsItIsNow) {
  finish();
  EXPECT_EQ(by_version().at("trigger").at("trigger_name"), json::value(trigger_.name));
  trigger_.name = "renamed";
  ASSERT_TRUE(store_.triggers.update_trigger(trigger_));
  EXPECT_EQ(by_version().at("trigger").at("trigger_name"), "renamed");
  model::RepoConnection connection = trigger_.connection;
  connection.repo_name = "moved";
  ASSERT_TRUE(store_.connections.upsert_connection(connection));
  EXPECT_EQ(by_uuid().at("trigger").at("repo_connection").at("repo_name"), "moved");
  ASSERT_TRUE(store_.triggers.delete_trigger(trigger_.account_id, trigger_.uuid, store_.clock.now()));
  EXPECT_FALSE(by_version().at("trigger").at("deleted_on").is_null());
}

TEST_F(BuildTextsTest, ShowsPreviewsWhereWorkersAnswerNow) {
  finish();
  const std::string label = version_.str().substr(0, 8) + "-" +
                            store_.workers.worker_by_tag(trigger_.account_id, trigger_.worker_tag)->name +
                            ".";
  const std::string subdomain = store_.accounts.account(trigger_.account_id)->subdomain;
  EXPECT_EQ(by_version().at("preview_url"), json::value("http://" + label + subdomain + ".localhost"));
  // Another start of the server, at another port.
  workers::AccountHosts hosts{store_.accounts, "workers.example"};
  hosts.serve_at(8788);
  BuildTexts later{
      store_.builds, store_.triggers, hosts, store_.database->changes(), wire::EnvironmentForm::strings, {}};
  for (int again = 0; again < 2; ++again) {
    const auto text = later.by_uuid(trigger_.account_id, build_, kStrings);
    ASSERT_TRUE(text);
    const json::value build = json::parse(text_of(*text));
    EXPECT_EQ(build.at("preview_url"), json::value("http://" + label + subdomain + ".workers.example:8788"));
    EXPECT_TRUE(build.at("preview_alias_url").is_null());
  }
}

TEST_F(BuildTextsTest, KeepsOtherAccountsOut) {
  finish();
  (void)by_version();
  (void)by_uuid();
  EXPECT_EQ(texts_.by_versions(std::string(32, 'b'), {version_}, kStrings)->builds(), 0U);
  EXPECT_EQ(texts_.by_uuid(std::string(32, 'b'), build_, kStrings).error().code, Errc::not_found);
  EXPECT_EQ(by_version().at("build_uuid"), json::value(build_.str()));
}

TEST_F(BuildTextsTest, HasEveryMemberOfTheApi) {
  std::vector<std::string> members;
  const json::value build = by_uuid();
  for (const auto& member : build.as_object()) members.emplace_back(member.key());
  EXPECT_THAT(members, ::testing::UnorderedElementsAre(
                           "build_uuid", "status", "build_outcome", "created_on", "modified_on",
                           "initializing_on", "running_on", "stopped_on", "trigger", "build_trigger_metadata",
                           "pull_request", "version_ids", "preview_url", "preview_alias_url"));
  EXPECT_EQ(build.at("version_ids").at(0), json::value(version_.str()));
}

TEST_F(BuildTextsTest, ShowsAPullRequestThatWasOpenedAfterTheBuildHadStopped) {
  finish();
  EXPECT_TRUE(by_version().at("pull_request").is_null());
  EXPECT_TRUE(by_uuid().at("pull_request").is_null());
  const model::Build build = store_.builds.build(trigger_.account_id, build_)->build;
  store::PullRequestNote note{trigger_.connection.uuid,
                              7,
                              "https://git.example/7",
                              build.metadata.branch,
                              build.metadata.commit_hash,
                              true,
                              1,
                              1};
  ASSERT_EQ(store_.pull_requests.note(note)->size(), 1U);
  EXPECT_EQ(by_version().at("pull_request").at("pull_request_url"), "https://git.example/7");
  EXPECT_EQ(by_uuid().at("pull_request").at("pull_request_url"), "https://git.example/7");
}

TEST_F(BuildTextsTest, AChangedBuildIsReadAnewAndNoOther) {
  finish();
  const Uuid changed = store_.add_build(trigger_, "feature").uuid;
  const store::ClaimRequest claim = store_.make_claim();
  store_.claim_next(claim);
  ASSERT_TRUE(store_.queue.finish(changed, claim.lease_id, model::BuildOutcome::success));
  const auto read = [&](const Uuid& uuid) {
    return text_of(*texts_.by_uuid(trigger_.account_id, uuid, kStrings));
  };
  const json::value other_one = by_version();
  EXPECT_EQ(by_uuid(), other_one);
  const std::string before = read(changed);
  const std::string commit = store_.builds.build(trigger_.account_id, changed)->build.metadata.commit_hash;
  ASSERT_EQ(store_.pull_requests
                .note({trigger_.connection.uuid, 7, "https://git.example/7", "feature", commit, true, 1, 1})
                ->size(),
            1U);
  const int looks = builds_.looks;
  EXPECT_EQ(by_version(), other_one);
  EXPECT_EQ(by_uuid(), other_one);
  EXPECT_EQ(builds_.looks, looks);
  EXPECT_NE(read(changed), before);
  EXPECT_EQ(builds_.looks, looks + 1);
}

TEST_F(BuildTextsTest, ShowsThePullRequestThatABuildBelongsTo) {
  store::Intake intake;
  intake.builds.push_back(store_.make_build(trigger_, "feature"));
  intake.builds[0].build.metadata.source = model::TriggerSource::pull_request;
  intake.builds[0].build.pull_request =
      model::PullRequest{1'577'470'279'117, "https://git.example.com/a/b/pull/7"};
  ASSERT_TRUE(store_.queue.enqueue(intake));
  const Uuid uuid = intake.builds[0].build.uuid;
  const json::value shown = json::parse(text_of(*texts_.by_uuid(trigger_.account_id, uuid, kStrings)));
  EXPECT_EQ(shown.at("build_trigger_metadata").at("build_trigger_source"), "pull_request");
  EXPECT_EQ(shown.at("pull_request").at("created_on"), "2019-12-27T18:11:19.117Z");
  EXPECT_EQ(shown.at("pull_request").at("pull_request_url"), "https://git.example.com/a/b/pull/7");
  EXPECT_TRUE(by_uuid().at("pull_request").is_null());
}

}  // namespace
}  // namespace kiln::read_cache
