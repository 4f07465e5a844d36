#include "cli/set_up/plan.h"

#include <gtest/gtest.h>

#include <boost/json/array.hpp>

#include "base/strings.h"
#include "cli/set_up/plan_view.h"

namespace kiln::cli {
namespace {

namespace json = boost::json;

Resource worker(bool reached = true) {
  return {"worker", "shop", {{"workers_dev", reached}}};
}
Resource repository(const std::string& name, const std::string& id, const std::string& url) {
  json::object attributes{{"provider_type", "github"},
                          {"provider_account_id", id},
                          {"provider_account_name", "acme"},
                          {"repo_id", id},
                          {"repo_name", "shop"}};
  if (!url.empty()) attributes["clone_url"] = url;
  return {"repository", name, attributes};
}
Resource trigger(const std::string& build = "npm run build", const std::string& repo = "acme/shop") {
  return {
      "trigger",
      "shop/Deploy main",
      {{"worker", "shop"}, {"repository", repo}, {"trigger_name", "Deploy main"}, {"build_command", build}}};
}
Resource variable(const std::string& key, const char* value) {
  json::object attributes{{"trigger", "shop/Deploy main"}, {"key", key}, {"is_secret", value == nullptr}};
  if (value != nullptr) attributes["value"] = value;
  return {"variable", "shop/Deploy main/" + key, attributes};
}
const Resource kSecret{"secret", "shop/API_KEY", {{"worker", "shop"}, {"secret_name", "API_KEY"}}};
constexpr const char* kCloneUrl = "https://github.com/acme/shop.git";

Here here_with(std::vector<Resource> resources) {
  Here here;
  for (const Resource& one : resources) here.ids[{one.type, one.name}] = "id-of-" + one.name;
  here.set_up.resources = std::move(resources);
  return here;
}

std::vector<std::string> words_of(const Plan& plan) {
  std::vector<std::string> words;
  for (const Step& step : plan.steps)
    words.push_back(std::string(action_word(step.action)) + " " + step.resource.type);
  return words;
}

TEST(Plan, MakesWhatIsMissingAndLeavesWhatIsThere) {
  const AccountSetUp wanted{
      {worker(), repository("acme/shop", "1", kCloneUrl), trigger(), variable("STAGE", "x")}, {}};
  EXPECT_EQ(words_of(plan_of(wanted, {}, {})),
            (std::vector<std::string>{"make worker", "make repository", "make trigger", "make variable"}));
  EXPECT_EQ(
      words_of(plan_of(wanted, here_with(wanted.resources), {})),
      (std::vector<std::string>{"there worker", "there repository", "there trigger", "there variable"}));
}

TEST(Plan, ChangesWhatIsOtherwiseOnlyWhenToldTo) {
  const AccountSetUp wanted{{worker(false), trigger("make")}, {}};
  const Here here = here_with({worker(), trigger()});
  const Plan shy = plan_of(wanted, here, {});
  EXPECT_EQ(words_of(shy), (std::vector<std::string>{"differs worker", "differs trigger"}));
  EXPECT_EQ(shy.steps[1].fields, std::vector<std::string>{"build_command"});
  EXPECT_EQ(words_of(plan_of(wanted, here, {true, {}})),
            (std::vector<std::string>{"change worker", "change trigger"}));
}

TEST(Plan, KnowsARepositoryByItsHostsIdsOrItsAddress) {
  for (const Resource& there :
       {repository("other", "1", ""), repository("other", "2", "https://GitHub.com/acme/shop")}) {
    const AccountSetUp wanted{{worker(), repository("acme/shop", "1", kCloneUrl), trigger()}, {}};
    const Plan plan = plan_of(wanted, here_with({there}), {});
    EXPECT_EQ(words_of(plan), (std::vector<std::string>{"make worker", "there repository", "make trigger"}));
    EXPECT_EQ(plan.steps[2].resource.attributes.at("repository").get_string(), "other");
  }
}

TEST(Plan, ATriggerOfAnotherRepositoryIsNeverChanged) {
  const AccountSetUp wanted{{worker(), repository("acme/shop", "1", kCloneUrl), trigger()}, {}};
  const Here here = here_with({worker(), repository("b", "2", "https://github.com/b/b"), trigger("", "b")});
  const Plan plan = plan_of(wanted, here, {true, {}});
  EXPECT_EQ(plan.steps[2].action, Action::differs);
  EXPECT_EQ(plan.steps[2].command,
            (std::vector<std::string>{"kiln", "trigger", "delete", "id-of-shop/Deploy main"}));
}

TEST(Plan, AsksForSecretsThatNobodyGave) {
  const AccountSetUp wanted{
      {worker(), repository("acme/shop", "1", kCloneUrl), trigger(), variable("TOKEN", nullptr)}, {}};
  const Plan plan = plan_of(wanted, {}, {});
  EXPECT_EQ(plan.steps[3].action, Action::ask);
  EXPECT_EQ(plan.steps[3].command,
            (std::vector<std::string>{"kiln", "variable", "set", "TOKEN", "--secret", "--worker", "shop"}));
  const auto known = [](const std::string& name) { return name == "shop/Deploy main/TOKEN"; };
  EXPECT_EQ(plan_of(wanted, {}, {false, known}).steps[3].action, Action::make);
}

TEST(Plan, AWorkersSecretsWaitForItsFirstVersion) {
  const AccountSetUp wanted{{worker(), kSecret}, {}};
  const auto all = [](const std::string&) { return true; };
  Here here = here_with({worker()});
  EXPECT_EQ(plan_of(wanted, here, {false, all}).steps[1].action, Action::later);
  here.uploaded.insert("shop");
  EXPECT_EQ(plan_of(wanted, here, {false, all}).steps[1].action, Action::make);
}

TEST(Plan, WhatNeedsWhatCannotBeMadeCannotEither) {
  const AccountSetUp wanted{{worker(), repository("acme/shop", "1", ""), trigger(), variable("STAGE", "x")},
                            {}};
  const Plan plan = plan_of(wanted, {}, {});
  EXPECT_EQ(words_of(plan), (std::vector<std::string>{"make worker", "cannot repository", "cannot trigger",
                                                      "cannot variable"}));
  EXPECT_EQ(plan.steps[2].why, "it needs the repository acme/shop");
}

TEST(Plan, AHostThatIsSetUpIsNotLeftToDo) {
  const LeftOver forge{"forge", "https://github.com", "why", {"kiln", "forge", "add", "github"}};
  Here here;
  EXPECT_EQ(plan_of({{}, {forge}}, here, {}).left_over.size(), 1U);
  here.set_up.left_over.push_back(forge);
  EXPECT_TRUE(plan_of({{}, {forge}}, here, {}).left_over.empty());
}

TEST(PlanView, FitsTheLineAndNamesWhatIsLeftOnce) {
  const AccountSetUp wanted{
      {worker(),
       repository("acme/shop", "1", kCloneUrl),
       trigger(),
       variable("TOKEN", nullptr),
       {"variable",
        "shop/Other branches/TOKEN",
        {{"trigger", "shop/Deploy main"}, {"key", "TOKEN"}, {"is_secret", true}}},
       kSecret},
      {{"domain",
        "shop.example.com",
        "a sentence of words that is longer than a line of a terminal has room for, so that it is broken",
        {}}}};
  const Plan plan = plan_of(wanted, {}, {});
  std::vector<DoneStep> steps;
  for (const Step& step : plan.steps) steps.push_back({step});
  const std::string text = plan_text(Style{}, steps, plan.left_over, true);
  for (const std::string& line : split(text, '\n')) EXPECT_LE(width_of(line), kUsualWidth) << line;
  EXPECT_NE(text.find("ask for 2, later 1, make 3"), std::string::npos) << text;
  const std::string command = "    kiln variable set TOKEN --secret --worker shop\n";
  ASSERT_NE(text.find(command), std::string::npos) << text;
  EXPECT_EQ(text.find(command), text.rfind(command));
}

TEST(PlanView, ALongCommandGoesOnBehindABackslash) {
  EXPECT_EQ(command_text({"kiln", "connect", "a b", "--worker", "shop"}, 80),
            "kiln connect 'a b' --worker shop");
  EXPECT_EQ(command_text({"kiln", "connect", "https://x", "--worker", "shop"}, 20),
            "kiln connect \\\n  https://x \\\n  --worker shop");
}

}  // namespace
}  // namespace kiln::cli
