#include <gtest/gtest.h>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "base/hash.h"
#include "base/hex.h"
#include "provenance/envelope.h"
#include "provenance/reading.h"
#include "provenance/statement.h"

namespace kiln::provenance {
namespace {

namespace json = boost::json;

const std::string kHash = sha256_hex("export default {}");

struct Built {
  Built() {
    build.uuid = *Uuid::parse("11112222-3333-4444-8555-666677778888");
    build.account_id = std::string(32, 'a');
    build.worker_tag = std::string(32, 'b');
    build.trigger_uuid = *Uuid::parse("21112222-3333-4444-8555-666677778888");
    build.outcome = model::BuildOutcome::success;
    build.initializing_on = 1'767'323'045'678;
    build.stopped_on = 1'767'323'055'678;
    build.metadata.branch = "main";
    build.metadata.commit_hash = std::string(40, 'c');
    build.metadata.build_command = "npm run build -- --key=hush";
    build.metadata.deploy_command = "npx wrangler deploy";
    trigger.name = "Deploy main";
    trigger.connection.clone_url = "https://git.example.test/acme/shop.git";
    version.id = *Uuid::parse("31112222-3333-4444-8555-666677778888");
    version.main_module = "index.js";
    version.compatibility_date = "2026-01-01";
    version.modules = {{"index.js", "application/javascript+module", kHash, 17}};
    version.assets = {{"/a b.html", "0123", 3}, {"/gone.html", "4567", 3}};
    materials.lock_file = "package-lock.json";
    materials.lock_sha256 = kHash;
    materials.packages = {{"@scope/a", "1.0.0+b", "sha512-" + to_base64(std::string(64, 'x'))},
                          {"b", "2.0.0", "sha512-short"}};
    materials.packages_named = 5;
  }
  [[nodiscard]] std::vector<Subject> subjects() const {
    return subjects_of(version, {{"0123", kHash}}, [](const std::string& blob) { return blob; });
  }
  [[nodiscard]] BuildFacts facts() const { return {build, trigger, "shop", 2, tools, materials}; }
  [[nodiscard]] std::string statement() const {
    return statement_text(facts(), {key_id(key.public_key()), "1.2.3"}, subjects());
  }

