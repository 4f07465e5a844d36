// What the runtime says of scripts that do not start.
#include "serving/exports.h"
#include "serving/test_ground.h"

namespace kiln::serving {
namespace {

struct Trials {
  TestGround ground;
  Engine engine = test_engine();

  Result<workers::Started> validate(const std::string& code, model::Version version = {},
                                    const workers::Secrets& secrets = {}) {
    if (version.compatibility_date.empty()) version.compatibility_date = "2026-01-01";
    version.main_module = "index.js";
    version.modules.push_back({"index.js", kEsm, {}, code.size()});
    const std::vector<workers::Part> program{{"index.js", "index.js", kEsm, code}};
    return WorkerdValidator(engine, ground.folder).validate({version, program, secrets});
  }
  // The message, or "started".
  std::string words(const std::string& code, model::Version version = {}) {
    const Result<workers::Started> took = validate(code, std::move(version));
    if (took) return "started";
    EXPECT_EQ(took.error().code, Errc::script_invalid) << took.error().message;
    return took.error().message;
  }
};

TEST(Validator, MeasuresTheStartOfAGoodScript) {
  KILN_NEEDS_WORKERD();
  Trials trials;
  const Result<workers::Started> took =
      trials.validate("export default { fetch() { return new Response('x') } }");
  ASSERT_TRUE(took) << took.error().message;
  EXPECT_GT(took->ms, 1);
  EXPECT_TRUE(std::filesystem::is_empty(trials.ground.folder));
}

TEST(Validator, GivesTheRuntimesOwnWords) {
  KILN_NEEDS_WORKERD();
  Trials trials;
  EXPECT_EQ(trials.words("console.log(1; export default {}"),
            "Uncaught SyntaxError: missing ) after argument list\n  at index.js:1:12\n");
  const std::string thrown = trials.words("console.error('first');\nthrow new Error('boom at startup')");
  EXPECT_EQ(thrown.rfind("Uncaught Error: boom at startup\n  at index.js:2:7", 0), 0U) << thrown;
  const std::string missing = trials.words("import x from './missing.js'; export default {}");
  EXPECT_NE(missing.find("missing.js"), std::string::npos) << missing;
  EXPECT_EQ(missing.find("service "), std::string::npos) << missing;
  model::Version newest;
  newest.compatibility_date = "2099-01-01";
  EXPECT_NE(trials.words("export default {}", newest).find("compatibility date"), std::string::npos);
  model::Version flags;
  flags.compatibility_flags_json = R"(["no_such_flag"])";
  EXPECT_NE(trials.words("export default {}", flags).find("no_such_flag"), std::string::npos);
  EXPECT_TRUE(std::filesystem::is_empty(trials.ground.folder));
}

TEST(Validator, RefusesExperimentalAndUnsafeFlagsByName) {
  KILN_NEEDS_WORKERD();
  Trials trials;
  model::Version version;
  version.compatibility_flags_json = R"(["nodejs_compat","unsafe_module","experimental"])";
  for (const bool has_assets : {false, true}) {
    version.has_assets = has_assets;
    const Result<workers::Started> took = trials.validate("export default {}", version);
    ASSERT_FALSE(took);
    EXPECT_EQ(took.error().code, Errc::script_invalid);
    EXPECT_EQ(took.error().field, "compatibility_flags");
    EXPECT_NE(took.error().message.find("'unsafe_module', 'experimental' are experimental"),
              std::string::npos)
        << took.error().message;
    EXPECT_EQ(took.error().message.find("nodejs_compat"), std::string::npos) << took.error().message;
  }
  version.compatibility_flags_json = R"(["nodejs_compat"])";
  EXPECT_EQ(trials.words("export default {}", version), "started")
      << "with assets, which need the experiment";
}

TEST(Validator, LimitsTheStart) {
  KILN_NEEDS_WORKERD();
  Trials trials;
  trials.engine.start_ms = 1500;
  EXPECT_EQ(trials.words("for (;;) {}"), "Script startup exceeded the limit of 1500 ms.");
}

TEST(Validator, LimitsMemory) {
  KILN_NEEDS_WORKERD();
  Trials trials;
  trials.engine.memory_bytes = std::size_t{256} << 20U;
  const std::string words = trials.words(
      "const all = []; for (let i = 0; i < 2000; ++i) all.push(new Uint8Array(1 << 20).fill(1));\n"
      "export default {}");
  EXPECT_NE(words, "started");
}

TEST(Validator, LetsAScriptReachNothingWhileItStarts) {
  KILN_NEEDS_WORKERD();
  Trials trials;
  EXPECT_NE(trials.words("await fetch('http://192.0.2.1/'); export default {}"), "started");
}

TEST(Validator, SaysWhatToInstall) {
  Trials trials;
  trials.engine.workerd = [] { return "/nowhere/workerd"; };
  const Result<workers::Started> took = trials.validate("export default {}");
  ASSERT_FALSE(took);
  EXPECT_EQ(took.error().code, Errc::unavailable);
  EXPECT_NE(took.error().message.find("/nowhere/workerd"), std::string::npos);
}

TEST(Validator, FindsTheEntrypointsThatAScriptExports) {
  KILN_NEEDS_WORKERD();
  Trials trials;
  const Result<workers::Started> took = trials.validate(
      "import { WorkerEntrypoint, DurableObject } from 'cloudflare:workers';\n"
      "class Base extends WorkerEntrypoint {}\n"
      "export class Admin extends Base { who() {} }\n"
      "export class Kept extends DurableObject {}\n"
      "export const plain = { fetch() {} }, settings = { a: 1 }, list = [() => 1];\n"
      "export function helper() {}\n"
      "export default { fetch() {} };");
  ASSERT_TRUE(took) << took.error().message;
  EXPECT_EQ(took->entrypoints, (std::vector<std::string>{"Admin", "plain"}));
  EXPECT_NE(trials.words("export const a = 1; throw new Error('early')").find("early"), std::string::npos);
}

TEST(Exports, AreLookedForWhereThereMayBeSome) {
  for (const char* none :
       {"export default {}", "export default class extends X {}", "const exports = 1; exported()",
        "export {\n  index_default as default\n};\n", "export{ a as default , }; export default b"}) {
    EXPECT_FALSE(may_export_entrypoints(none)) << none;
  }
  for (const char* some :
       {"export class A {}", "export const a = 1", "export * from './b.js'",
        "export {\n  Admin,\n  index_default as default\n};", "x; export{a as default,b}"}) {
    EXPECT_TRUE(may_export_entrypoints(some)) << some;
  }
  EXPECT_TRUE(listed_in("kiln-entrypoints {\"a\": 1}\n").empty());
  EXPECT_TRUE(listed_in("no mark").empty());
}

}  // namespace
}  // namespace kiln::serving
