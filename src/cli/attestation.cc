#include "cli/attestation.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/serialize.hpp>

#include "base/ed25519.h"
#include "cli/print.h"
#include "provenance/envelope.h"

namespace kiln::cli {
namespace {

constexpr std::size_t kDifferencesShown = 10;

std::string version_path(const std::string& account, const std::string& version, const char* what) {
  return fmt::format("/kiln/v1/accounts/{}/versions/{}/{}", url_part(account), url_part(version), what);
}

std::string_view words_for(provenance::Difference::Kind kind) {
  switch (kind) {
    case provenance::Difference::Kind::changed:
      return "has changed";
    case provenance::Difference::Kind::missing:
      return "is missing";
    case provenance::Difference::Kind::added:
      return "was added";
  }
  return {};
}

// "version/<id>" stands for all that a version says beside its files.
std::string part_words(const std::string& name) {
  return name.starts_with("version/") ? "how the version is run" : safe_line(name, false);
}

}  // namespace

tl::unexpected<Refusal> refused(int exit_code, std::string words) {
  return tl::unexpected<Refusal>(Refusal{exit_code, std::move(words)});
}

tl::unexpected<Refusal> refused(const Error& error) {
  return refused(kFailed, error.message);
}

Judged<boost::json::value> attestation_of(Server& server, const std::string& account,
                                          const std::string& version) {
  Result<boost::json::value> answer = server.get(version_path(account, version, "attestation"));
  if (!answer) return refused(answer.error());
  return *std::move(answer);
}

Judged<std::string> envelope_of(const boost::json::value& answer) {
  const boost::json::value* envelope = member(answer, "envelope");
  if (envelope != nullptr && envelope->is_object()) return boost::json::serialize(*envelope);
  const std::string version = headline(text_at(answer, "version_id"), 36);
  const std::string state = text_at(answer, "state");
  if (state == "uploaded_by_hand") {
    return refused(
        kNotAttested,
        fmt::format("version {} has no attestation: no build made it, it was uploaded by hand", version));
  }
  if (state == "build_running") {
    return refused(kNotAttested,
                   fmt::format("version {} has no attestation yet: it is made when the build {} stops",
                               version, headline(text_at(answer, "build_uuid"), 36)));
  }
  return refused(kNotAttested, fmt::format("version {} has no attestation: its build stopped before this "
                                           "server made any, or the key that signs was damaged",
                                           version));
}

Judged<std::string> server_key(Server& server) {
  const Result<boost::json::value> answer = server.get("/kiln/v1/attestation_key");
  if (!answer) return refused(answer.error());
  Result<std::string> key = parse_ed25519_pem(text_at(*answer, "public_key"));
  if (!key) return refused(kFailed, "the server's answer holds no key: " + key.error().message);
  return *std::move(key);
}

Judged<provenance::Attested> judge(std::string_view envelope, std::string_view public_key,
                                   const std::string& version) {
  const auto statement = provenance::open_envelope(envelope, public_key);
  if (!statement) {
    switch (statement.error()) {
      case provenance::Flaw::unreadable:
        return refused(kUnreadable, "this is no attestation: it is no DSSE envelope of an in-toto statement");
      case provenance::Flaw::another_key:
        return refused(kWrongKey,
                       fmt::format("another key signed this, not {}", provenance::key_id(public_key)));
      case provenance::Flaw::not_verified:
        return refused(kNotVerified,
                       "its signature is not of this key over what it says: it was changed since, or another "
                       "key signed it");
    }
  }
  Result<provenance::Attested> attested = provenance::read_statement(*statement);
  if (!attested)
    return refused(kUnreadable, "this is no attestation of Kiln's, though it is signed by the key: " +
                                    safe_line(attested.error().message, false));
  if (!version.empty() && attested->version != version) {
    return refused(kWrongVersion, fmt::format("this attests version {}, not {}", attested->version,
                                              safe_line(version, false)));
  }
  return *std::move(attested);
}

Judged<void> compare_stored(Server& server, const std::string& account,
                            const provenance::Attested& attested) {
  const Result<boost::json::value> answer = server.get(version_path(account, attested.version, "stored"));
  if (!answer) return refused(answer.error());
  std::vector<provenance::Subject> stored;
  for (const boost::json::value& one : list_at(*answer, "subjects"))
    stored.push_back({text_at(one, "name"), text_at(one, "sha256")});
  const std::vector<provenance::Difference> found = provenance::differences(attested.subjects, stored);
  if (found.empty()) return {};
  std::string words = fmt::format("what is stored of version {} is not what was attested:", attested.version);
  for (std::size_t i = 0; i < std::min(found.size(), kDifferencesShown); ++i)
    words += fmt::format("\n  {} {}", part_words(found[i].name), words_for(found[i].kind));
  if (found.size() > kDifferencesShown)
    words += fmt::format("\n  and {} more", found.size() - kDifferencesShown);
  return refused(kNotAsAttested, std::move(words));
}

}  // namespace kiln::cli
