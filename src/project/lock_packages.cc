#include "project/lock_packages.h"

#include <algorithm>
#include <array>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include "base/strings.h"
#include "project/json_file.h"

namespace kiln::project {
namespace {

namespace json = boost::json;

using LockedList = std::vector<LockedPackage>;

constexpr std::size_t kLongestLockWord = 300;
constexpr int kDeepestLock = 30;  // of dependencies in dependencies

std::string_view lock_text(const json::object& object, std::string_view key) {
  const json::value* value = object.if_contains(key);
  return value != nullptr && value->is_string() ? std::string_view(value->get_string()) : std::string_view();
}

// The strongest of several, each behind its algorithm and perhaps with options.
std::string strongest(std::string_view integrity) {
  for (const std::string_view algorithm : {"sha512-", "sha384-", "sha256-", "sha1-"}) {
    for (const std::string& one : split(integrity, ' ')) {
      if (one.starts_with(algorithm)) return one.substr(0, one.find('?'));
    }
  }
  return {};
}

bool is_lock_word(std::string_view text) {
  return !text.empty() && text.size() <= kLongestLockWord &&
         std::all_of(text.begin(), text.end(), [](char c) {
           return static_cast<unsigned char>(c) > ' ' && static_cast<unsigned char>(c) < 0x7f;
         });
}

void add_package(LockedList& out, std::string_view name, std::string_view version,
                 std::string_view integrity) {
  std::string hash = strongest(integrity);
  if (!is_lock_word(hash)) hash.clear();
  if (is_lock_word(name) && is_lock_word(version))
    out.push_back({std::string(name), std::string(version), std::move(hash)});
}

struct PackageSpec {
  std::string_view name;
  std::string_view version;
};

// "@scope/name@1.2.3": at the last @ but the first character.
PackageSpec spec_of(std::string_view text) {
  const std::size_t at = text.rfind('@');
  if (at == text.npos || at == 0) return {text, {}};
  return {text.substr(0, at), text.substr(at + 1)};
}

// Version 1: dependencies within dependencies.
void add_nested(LockedList& out, const json::object& from, int depth) {
  const json::value* dependencies = from.if_contains("dependencies");
  if (dependencies == nullptr || !dependencies->is_object() || depth > kDeepestLock) return;
  for (const auto& [name, value] : dependencies->get_object()) {
    const json::object* one = value.if_object();
    if (one == nullptr) continue;
    const std::string_view version = lock_text(*one, "version");
    if (version.starts_with("npm:")) {
      const PackageSpec real = spec_of(version.substr(4));
      add_package(out, real.name, real.version, lock_text(*one, "integrity"));
    } else if (version.find(':') == version.npos) {
      add_package(out, name, version, lock_text(*one, "integrity"));
    }
    add_nested(out, *one, depth + 1);
  }
}

LockedList of_npm(std::string_view text) {
  LockedList out;
  const auto lock = parse_json_file("package-lock.json", text, JsonForm::strict);
  if (!lock) return out;
  const json::value* packages = lock->if_contains("packages");
  if (packages == nullptr || !packages->is_object()) {
    add_nested(out, *lock, 0);
    return out;
  }
  constexpr std::string_view folder = "node_modules/";
  for (const auto& [place, value] : packages->get_object()) {
    const json::object* one = value.if_object();
    const std::size_t at = std::string_view(place).rfind(folder);
    if (one == nullptr || at == place.npos || one->contains("link")) continue;
    const std::string_view from = lock_text(*one, "resolved");
    if (from.starts_with("git") || from.starts_with("file:")) continue;  // none of the registry's
    const std::string_view real = lock_text(*one, "name");
    add_package(out, real.empty() ? std::string_view(place).substr(at + folder.size()) : real,
                lock_text(*one, "version"), lock_text(*one, "integrity"));
  }
  return out;
}

LockedList of_bun(std::string_view text) {
  LockedList out;
  const auto lock = parse_json_file("bun.lock", text, JsonForm::with_comments);
  const json::value* packages = lock ? lock->if_contains("packages") : nullptr;
  if (packages == nullptr || !packages->is_object()) return out;
  for (const auto& entry : packages->get_object()) {
    const json::array* one = entry.value().if_array();
    if (one == nullptr || one->empty() || !one->front().is_string()) continue;
    const PackageSpec spec = spec_of(one->front().get_string());
    if (spec.version.find(':') != spec.version.npos) continue;
    const json::value& last = one->back();
    add_package(out, spec.name, spec.version, last.is_string() ? std::string_view(last.get_string()) : "");
  }
  return out;
}

std::string_view without_quotes(std::string_view text) {
  if (text.size() >= 2 && (text.front() == '"' || text.front() == '\'') && text.back() == text.front())
    return text.substr(1, text.size() - 2);
  return text;
}

std::string_view next_lock_line(std::string_view& rest) {
  const std::size_t end = std::min(rest.find('\n'), rest.size());
  std::string_view line = rest.substr(0, end);
  rest.remove_prefix(std::min(end + 1, rest.size()));
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

// "lodash@4.17.21", "/lodash/4.17.21_react@18.0.0" and "/lodash@4.17.21(react@18.0.0)" of three ages.
PackageSpec pnpm_spec(std::string_view key) {
  const bool is_old = key.starts_with('/');
  if (is_old) key.remove_prefix(1);
  key = key.substr(0, key.find('('));
  const std::size_t own = key.starts_with('@') ? key.find('/') + 1 : 0;  // behind the scope
  const std::size_t slash = key.find('/', own);
  if (!is_old || slash == key.npos) return spec_of(key);
  const std::string_view version = key.substr(slash + 1);
  return {key.substr(0, slash), version.substr(0, version.find('_'))};
}

// The text behind "integrity:" in "resolution: {integrity: sha512-…, tarball: …}".
std::string_view pnpm_integrity(std::string_view line) {
  constexpr std::string_view name = "integrity:";
  const std::size_t at = line.find(name);
  if (at == line.npos) return {};
  const std::string_view value = trim(line.substr(at + name.size()));
  return without_quotes(value.substr(0, value.find_first_of(",} ")));
}

LockedList of_pnpm(std::string_view text) {
  LockedList out;
  bool inside = false;
  std::string_view key;
  std::string_view integrity;
  const auto close = [&] {
    const PackageSpec spec = pnpm_spec(key);
    if (spec.version.find(':') == spec.version.npos) add_package(out, spec.name, spec.version, integrity);
    key = {};
    integrity = {};
  };
  while (!text.empty()) {
    const std::string_view line = next_lock_line(text);
    if (line.empty()) continue;
    const std::size_t indent = line.find_first_not_of(' ');
    if (indent == 0) {
      close();
      if (line == "---") out.clear();  // pnpm's own packages stand in a document before the project's
      inside = line == "packages:";
    } else if (inside && indent == 2 && line.ends_with(':')) {
      close();
      key = without_quotes(line.substr(2, line.size() - 3));
    } else if (inside && integrity.empty()) {
      integrity = pnpm_integrity(line);
    }
  }
  close();
  return out;
}

// The value of "  version \"1.2.3\"" and of "  version: 1.2.3".
std::string_view yarn_value(std::string_view line, std::string_view name) {
  if (!line.starts_with("  ") || !line.substr(2).starts_with(name)) return {};
  std::string_view value = line.substr(2 + name.size());
  if (value.starts_with(':')) value.remove_prefix(1);
  if (!value.starts_with(' ')) return {};
  return without_quotes(trim(value));
}

// What the first of the key's ranges names: "lodash@^4", "old@npm:lodash@^4", "\"@a/b@^1\", \"@a/b@^2\"".
std::string_view yarn_name(std::string_view key) {
  if (key.starts_with('"')) {
    key.remove_prefix(1);
    key = key.substr(0, key.find('"'));
  }
  key = key.substr(0, key.find(", "));
  if (const std::size_t alias = key.find("@npm:"); alias != key.npos) {
    const std::string_view real = key.substr(alias + 5);
    if (real.rfind('@') != real.npos && real.rfind('@') != 0) return spec_of(real).name;
    return key.substr(0, alias);
  }
  const std::size_t at = key.find('@', 1);
  return key.substr(0, at);
}

LockedList of_yarn(std::string_view text) {
  LockedList out;
  std::string_view key;
  std::string_view version;
  std::string_view integrity;
  const auto close = [&] {
    if (!key.empty() && key != "__metadata") add_package(out, yarn_name(key), version, integrity);
    key = version = integrity = {};
  };
  while (!text.empty()) {
    const std::string_view line = next_lock_line(text);
    if (line.empty() || line.starts_with('#')) continue;
    if (!line.starts_with(' ')) {
      close();
      const bool is_own = line.find("@workspace:") != line.npos || line.find("@link:") != line.npos ||
                          line.find("@portal:") != line.npos || line.find("@file:") != line.npos ||
                          line.find("@patch:") != line.npos || line.find("@git+") != line.npos ||
                          line.find("@git@") != line.npos || line.find("://") != line.npos;
      if (line.ends_with(':') && !is_own) key = line.substr(0, line.size() - 1);
      continue;
    }
    if (version.empty()) version = yarn_value(line, "version");
    if (integrity.empty()) integrity = yarn_value(line, "integrity");
  }
  close();
  return out;
}

struct LockReader {
  std::string_view file;
  LockedList (*read)(std::string_view text);
};
constexpr std::array kLockReaders = {
    LockReader{"package-lock.json", of_npm}, LockReader{"npm-shrinkwrap.json", of_npm},
    LockReader{"pnpm-lock.yaml", of_pnpm}, LockReader{"yarn.lock", of_yarn}, LockReader{"bun.lock", of_bun}};

}  // namespace

LockedPackages locked_packages(std::string_view file, std::string_view text, std::size_t most) {
  LockedPackages out;
  for (const LockReader& reader : kLockReaders) {
    if (reader.file == file) out.packages = reader.read(text);
  }
  std::sort(out.packages.begin(), out.packages.end());
  out.packages.erase(std::unique(out.packages.begin(), out.packages.end()), out.packages.end());
  out.named = static_cast<std::int64_t>(out.packages.size());
  if (out.packages.size() > most) out.packages.resize(most);
  return out;
}

}  // namespace kiln::project
