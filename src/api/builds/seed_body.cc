#include "api/builds/seed_body.h"

#include <fmt/format.h>

#include <algorithm>

#include "api/builds/clone_url.h"
#include "api/builds/trigger_body.h"
#include "base/hex.h"
#include "model/branch_name.h"
#include "model/clone_url.h"
#include "wire/json.h"

namespace kiln::api::builds {
namespace {

namespace json = boost::json;

constexpr wire::Fields::Text kName{1, 256, false};
constexpr wire::Fields::Text kPath{0, 1024, false};
constexpr wire::Fields::Text kContent{0, std::size_t{1} << 20U, true};
constexpr wire::Fields::Text kReplaced{1, std::size_t{64} << 10U, true};
constexpr std::size_t kMostFiles = 2;

// Owner and repository become parts of a URL.
bool is_url_part(const std::string& text) {
  constexpr std::string_view allowed = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
  return text.find_first_not_of(allowed) == text.npos && text != "." && text != "..";
}

scm::SeedFile read_file(wire::Fields& fields) {
  scm::SeedFile file;
  file.path = fields.required_text("filename", {1, 1024, false});
  const std::optional<std::string> content = fields.optional_text("content", kContent);
  if (!content && fields.status()) fields.refuse("content", "is required");
  file.content = content.value_or("");
  if (fields.optional_bool("isBase64").value_or(false)) {
    std::optional<std::string> bytes = from_base64(file.content);
    if (!bytes) fields.refuse("content", "is not base64");
    file.content = std::move(bytes).value_or("");
  }
  file.replace = fields.optional_text("replace", kReplaced);
  return file;
}

std::string source_url(wire::Fields& fields, const Call& call) {
  const std::string provider = fields.required_text("provider", kName);
  check_provider(fields, "provider", provider);
  const std::string owner = fields.required_text("owner", kName);
  const std::string name = fields.required_text("repository", kName);
  const std::optional<std::string> url = fields.optional_text("clone_url", {1, 2048, false});
  if (url) {
    check_clone_url(fields, call, *url);
    return *url;
  }
  for (const auto& [field, text] : {std::pair{"owner", &owner}, std::pair{"repository", &name}}) {
    if (!text->empty() && !is_url_part(*text))
      fields.refuse(field, "must have only letters, digits, '.', '_' and '-'");
  }
  std::string usual = default_clone_url(provider, owner, name);
  if (usual.empty() && fields.status())
    fields.refuse("clone_url", fmt::format("is required for the provider {}", provider));
  return usual;
}

}  // namespace

Result<SeedBody> read_seed(const Call& call, const json::object& object) {
  wire::Fields fields(object, "seed_repo.");
  SeedBody body;
  const Result<model::CleanUrl> source = model::split_credentials(source_url(fields, call));
  if (source) {
    body.seed.source = {source->url, source->authorization};
  } else {
    fields.refuse("clone_url", source.error().message);
  }
  body.seed.branch = fields.required_text("branch", {1, model::kLongestBranchName, false});
  if (const Status fits = model::check_branch_name(body.seed.branch); !body.seed.branch.empty() && !fits)
    fields.refuse("branch", fits.error().message);
  const std::optional<std::string> path = fields.optional_text("path", kPath);
  if (!path && fields.status()) fields.refuse("path", "is required; \"/\" is the whole repository");
  const Result<std::string> folder = normal_root_directory(path.value_or(""));
  if (!folder) fields.refuse("path", folder.error().message);
  if (folder && *folder != "/") body.seed.folder = *folder;
  std::size_t index = 0;
  for (const json::object* item : fields.optional_objects("files", kMostFiles)) {
    wire::Fields file(*item, fmt::format("seed_repo.files[{}].", index++));
    body.seed.files.push_back(read_file(file));
    if (Status fine = file.status(); !fine) return tl::unexpected<Error>(fine.error());
    for (std::string& name : file.unknown()) body.unknown.push_back(std::move(name));
  }
  if (Status fine = fields.status(); !fine) return tl::unexpected<Error>(fine.error());
  for (std::string& name : fields.unknown()) body.unknown.push_back(std::move(name));
  return body;
}

}  // namespace kiln::api::builds
