#include "api/builds/seed_body.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>

namespace kiln::api::builds {
namespace {

namespace json = boost::json;

json::object body(std::initializer_list<std::pair<const char*, json::value>> changes = {}) {
  json::object object = {{"provider", "github"},
                         {"owner", "acme"},
                         {"repository", "templates"},
                         {"branch", "main"},
                         {"path", "/hello/"}};
  for (const auto& [name, value] : changes) object[name] = value;
  return object;
}

Result<SeedBody> read(const json::object& object, bool is_admin = false) {
  const http::Request request;
  model::Principal who;
  who.is_admin = is_admin;
  return read_seed({request, who, {}}, object);
}

std::string refused(const json::object& object) {
  const Result<SeedBody> read_body = read(object);
  if (read_body) return "accepted";
  EXPECT_EQ(read_body.error().code, Errc::invalid);
  return read_body.error().field;
}

TEST(SeedRepoBody, IsReadAsTheClientSendsIt) {
  const Result<SeedBody> seed = read(body({{"later", 1}}));
  ASSERT_TRUE(seed) << seed.error().message;
  EXPECT_EQ(seed->seed.source.url, "https://github.com/acme/templates.git");
  EXPECT_EQ(seed->seed.branch, "main");
  EXPECT_EQ(seed->seed.folder, "hello");
  EXPECT_EQ(seed->unknown, std::vector<std::string>{"seed_repo.later"});
  EXPECT_EQ(read(body({{"path", "/"}}))->seed.folder, "");
}

TEST(SeedRepoBody, HasAtMostTwoFiles) {
  const json::object text = {{"filename", "a"}, {"content", "x\ny"}, {"replace", "NAME"}};
  const json::object bytes = {{"filename", "b/c"}, {"content", "AAE="}, {"isBase64", true}};
  const Result<SeedBody> seed = read(body({{"files", json::array{text, bytes}}}));
  ASSERT_TRUE(seed) << seed.error().message;
  ASSERT_EQ(seed->seed.files.size(), 2U);
  EXPECT_EQ(seed->seed.files[0].replace, "NAME");
  EXPECT_EQ(seed->seed.files[1].content, std::string("\0\1", 2));
  EXPECT_EQ(refused(body({{"files", json::array{text, text, text}}})), "seed_repo.files");
  EXPECT_EQ(refused(body({{"files", json::array{text, 1}}})), "seed_repo.files[1]");
  EXPECT_EQ(refused(body({{"files", json::array{{{"content", "x"}}}}})), "seed_repo.files[0].filename");
  const json::object broken = {{"filename", "b"}, {"content", "!"}, {"isBase64", true}};
  EXPECT_EQ(refused(body({{"files", json::array{text, broken}}})), "seed_repo.files[1].content");
}

TEST(SeedRepoBody, CannotPointGitAnywhereElse) {
  for (const char* url : {"ext::sh -c true", "file:///etc", "/etc", "ssh://host/x", "-x", "http://-x/"}) {
    EXPECT_EQ(refused(body({{"clone_url", url}})), "seed_repo.clone_url") << url;
  }
  EXPECT_TRUE(read(body({{"clone_url", "/srv/templates.git"}}), true));
  EXPECT_EQ(refused(body({{"owner", "../evil"}})), "seed_repo.owner");
  EXPECT_EQ(refused(body({{"repository", ".."}})), "seed_repo.repository");
  EXPECT_EQ(refused(body({{"branch", "-x"}})), "seed_repo.branch");
  EXPECT_EQ(refused(body({{"path", "../x"}})), "seed_repo.path");
  EXPECT_EQ(refused(body({{"provider", "ftp"}})), "seed_repo.provider");
  EXPECT_EQ(refused(body({{"provider", "gitea"}})), "seed_repo.clone_url");
}

TEST(SeedRepoBody, NamesWhatIsMissing) {
  for (const char* name : {"provider", "owner", "repository", "branch", "path"}) {
    EXPECT_EQ(refused(body({{name, nullptr}})), std::string("seed_repo.") + name);
  }
}

}  // namespace
}  // namespace kiln::api::builds
