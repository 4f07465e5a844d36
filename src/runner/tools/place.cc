#include "runner/tools/place.h"

#include <fmt/format.h>

#include <cctype>
#include <system_error>

namespace kiln::runner {
namespace {

namespace fs = std::filesystem;

Status io_error(const fs::path& path, const std::error_code& error) {
  return fail(Errc::io, fmt::format("{}: {}", path.string(), error.message()));
}

}  // namespace

Status link_programs(const fs::path& folder, const std::vector<std::pair<std::string, std::string>>& links) {
  std::error_code error;
  fs::create_directory(folder / "bin", error);
  if (error) return io_error(folder / "bin", error);
  for (const auto& [name, target] : links) {
    const fs::path program = folder / "lib" / "node_modules" / target;
    if (!fs::exists(program, error) || fs::is_symlink(folder / "bin" / name, error)) continue;
    fs::permissions(program, fs::perms(0755), error);
    if (error) return io_error(program, error);
    fs::create_symlink(fs::path("../lib/node_modules") / target, folder / "bin" / name, error);
    if (error) return io_error(folder / "bin" / name, error);
  }
  if (fs::is_empty(folder / "bin", error)) {
    return fail(Errc::unavailable,
                "the registry's package has none of the programs that were expected in it");
  }
  return {};
}

Status make_readable(const fs::path& folder) {
  std::error_code error;
  fs::permissions(folder, fs::perms(0755), error);
  if (error) return io_error(folder, error);
  for (fs::recursive_directory_iterator entry(folder, error), end; !error && entry != end;
       entry.increment(error)) {
    if (entry->is_symlink(error)) continue;
    const bool is_folder = entry->is_directory(error);
    fs::permissions(entry->path(), is_folder ? fs::perms(0555) : fs::perms(0444), fs::perm_options::add,
                    error);
    if (error) return io_error(entry->path(), error);
  }
  if (error) return io_error(folder, error);
  return {};
}

Status move_into_place(const fs::path& from, const fs::path& to) {
  std::error_code error;
  fs::rename(from, to, error);
  std::error_code ignored;
  if (error && !fs::exists(to / "bin", ignored)) return io_error(to, error);
  return {};
}

std::optional<Version> first_version(std::string_view text) {
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (std::isdigit(static_cast<unsigned char>(text[at])) == 0) continue;
    std::size_t end = text.find_first_not_of("0123456789.", at);
    if (end == text.npos) end = text.size();
    std::string number(text.substr(at, end - at));
    if (auto version = Version::parse(number)) return version;
    if (auto version = Version::parse(number + ".0")) return version;
    at = end;
  }
  return std::nullopt;
}

}  // namespace kiln::runner