  model::Build build;
  model::Trigger trigger;
  model::Version version;
  model::Materials materials;
  std::vector<model::ToolUsed> tools = {{"nodejs", "22.1.0"}};
  Ed25519Key key = *Ed25519Key::of_seed(std::string(32, 'k'));
};

TEST(Provenance, EncodesWhatIsSignedAsTheSpecificationsExampleDoes) {
  EXPECT_EQ(pre_authentication("http://example.com/HelloWorld", "hello world"),
            "DSSEv1 29 http://example.com/HelloWorld 11 hello world");
}

TEST(Provenance, SaysWhatWasBuiltFromWhat) {
  const Built built;
  const auto read = read_statement(built.statement());
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->version, built.version.id.str());
  EXPECT_EQ(read->worker, "shop");
  EXPECT_EQ(read->repository, "git+https://git.example.test/acme/shop.git");
  EXPECT_EQ(read->commit, built.build.metadata.commit_hash);
  EXPECT_EQ(read->branch, "main");
  EXPECT_EQ(read->trigger, "Deploy main");
  EXPECT_EQ(read->build, built.build.uuid.str());
  EXPECT_EQ(read->outcome, "success");
  EXPECT_EQ(read->finished_on, "2026-01-02T03:04:15.678Z");
  EXPECT_EQ(read->installation, key_id(built.key.public_key()));
  EXPECT_EQ(read->kiln_version, "1.2.3");
  EXPECT_EQ(read->lock_file, "package-lock.json");
  EXPECT_EQ(read->lock_sha256, kHash);
  EXPECT_EQ(read->packages, 2U);
  EXPECT_EQ(read->packages_with_digest, 1U);
  ASSERT_EQ(read->subjects.size(), 3U);  // what was missing is not attested
  EXPECT_EQ(read->subjects[1], (Subject{"modules/index.js", kHash}));
  EXPECT_EQ(read->subjects[2], (Subject{"assets/a b.html", kHash}));
}

TEST(Provenance, TellsOfCommandsOnlyTheirDigests) {
  const Built built;
  const std::string text = built.statement();
  EXPECT_EQ(text.find("hush"), std::string::npos);
  EXPECT_NE(text.find(sha256_hex(built.build.metadata.build_command)), std::string::npos);
  EXPECT_NE(text.find(sha256_hex("npx wrangler deploy")), std::string::npos);
}

TEST(Provenance, NamesPackagesAndRepositoriesByTheirAddresses) {
  EXPECT_EQ(npm_uri({"@scope/a", "1.0.0+b", ""}), "pkg:npm/%40scope/a@1.0.0%2Bb");
  EXPECT_EQ(repository_uri("/srv/git/a b.git"), "git+file:///srv/git/a%20b.git");
  EXPECT_EQ(repository_uri("git@git.example.test:acme/shop.git"),
            "git+ssh://git@git.example.test/acme/shop.git");
  EXPECT_EQ(repository_uri("https://me:hush@git.example.test/x.git"), "git+https://git.example.test/x.git");
}

TEST(Provenance, TheSameFactsMakeTheSameEnvelope) {
  EXPECT_EQ(sign_statement(Built().statement(), Built().key),
            sign_statement(Built().statement(), Built().key));
}

TEST(Provenance, OpensWithTheKeyThatSignedItAlone) {
  const Built built;
  const std::string envelope = sign_statement(built.statement(), built.key);
  EXPECT_EQ(open_envelope(envelope, built.key.public_key()).value(), built.statement());
  const Ed25519Key other = *Ed25519Key::of_seed(std::string(32, 'o'));
  EXPECT_EQ(open_envelope(envelope, other.public_key()).error(), Flaw::another_key);
}

std::string changed(const std::string& envelope, const std::function<void(json::object&)>& change) {
  json::object object = json::parse(envelope).as_object();
  change(object);
  return json::serialize(object);
}

TEST(Provenance, RefusesAChangedPayloadSignatureAndType) {
  const Built built;
  const std::string envelope = sign_statement(built.statement(), built.key);
  const auto flaw_after = [&](const std::function<void(json::object&)>& change) {
    return open_envelope(changed(envelope, change), built.key.public_key()).error();
  };
  EXPECT_EQ(flaw_after([](json::object& o) { o["payload"] = to_base64("{}"); }), Flaw::not_verified);
  EXPECT_EQ(flaw_after([](json::object& o) {
              o["signatures"].as_array()[0].as_object()["sig"] = to_base64(std::string(64, 's'));
            }),
            Flaw::not_verified);
  EXPECT_EQ(flaw_after([](json::object& o) { o["signatures"].as_array()[0].as_object().erase("sig"); }),
            Flaw::not_verified);
  EXPECT_EQ(flaw_after([](json::object& o) { o["payloadType"] = "text/plain"; }), Flaw::unreadable);
  EXPECT_EQ(flaw_after([](json::object& o) { o["signatures"] = json::array(); }), Flaw::another_key);
  EXPECT_EQ(open_envelope("", built.key.public_key()).error(), Flaw::unreadable);
  EXPECT_EQ(open_envelope("[]", built.key.public_key()).error(), Flaw::unreadable);
}

TEST(Provenance, FindsTheRightOneAmongSeveralSignatures) {
  const Built built;
  const std::string envelope = changed(sign_statement(built.statement(), built.key), [](json::object& o) {
    json::array& all = o["signatures"].as_array();
    all.insert(all.begin(), json::object{{"keyid", "another"}, {"sig", "AAAA"}});
    all.insert(all.begin(), json::value(7));
    all.back().as_object().erase("keyid");
  });
  EXPECT_TRUE(open_envelope(envelope, built.key.public_key()));
}

TEST(Provenance, ReadsNoStatementOfAnotherKind) {
  const std::string good = Built().statement();
  EXPECT_FALSE(read_statement("{}"));
  EXPECT_FALSE(read_statement("null"));
  for (const auto& [from, to] :
       {std::pair("Statement/v1", "Statement/v0.1"), std::pair("provenance/v1", "provenance/v0.2"),
        std::pair("kiln:build/v1", "other"), std::pair("kiln:installation/", "other:"),
        std::pair("version/3", "version/x"), std::pair("\"version/", "\"versions/"),
        std::pair("modules/index.js", ""), std::pair("\"modules/index.js\"", "7")}) {
    std::string other = good;
    other.replace(other.find(from), std::string_view(from).size(), to);
    EXPECT_FALSE(read_statement(other)) << to;
  }
}

TEST(Provenance, SettingsCountAsAPartOfTheVersion) {
  Built built;
  built.version.assets.pop_back();
  const std::vector<Subject> before = built.subjects();
  built.version.bindings_json = R"([{"type":"plain_text","name":"A","text":"b"}])";
  const std::vector<Difference> found = differences(before, built.subjects());
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].kind, Difference::Kind::changed);
  EXPECT_EQ(found[0].name, version_subject(built.version.id));
}

TEST(Provenance, TellsChangedMissingAndAddedPartsApart) {
  const auto found = differences({{"a", "1"}, {"b", "2"}, {"c", "3"}, {"d", "4"}},
                                 {{"a", "1"}, {"b", "x"}, {"c", ""}, {"e", "5"}, {"f", ""}});
  ASSERT_EQ(found.size(), 4U);
  EXPECT_EQ(found[0].kind, Difference::Kind::changed);
  EXPECT_EQ(found[1].kind, Difference::Kind::missing);
  EXPECT_EQ(found[2].name, "d");
  EXPECT_EQ(found[3].kind, Difference::Kind::added);
  EXPECT_TRUE(differences({{"a", "1"}}, {{"a", "1"}}).empty());
}

}  // namespace
}  // namespace kiln::provenance
