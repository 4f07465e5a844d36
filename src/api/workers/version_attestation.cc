#include "api/workers/version_attestation.h"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <system_error>

#include "api/error_table.h"
#include "base/ed25519.h"
#include "provenance/envelope.h"
#include "workers/stored_subjects.h"

namespace kiln::api {
namespace {

namespace json = boost::json;

tl::unexpected<Error> no_such_version(const std::string& id) {
  return fail(Errc::not_found, "there is no version " + id + " here.");
}

// Whoever is let in by a build's token sees that build's Worker alone.
bool may_see(const Call& call, const std::string& worker_name) {
  return !call.who.build || call.who.build->worker_name == worker_name;
}

Result<store::Attestation> attestation_of(const AttestationDeps& deps, const Call& call) {
  const std::string id = call.request.param("version_id");
  const std::optional<Uuid> version = Uuid::parse(id);
  if (!version) return no_such_version(id);
  Result<store::Attestation> found = deps.attestations.attestation(call.account_id, *version);
  const bool is_hidden = found && !may_see(call, found->worker_name);
  if (is_hidden || (!found && found.error().code == Errc::version_not_found)) return no_such_version(id);
  return found;
}

// Why there is none, in a word.
std::string_view state_of(const store::Attestation& found) {
  if (!found.envelope.empty()) return "attested";
  if (!found.build) return "uploaded_by_hand";
  return found.build_is_over ? "not_attested" : "build_running";
}

Result<http::Reply> get_attestation(const AttestationDeps& deps, const Call& call) {
  const Result<store::Attestation> found = attestation_of(deps, call);
  if (!found) return tl::unexpected<Error>(found.error());
  json::value envelope = nullptr;
  if (!found->envelope.empty()) {
    boost::system::error_code error;
    envelope = json::parse(found->envelope, error);
    if (error) return fail(Errc::corrupt, "a stored attestation is damaged");
  }
  return success_response(
      json::object{{"version_id", found->version.str()},
                   {"worker", found->worker_name},
                   {"build_uuid", found->build ? json::value(found->build->str()) : json::value(nullptr)},
                   {"state", state_of(*found)},
                   {"envelope", std::move(envelope)}});
}

Result<http::Reply> get_stored(const AttestationDeps& deps, const Call& call) {
  const Result<store::Attestation> found = attestation_of(deps, call);
  if (!found) return tl::unexpected<Error>(found.error());
  const Result<workers::StoredVersion> stored =
      workers::stored_subjects(deps.versions, deps.blobs, found->version);
  // Its Worker was deleted.
  if (!stored && stored.error().code == Errc::version_not_found) return no_such_version(found->version.str());
  if (!stored) return tl::unexpected<Error>(stored.error());
  json::array subjects;
  subjects.reserve(stored->subjects.size());
  for (const provenance::Subject& subject : stored->subjects) {
    subjects.push_back(json::object{
        {"name", subject.name},
        {"sha256", subject.sha256.empty() ? json::value(nullptr) : json::value(subject.sha256)}});
  }
  return success_response(json::object{{"version_id", found->version.str()},
                                       {"worker", stored->worker_name},
                                       {"subjects", std::move(subjects)}});
}

Result<http::Reply> get_key(const AttestationDeps& deps) {
  const Result<std::string> key = deps.attestations.public_key();
  if (!key) return tl::unexpected<Error>(key.error());
  return success_response(json::object{
      {"key_id", provenance::key_id(*key)}, {"algorithm", "ed25519"}, {"public_key", ed25519_pem(*key)}});
}

}  // namespace

void add_attestation_routes(http::Router& router, const Gate& gate, const AttestationDeps& deps) {
  const std::string version = "/kiln/v1/accounts/{account_id}/versions/{version_id}";
  router.add("GET", version + "/attestation", {}, gate.guard(Needs::scripts_read, [deps](const Call& call) {
    return get_attestation(deps, call);
  }));
  router.add("GET", version + "/stored", {.work = http::Work::upload},
             gate.guard(Needs::scripts_read, [deps](const Call& call) { return get_stored(deps, call); }));
  router.add("GET", "/kiln/v1/attestation_key", {},
             gate.guard(Needs::any, [deps](const Call& /*call*/) { return get_key(deps); }));
}

}  // namespace kiln::api
