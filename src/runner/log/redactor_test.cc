#include "runner/log/redactor.h"

#include <gtest/gtest.h>

#include <random>

#include "base/hex.h"

namespace kiln::runner {
namespace {

std::string in_pieces(const Secrets& secrets, std::string_view text, std::mt19937& random) {
  Redactor redactor(secrets);
  std::string out;
  while (!text.empty()) {
    const std::size_t size = std::min<std::size_t>(text.size(), 1 + random() % 7);
    redactor.write(text.substr(0, size), out);
    text.remove_prefix(size);
  }
  redactor.finish(out);
  return out;
}

TEST(Redactor, MasksASecretAndLeavesTheRest) {
  const Secrets secrets({"hunter22"});
  EXPECT_EQ(secrets.mask("pw=hunter22; hunter2 hunter22hunter22!"), "pw=***; hunter2 ***!");
  EXPECT_EQ(secrets.mask(""), "");
  EXPECT_EQ(secrets.mask("hunter2"), "hunter2");
}

TEST(Redactor, MasksOverlappingSecretsWhole) {
  const Secrets secrets({"abcdef", "defghi", "bcde"});
  EXPECT_EQ(secrets.mask("xabcdefghiy"), "x***y");
  EXPECT_EQ(secrets.mask("abcd bcde"), "abcd ***");
}

TEST(Redactor, HoldsBackWhatMayBecomeASecret) {
  const Secrets secrets({"topsecret"});
  Redactor redactor(secrets);
  std::string out;
  redactor.write("say tops", out);
  EXPECT_EQ(out, "say ");
  redactor.write("ecre", out);
  EXPECT_EQ(out, "say ");
  redactor.write("t.", out);
  EXPECT_EQ(out, "say ***.");
}

TEST(Redactor, MasksEncodedForms) {
  const std::string secret = "p@ss/w\"rd+long enough=1";
  const Secrets secrets({secret});
  EXPECT_EQ(secrets.mask(to_base64(secret)), "***");
  const std::string basic = secrets.mask(to_base64("user:" + secret));
  EXPECT_EQ(from_base64(basic), std::nullopt) << basic;
  EXPECT_NE(basic.find("***"), basic.npos);
  EXPECT_LT(basic.size(), 18U) << "only the characters mixed with the neighbours may stay: " << basic;
  EXPECT_EQ(secrets.mask("?t=p%40ss%2Fw%22rd%2Blong%20enough%3D1&x"), "?t=***&x");
  EXPECT_EQ(secrets.mask(R"({"t":"p@ss/w\"rd+long enough=1"})"), R"({"t":"***"})");
}

TEST(Redactor, MasksHexAndBase32) {
  const Secrets secrets({"p@ss/w\"rd+long enough=1"});
  for (const std::string shown :
       {"704073732f772272642b6c6f6e6720656e6f7567683d31", "704073732F772272642B6C6F6E6720656E6F7567683D31",
        "70 40 73 73 2f 77 22 72 64 2b 6c 6f 6e 67 20 65 6e 6f 75 67 68 3d 31",
        "70:40:73:73:2F:77:22:72:64:2B:6C:6F:6E:67:20:65:6E:6F:75:67:68:3D:31",
        "OBAHG4ZPO4RHEZBLNRXW4ZZAMVXG65LHNA6TC", "obahg4zpo4rhezblnrxw4zzamvxg65lhna6tc"}) {
    EXPECT_EQ(secrets.mask("<" + shown + ">"), "<***>");
  }
  EXPECT_EQ(
      secrets.mask(
          R"(\x70\x40\x73\x73\x2f\x77\x22\x72\x64\x2b\x6c\x6f\x6e\x67\x20\x65\x6e\x6f\x75\x67\x68\x3d\x31)"),
      R"(\x***)");
  EXPECT_LT(secrets.mask("OBAHG4ZPO4RHEZBLNRXW4ZZAMVXG65LHNA6TC6T2").size(), 17U)
      << "only what is mixed with the neighbours may stay";
  EXPECT_LT(secrets.mask("MFYEA43TF53SE4TEFNWG63THEBSW433VM5UD2ML2PI======").size(), 17U)
      << "only what is mixed with the neighbours may stay";
  EXPECT_LT(secrets.mask("MFRHAQDTOMXXOITSMQVWY33OM4QGK3TPOVTWQPJRPJ5A====").size(), 17U)
      << "only what is mixed with the neighbours may stay";
  EXPECT_LT(secrets.mask("MFRGG4CAONZS65ZCOJSCW3DPNZTSAZLON52WO2B5GF5HU===").size(), 17U)
      << "only what is mixed with the neighbours may stay";
  EXPECT_LT(secrets.mask("MFRGGZDQIBZXGL3XEJZGIK3MN5XGOIDFNZXXKZ3IHUYXU6Q=").size(), 17U)
      << "only what is mixed with the neighbours may stay";
  const Secrets longer({"0123456789abcdef0123456789abcdef0123456789abcdef"});
  EXPECT_EQ(longer.mask("303132333435363738396162636465663031323334353637383961626364\n6566303132333435363738"
                        "39616263646566"),
            "***")
      << "xxd -p";
}

TEST(Redactor, MasksASecretThatIsSplitByWhatIsNotShown) {
  const Secrets secrets({"hunter22"});
  const std::string nul(1, '\0');
  for (const std::string& between :
       {nul, std::string("\b"), std::string("\x7f"), std::string("\x1b[2K"), std::string("\x1b]0;title\x07"),
        std::string("\u202e"), std::string("\u200b"), std::string("\ufeff"), std::string("\x1b(B")}) {
    EXPECT_EQ(secrets.mask("pw=hun" + between + "ter" + between + "22."), "pw=***.") << between.substr(1);
  }
  EXPECT_EQ(secrets.mask("pw=h\x1b[31mu\x1b[1;32mnter2\x1b[0m2."), "pw=***\x1b[31m\x1b[1;32m\x1b[0m.");
  EXPECT_EQ(secrets.mask("\x1b[31mhunter22\x1b[0m"), "\x1b[31m***\x1b[0m");
  EXPECT_EQ(secrets.mask("hun\x1b[31mter2\x1b[0m3"), "hun\x1b[31mter2\x1b[0m3")
      << "no secret: all in its order";
  for (const char* swallowed : {"\x1bhunter22", "\x1b[hunter22", "\x1b]hunter22", "\x1b[1;hunter22"})
    EXPECT_EQ(secrets.mask(swallowed).find("unter22"), std::string::npos)
        << "when a sequence takes its beginning";
  std::string every;
  for (const char c : std::string("hunter22")) every += std::string(1, c) + nul;
  EXPECT_EQ(secrets.mask(every), "***") << "UTF-16";
}

TEST(Redactor, MasksASecretThatIsSplitByWhatItBeginsWith) {
  const Secrets secrets({"\ufeffhunter22"});  // as an editor writes a file
  Redactor redactor(secrets);
  std::string out;
  redactor.write("hun", out);
  redactor.write("\ufeff", out);
  redactor.write("ter22.", out);
  redactor.finish(out);
  EXPECT_EQ(out, "***.");
}

TEST(Redactor, DoesNotHoldColoursWithoutBound) {
  const Secrets secrets({"hunter22"});
  Redactor redactor(secrets);
  std::string out;
  std::string colours;
  while (colours.size() < 100'000) colours += "\x1b[31m";
  redactor.write("h" + colours, out);
  redactor.write("unter22 \x1b[31mhunter22", out);
  redactor.finish(out);
  EXPECT_EQ(out, "*** \x1b[31m***") << "colours that hide a secret go when they are many";
}

TEST(Redactor, IsLinearInTheLengthOfASecretThatRepeatsItself) {
  const Secrets secrets({std::string(5'000, 'a'), std::string(4'000, 'a') + "b"});
  const std::string text(4U << 20U, 'a');
  EXPECT_EQ(secrets.mask(text), "***");
}

TEST(Redactor, MasksEachLongLineOfAMultiLineSecret) {
  const Secrets secrets({"-----BEGIN KEY-----\nMIIEvQIBADANBg\n-----END KEY-----\n"});
  EXPECT_EQ(secrets.mask("line: MIIEvQIBADANBg."), "line: ***.");
}

TEST(Redactor, LeavesVeryShortValuesAlone) {
  EXPECT_EQ(Secrets({"1", "on"}).mask("1 on 1"), "1 on 1");
}

// Whatever the cuts, the outcome is that of the uncut text, and no secret is in it.
TEST(Redactor, CutsDoNotMatter) {
  std::mt19937 random(42);
  const std::vector<std::string> values{"aabaa",
                                        "abaab",
                                        "secret-one",
                                        "cret-on",
                                        "\xC3\xBC"
                                        "ber-geheim",
                                        "bbbb"};
  const Secrets secrets(values);
  const std::string alphabet = "aabbsecrt-on \n";
  for (int round = 0; round < 2'000; ++round) {
    std::string text;
    for (std::size_t length = random() % 60; text.size() < length;) {
      if (random() % 6 == 0) {
        text += values[random() % values.size()];
      } else {
        text.push_back(alphabet[random() % alphabet.size()]);
      }
    }
    const std::string whole = secrets.mask(text);
    ASSERT_EQ(in_pieces(secrets, text, random), whole) << text;
    for (const std::string& value : values)
      ASSERT_EQ(whole.find(value), whole.npos) << text << " → " << whole;
  }
}

TEST(Redactor, FindsASecretWhereverItStandsAndHoweverTheStreamIsCut) {
  // Of several lengths, so that the window is that of the shortest; text made of the secrets' own beginnings.
  const std::vector<std::string> values = {"abcd", "abcabcabdabcabcabe", "xyzzyxyzzyxyzzyxyzzy"};
  for (std::size_t count = 1; count <= values.size(); ++count) {
    const Secrets secrets({values.end() - static_cast<std::ptrdiff_t>(count), values.end()});
    for (std::size_t before = 0; before < 40; ++before) {
      const std::string left = std::string("abcabcabxyzzyxyzzy--------------------------").substr(0, before);
      const std::string text = left + " " + values.back() + " and the rest";
      const std::string masked = left + " *** and the rest";
      EXPECT_EQ(secrets.mask(text), masked);
      for (std::size_t cut = 0; cut <= text.size(); ++cut) {
        Redactor redactor(secrets);
        std::string out;
        redactor.write(std::string_view(text).substr(0, cut), out);
        redactor.write(std::string_view(text).substr(cut), out);
        redactor.finish(out);
        ASSERT_EQ(out, masked) << "cut at " << cut;
      }
    }
  }
}

}  // namespace
}  // namespace kiln::runner
