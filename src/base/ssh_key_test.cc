#include "base/ssh_key.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>

#include "base/process.h"
#include "base/strings.h"
#include "testing/fake_entropy.h"
#include "testing/temp_dir.h"

namespace kiln {
namespace {

std::string keygen(std::vector<std::string> arguments) {
  ProcessSpec spec;
  spec.argv = {"ssh-keygen"};
  spec.argv.insert(spec.argv.end(), arguments.begin(), arguments.end());
  spec.environment = {"PATH=/usr/bin:/bin"};
  const Result<ProcessEnd> end = SystemProcesses().run(spec);
  EXPECT_TRUE(end && end->ok()) << (end ? end->err : end.error().message);
  return end ? std::string(trim(end->out)) : std::string();
}

TEST(SshKey, IsOneThatOpensshReadsAndTellsTheSamePublicHalfOf) {
  const testing::TempDir folder;
  testing::FakeEntropy entropy;
  const SshKeyPair pair = make_ssh_key(entropy, "kiln shop");
  const std::filesystem::path file = folder.path() / "key";
  std::ofstream(file) << pair.private_key;
  chmod(file.c_str(), 0600);
  EXPECT_EQ(keygen({"-y", "-f", file.string()}), pair.public_key);
  EXPECT_NE(keygen({"-l", "-f", file.string()}).find(ssh_fingerprint(*parse_ssh_key(pair.public_key))),
            std::string::npos);
}

TEST(SshKey, IsAnotherEachTime) {
  testing::FakeEntropy entropy;
  EXPECT_NE(make_ssh_key(entropy, "x").private_key, make_ssh_key(entropy, "x").private_key);
}

TEST(SshKey, IsReadFromWhatSshKeyscanAndPeopleWrite) {
  testing::FakeEntropy entropy;
  const std::string key = *parse_ssh_key(make_ssh_key(entropy, "someone").public_key);
  EXPECT_EQ(*parse_ssh_key("[git.acme.test]:2222 " + key + "\n"), key);
  EXPECT_EQ(*parse_ssh_key("  git.acme.test   " + key + " a comment"), key);
  EXPECT_EQ(*parse_ssh_key(key), key);
}

TEST(SshKey, RefusesWhatIsNone) {
  testing::FakeEntropy entropy;
  const std::string key = *parse_ssh_key(make_ssh_key(entropy, "x").public_key);
  const std::string blob = key.substr(key.find(' ') + 1);
  for (const std::string& text :
       {std::string(), std::string("ssh-ed25519"), std::string("ssh-ed25519 AAAA"), "ssh-rsa " + blob,
        "@cert-authority * " + key, "a b " + key, std::string("# git.acme.test:22 SSH-2.0-OpenSSH"), blob}) {
    const auto parsed = parse_ssh_key(text);
    ASSERT_FALSE(parsed) << text;
    EXPECT_EQ(parsed.error().code, Errc::invalid);
  }
}

}  // namespace
}  // namespace kiln
