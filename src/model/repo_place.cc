#include "model/repo_place.h"

#include "base/hash.h"
#include "base/strings.h"

namespace kiln::model {
namespace {

constexpr std::string_view kProvisional = "provisional:";
constexpr std::size_t kIdLength = 32;  // hex digits: 128 bits

std::string_view without_suffix(std::string_view text, std::string_view suffix) {
  if (text.size() > suffix.size() && text.ends_with(suffix)) text.remove_suffix(suffix.size());
  return text;
}

std::string_view without_slashes(std::string_view path) {
  while (path.starts_with('/')) path.remove_prefix(1);
  while (path.ends_with('/')) path.remove_suffix(1);
  return path;
}

// "user@" stays as it is: names of users tell capitals apart.
std::string lower_host(std::string_view authority) {
  const std::size_t at = authority.rfind('@');
  const std::size_t host = at == std::string_view::npos ? 0 : at + 1;
  return std::string(authority.substr(0, host)) + to_lower(authority.substr(host));
}

struct Scheme {
  std::string_view begins;
  std::string_view usual_port;
  bool web;
};
constexpr Scheme kSchemes[] = {
    {"https://", ":443", true}, {"http://", ":80", true}, {"ssh://", ":22", false}};

std::string id_of(std::string_view what, std::string_view host, std::string_view path) {
  const std::string text = std::string(what) + '\n' + std::string(host) + '\n' + std::string(path);
  return sha256_hex(text).substr(0, kIdLength);
}

}  // namespace

std::string RepoPlace::owner() const {
  const std::size_t end = path.find_last_of("/:");
  if (end == std::string::npos) return {};
  const std::string_view folders = std::string_view(path).substr(0, end);
  return std::string(folders.substr(folders.find_last_of("/:") + 1));
}

std::string RepoPlace::name() const {
  return std::string(without_suffix(std::string_view(path).substr(path.find_last_of("/:") + 1), ".git"));
}

RepoPlace repo_place(std::string_view clone_url) {
  for (const Scheme& scheme : kSchemes) {
    if (!clone_url.starts_with(scheme.begins)) continue;
    const std::string_view rest = clone_url.substr(scheme.begins.size());
    const std::size_t slash = std::min(rest.find('/'), rest.size());
    const std::string_view path = without_slashes(rest.substr(slash));
    return {lower_host(without_suffix(rest.substr(0, slash), scheme.usual_port)),
            std::string(scheme.web ? without_suffix(path, ".git") : path)};
  }
  if (clone_url.starts_with('/')) return {"", "/" + std::string(without_slashes(clone_url))};
  // user@host:path, where a path from "/" and one from the user's home are two.
  const std::size_t colon = std::min(clone_url.find(':'), clone_url.size());
  std::string_view path = clone_url.substr(std::min(colon + 1, clone_url.size()));
  while (path.ends_with('/')) path.remove_suffix(1);
  return {lower_host(clone_url.substr(0, colon)), std::string(path)};
}

std::string provisional_repo_id(const RepoPlace& place) {
  return std::string(kProvisional) + id_of("repository", place.host, place.path);
}

bool is_provisional(std::string_view repo_id) {
  return repo_id.starts_with(kProvisional);
}

std::string plain_repo_id(const RepoPlace& place) {
  return id_of("repository", place.host, place.path);
}

std::string owner_id(const RepoPlace& place) {
  const std::size_t end = place.path.find_last_of("/:");
  return id_of("owner", place.host,
               std::string_view(place.path).substr(0, end == std::string::npos ? 0 : end));
}

}  // namespace kiln::model
