#include "provenance/reading.h"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <map>
#include <system_error>

#include "base/hex.h"
#include "base/ids.h"
#include "provenance/statement.h"

namespace kiln::provenance {
namespace {

namespace json = boost::json;

constexpr std::string_view kVersionSubject = "version/";

// "predicate/runDetails/builder/id"; null where there is nothing.
const json::value* at(const json::object& object, std::string_view path) {
  const json::object* now = &object;
  while (true) {
    const std::size_t slash = path.find('/');
    const json::value* value = now->if_contains(path.substr(0, slash));
    if (slash == path.npos || value == nullptr) return value;
    now = value->if_object();
    if (now == nullptr) return nullptr;
    path.remove_prefix(slash + 1);
  }
}

std::string text_in(const json::object& object, std::string_view path) {
  const json::value* value = at(object, path);
  return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

const json::array& list_in(const json::object& object, std::string_view path) {
  static const json::array none;
  const json::value* value = at(object, path);
  return value != nullptr && value->is_array() ? value->get_array() : none;
}

bool is_sha256(const std::string& text) {
  const auto bytes = from_hex(text);
  return bytes && bytes->size() == 32;
}

Status read_subjects(const json::object& statement, Attested& out) {
  for (const json::value& value : list_in(statement, "subject")) {
    const json::object* one = value.if_object();
    if (one == nullptr) return fail(Errc::invalid, "a subject of it is no object");
    Subject subject{text_in(*one, "name"), text_in(*one, "digest/sha256")};
    if (subject.name.empty() || !is_sha256(subject.sha256))
      return fail(Errc::invalid, "a subject of it has no name, or no SHA-256");
    if (subject.name.starts_with(kVersionSubject)) {
      if (!out.version.empty()) return fail(Errc::invalid, "it attests more than one version");
      const std::optional<Uuid> version = Uuid::parse(subject.name.substr(kVersionSubject.size()));
      if (!version) return fail(Errc::invalid, "the version that it attests has no id");
      out.version = version->str();
    }
    out.subjects.push_back(std::move(subject));
  }
  if (out.version.empty()) return fail(Errc::invalid, "it attests no version of a Worker");
  return {};
}

void read_dependencies(const json::object& definition, Attested& out) {
  for (const json::value& value : list_in(definition, "resolvedDependencies")) {
    const json::object* one = value.if_object();
    if (one == nullptr) continue;
    if (text_in(*one, "uri").starts_with("pkg:")) {
      ++out.packages;
      const json::value* digest = at(*one, "digest");
      if (digest != nullptr && digest->is_object() && !digest->get_object().empty())
        ++out.packages_with_digest;
    } else if (const std::string name = text_in(*one, "name"); !name.empty()) {
      out.lock_file = name;
      out.lock_sha256 = text_in(*one, "digest/sha256");
    }
  }
}

}  // namespace

Result<Attested> read_statement(std::string_view text) {
  boost::system::error_code error;
  const json::value value = json::parse(text, error);
  const json::object* statement = error ? nullptr : value.if_object();
  if (statement == nullptr) return fail(Errc::invalid, "its statement is no JSON object");
  if (text_in(*statement, "_type") != kStatementType)
    return fail(Errc::invalid, "it is no in-toto Statement v1");
  if (text_in(*statement, "predicateType") != kPredicateType)
    return fail(Errc::invalid, "it is no SLSA Provenance v1");
  const json::value* definition_value = at(*statement, "predicate/buildDefinition");
  const json::object* definition = definition_value != nullptr ? definition_value->if_object() : nullptr;
  if (definition == nullptr || text_in(*definition, "buildType") != kBuildType)
    return fail(Errc::invalid, "it is of no build of Kiln's");
  Attested out;
  if (Status read = read_subjects(*statement, out); !read) return tl::unexpected<Error>(read.error());
  const std::string builder = text_in(*statement, "predicate/runDetails/builder/id");
  if (!builder.starts_with(kInstallation)) return fail(Errc::invalid, "it names no installation of Kiln");
  out.installation = builder.substr(std::string_view(kInstallation).size());
  out.worker = text_in(*definition, "externalParameters/worker/name");
  out.account = text_in(*definition, "externalParameters/worker/account");
  out.repository = text_in(*definition, "externalParameters/source/repository");
  out.branch = text_in(*definition, "externalParameters/source/branch");
  out.commit = text_in(*definition, "externalParameters/source/commit");
  out.trigger = text_in(*definition, "externalParameters/trigger/name");
  out.cause = text_in(*definition, "externalParameters/trigger/cause");
  const json::value* restricted = at(*definition, "internalParameters/restricted");
  out.restricted = restricted != nullptr && restricted->is_bool() && restricted->get_bool();
  out.build = text_in(*statement, "predicate/runDetails/metadata/invocationId");
  out.outcome = text_in(*statement, "predicate/runDetails/metadata/kiln_outcome");
  out.started_on = text_in(*statement, "predicate/runDetails/metadata/startedOn");
  out.finished_on = text_in(*statement, "predicate/runDetails/metadata/finishedOn");
  out.kiln_version = text_in(*statement, "predicate/runDetails/builder/version/kiln");
  read_dependencies(*definition, out);
  return out;
}

std::vector<Difference> differences(const std::vector<Subject>& attested,
                                    const std::vector<Subject>& stored) {
  std::map<std::string_view, std::string_view> now;
  for (const Subject& subject : stored) now[subject.name] = subject.sha256;
  std::vector<Difference> out;
  for (const Subject& subject : attested) {
    const auto found = now.find(subject.name);
    if (found == now.end() || found->second.empty()) {
      out.push_back({Difference::Kind::missing, subject.name});
    } else if (found->second != subject.sha256) {
      out.push_back({Difference::Kind::changed, subject.name});
    }
    if (found != now.end()) now.erase(found);
  }
  for (const auto& [name, sha256] : now) {
    if (!sha256.empty()) out.push_back({Difference::Kind::added, std::string(name)});
  }
  return out;
}

}  // namespace kiln::provenance
