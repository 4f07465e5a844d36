// `kiln verify`: whether an attestation is what the installation signed, in words what it says, and whether
// what answers at a URL is what was attested.
#include <fmt/format.h>

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <memory>

#include "base/ed25519.h"
#include "base/fs.h"
#include "base/ids.h"
#include "cli/asked_url.h"
#include "cli/attestation.h"
#include "cli/commands.h"
#include "cli/deployed.h"
#include "cli/print.h"
#include "cli/secret_file.h"
#include "provenance/envelope.h"

namespace kiln::cli {
namespace {

namespace json = boost::json;

constexpr std::size_t kLargestKey = 64U << 10U;

struct VerifyOptions {
  std::string what;
  std::string key_file;
  std::string version;
};

Judged<std::string> key_in_file(const std::string& file) {
  const Result<std::string> text = read_file(file, kLargestKey);
  if (!text) return refused(text.error());
  Result<std::string> key = parse_ed25519_pem(*text);
  if (!key) return refused(kFailed, fmt::format("{}: {}", file, key.error().message));
  return *std::move(key);
}

// Without --key the server is believed about its own key.
Judged<std::string> key_for(Context& context, const VerifyOptions& options, Server* server) {
  if (!options.key_file.empty()) return key_in_file(options.key_file);
  Judged<std::string> key;
  if (server != nullptr) {
    key = server_key(*server);
  } else {
    Result<Server> found = Server::find(context);
    if (!found)
      return refused(kFailed,
                     "name the installation's public key with --key, as `kiln attest --key` "
                     "prints it; without it the server is asked, and\n" +
                         found.error().message);
    key = server_key(*found);
  }
  if (key)
    context.err << "The key is what the server says it is; --key pins one that you got from elsewhere.\n";
  return key;
}

std::size_t count_of(const provenance::Attested& attested, std::string_view kind) {
  return static_cast<std::size_t>(
      std::count_if(attested.subjects.begin(), attested.subjects.end(),
                    [kind](const provenance::Subject& one) { return one.name.starts_with(kind); }));
}

std::string materials_words(const provenance::Attested& attested) {
  if (attested.lock_file.empty()) return "no lock file is known";
  if (attested.packages == 0) return headline(attested.lock_file, 200);
  return fmt::format("{}: {} packages, {} of them with digests", headline(attested.lock_file, 200),
                     attested.packages, attested.packages_with_digest);
}

std::string words_of(Style style, const provenance::Attested& attested, bool is_compared) {
  const auto row = [](const char* name, std::string text) {
    return Row{{name, Colour::dim}, {std::move(text)}};
  };
  const auto safe = [](const std::string& text) { return headline(text, 300); };
  std::vector<Row> rows = {
      row("version", attested.version),
      row("worker", safe(attested.worker)),
      row("repository", safe(attested.repository)),
      row("commit", fmt::format("{} ({})", safe(attested.commit), safe(attested.branch))),
      row("trigger", fmt::format("{} ({})", safe(attested.trigger), safe(attested.cause))),
      row("build", fmt::format("{} ({})", safe(attested.build), safe(attested.outcome))),
      row("time", fmt::format("{} to {}", safe(attested.started_on), safe(attested.finished_on))),
      row("builder",
          fmt::format("Kiln {}, installation {}", safe(attested.kiln_version), safe(attested.installation))),
      row("made from", materials_words(attested)),
      row("consists of", fmt::format("{} modules, {} assets", count_of(attested, "modules/"),
                                     count_of(attested, "assets/")))};
  if (attested.restricted) rows.push_back(row("note", "a stranger's code, built without secrets"));
  if (is_compared) rows.push_back(row("stored", "is what was attested"));
  return paint(style, Colour::green, "Verified") + "\n" + facts(style, rows);
}

json::object json_of(const provenance::Attested& attested, bool is_compared) {
  return {{"version_id", attested.version},
          {"worker", attested.worker},
          {"repository", attested.repository},
          {"branch", attested.branch},
          {"commit", attested.commit},
          {"trigger", attested.trigger},
          {"cause", attested.cause},
          {"build_uuid", attested.build},
          {"outcome", attested.outcome},
          {"started_on", attested.started_on},
          {"finished_on", attested.finished_on},
          {"installation", attested.installation},
          {"kiln", attested.kiln_version},
          {"restricted", attested.restricted},
          {"lock_file", attested.lock_file},
          {"packages", attested.packages},
          {"subjects", attested.subjects.size()},
          {"stored_is_attested", is_compared ? json::value(true) : json::value(nullptr)}};
}

Judged<void> verify_file(Context& context, const VerifyOptions& options) {
  const Result<std::string> text = text_in(options.what, provenance::kLargestEnvelope);
  if (!text) return refused(text.error());
  const Judged<std::string> key = key_for(context, options, nullptr);
  if (!key) return tl::unexpected(key.error());
  const Judged<provenance::Attested> attested = judge(*text, *key, options.version);
  if (!attested) return tl::unexpected(attested.error());
  if (context.json) {
    context.out << pretty(json_of(*attested, false));
  } else {
    context.out << words_of(context.style, *attested, false);
  }
  return {};
}

Judged<provenance::Attested> verify_version(Server& server, const std::string& account,
                                            const std::string& version, const std::string& key) {
  const Judged<json::value> answer = attestation_of(server, account, version);
  if (!answer) return tl::unexpected(answer.error());
  const Judged<std::string> envelope = envelope_of(*answer);
  if (!envelope) return tl::unexpected(envelope.error());
  Judged<provenance::Attested> attested = judge(*envelope, key, version);
  if (!attested) return attested;
  if (Judged<void> same = compare_stored(server, account, *attested); !same)
    return tl::unexpected(same.error());
  return attested;
}

// Each version that answers there: several share the requests of a gradual deployment.
Judged<void> verify_url(Context& context, const VerifyOptions& options, const AskedUrl& url) {
  Result<Server> server = Server::find(context);
  if (!server) return refused(server.error());
  const Result<json::value> route = route_of(*server, url);
  if (!route) return refused(route.error());
  const Judged<std::string> key = key_for(context, options, &*server);
  if (!key) return tl::unexpected(key.error());
  const std::string account = text_at(*route, "account_id");
  json::array all;
  std::string words;
  if (list_at(*route, "versions").empty())
    return refused(kFailed, "the server's answer names no version that answers there");
  for (const json::value& target : list_at(*route, "versions")) {
    const std::string version = text_at(target, "version_id");
    if (!Uuid::parse(version)) return refused(kFailed, "the server's answer names no version");
    if (!options.version.empty() && options.version != version) {
      return refused(kWrongVersion, fmt::format("version {} answers there, not {}", headline(version, 36),
                                                safe_line(options.version, false)));
    }
    const Judged<provenance::Attested> attested = verify_version(*server, account, version, *key);
    if (!attested) return tl::unexpected(attested.error());
    if (context.json) {
      all.push_back(json_of(*attested, true));
      continue;
    }
    if (const std::string share = percent_words(target); share != "100 %" && share != "?")
      words += share + " of requests\n";
    words += words_of(context.style, *attested, true);
  }
  context.out << (context.json ? pretty(all) : words);
  return {};
}

Status verify(Context& context, VerifyOptions options) {
  if (!options.version.empty()) {
    const std::optional<Uuid> version = Uuid::parse(options.version);
    if (!version)
      return fail(Errc::invalid, "--version-id takes a version's whole id; kiln versions shows it");
    options.version = version->str();
  }
  const bool is_url = options.what.find("://") != std::string::npos;
  const auto url = is_url ? parse_asked(options.what) : std::nullopt;
  if (is_url && !url)
    return fail(Errc::invalid,
                "that URL has no host as Workers have it: a name with a dot, and no user before it");
  const Judged<void> judged = url ? verify_url(context, options, *url) : verify_file(context, options);
  if (judged) return {};
  context.out.flush();
  context.err << "kiln: " << judged.error().words << '\n';
  context.exit_code = judged.error().exit_code;
  return {};
}

}  // namespace

void add_verify(CLI::App& app, Context& context) {
  CLI::App* command = app.add_subcommand(
      "verify", "Verify how a version was made: of an attestation, or of what answers at a URL");
  const auto options = std::make_shared<VerifyOptions>();
  command
      ->add_option("FILE|URL", options->what,
                   "What kiln attest printed (- reads standard input), or where a Worker answers")
      ->required();
  command
      ->add_option("--key", options->key_file,
                   "The installation's public key in PEM (else the server is asked)")
      ->type_name("FILE");
  command->add_option("--version-id", options->version, "The version that it must be")->type_name("VERSION");
  finish_command(*command, context, [&context, options] { return verify(context, *options); });
}

}  // namespace kiln::cli
