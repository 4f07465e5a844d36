#include "cli/set_up/set_up_file.h"

#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

namespace kiln::cli {
namespace {

namespace json = boost::json;

const json::object kTrigger{{"worker", "shop"},
                            {"repository", "acme/shop"},
                            {"trigger_name", "Deploy main"},
                            {"build_command", ""},
                            {"deploy_command", "npx wrangler deploy"},
                            {"root_directory", "/"},
                            {"branch_includes", {"main"}},
                            {"branch_excludes", json::array()},
                            {"path_includes", {"*"}},
                            {"path_excludes", json::array()}};
const json::object kRepository{{"provider_type", "github"},
                               {"provider_account_id", "2002"},
                               {"provider_account_name", "acme"},
                               {"repo_id", "4711"},
                               {"repo_name", "shop"}};

std::string file_of(const std::vector<Resource>& resources) {
  return json::serialize(set_up_json({resources, {}}));
}
std::string refusal(const std::vector<Resource>& resources) {
  const Result<AccountSetUp> read = read_set_up(file_of(resources));
  return read ? "taken" : read.error().message;
}

TEST(SetUpFile, IsReadAsItWasWritten) {
  const AccountSetUp whole{{{"worker", "shop", {{"workers_dev", true}}},
                            {"repository", "acme/shop", kRepository},
                            {"trigger", "shop/Deploy main", kTrigger},
                            {"variable",
                             "shop/Deploy main/KEY",
                             {{"trigger", "shop/Deploy main"}, {"key", "KEY"}, {"is_secret", true}}}},
                           {{"sink", "ops", "its address is a secret", {"kiln", "sinks", "add", "ops"}}}};
  const Result<AccountSetUp> read = read_set_up(json::serialize(set_up_json(whole)));
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(set_up_json(*read), set_up_json(whole));
}

TEST(SetUpFile, PutsWhatIsReferredToFirst) {
  const Result<AccountSetUp> read = read_set_up(file_of({{"trigger", "shop/Deploy main", kTrigger},
                                                         {"repository", "acme/shop", kRepository},
                                                         {"worker", "shop", {}}}));
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->resources.front().type, "worker");
  EXPECT_EQ(read->resources.back().type, "trigger");
}

TEST(SetUpFile, RefusesWhatIsNoneNamingIt) {
  EXPECT_EQ(read_set_up("{}").error().message, "it is nothing that `kiln export` prints");
  EXPECT_EQ(read_set_up(R"({"format":"kiln-set-up","version":2,"resources":[]})").error().message,
            "it is of another version of Kiln: export it again");
  EXPECT_EQ(read_set_up(R"({"format":"kiln-set-up","version":1,"resources":{}})").error().message,
            "it has no list of resources");
  EXPECT_EQ(read_set_up(R"({"format":"kiln-set-up","version":1,"resources":[3]})").error().message,
            "resource 1 is no object");
  EXPECT_EQ(refusal({{"worker", "", {}}}), "resource 1 has no type or no name");
  EXPECT_EQ(refusal({{"house", "shop", {}}}), "house shop: there is no such type of resource");
  EXPECT_EQ(refusal({{"worker", "shop", {{"colour", "red"}}}}), "worker shop: it has no attribute colour");
  EXPECT_EQ(refusal({{"worker", "shop", {{"workers_dev", "yes"}}}}),
            "worker shop: workers_dev is not true or false");
  EXPECT_EQ(refusal({{"worker", "shop", {}}, {"worker", "shop", {}}}), "two resources are the worker shop");
  EXPECT_EQ(refusal({{"trigger", "t", kTrigger}}),
            "trigger t names the worker shop, which is not in the file");
  EXPECT_EQ(refusal({{"deploy_hook", "h", {{"worker", "shop"}}}}),
            "deploy_hook h: deploy_hook_name is missing");
}

TEST(SetUpFile, HasTheValuesOfPlainVariablesAlone) {
  const auto variable = [](json::object more) {
    more["trigger"] = "t";
    more["key"] = "KEY";
    return Resource{"variable", "t/KEY", std::move(more)};
  };
  EXPECT_EQ(refusal({variable({{"is_secret", true}, {"value", "s"}})}),
            "variable t/KEY: a secret's value does not stand in the file");
  EXPECT_EQ(refusal({variable({{"is_secret", false}})}), "variable t/KEY: value is missing");
}

}  // namespace
}  // namespace kiln::cli
