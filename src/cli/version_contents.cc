#include "cli/version_contents.h"

#include <fmt/format.h>

#include <boost/json/value.hpp>

#include "base/sizes.h"
#include "cli/print.h"
#include "cli/table.h"

namespace kiln::cli {
namespace {

namespace json = boost::json;

constexpr std::size_t kMostAssetsShown = 20;

std::string size_at(const json::value& part) {
  return size_words(static_cast<std::uint64_t>(number_at(part, "size").value_or(0)));
}

void print_facts(Context& context, const FoundId& version, const json::value& made) {
  std::vector<std::vector<Cell>> rows;
  const auto row = [&rows](const char* name, const std::string& text) {
    if (!text.empty()) rows.push_back({{name, Colour::dim}, {text}});
  };
  row("version", headline(version.id, 36));
  row("worker", headline(version.worker_name, 63));
  row("made", relative_time(text_at(made, "created_on"), context.clock.now()));
  row("by", headline(text_at(made, "source"), 30));
  row("compatibility", headline(text_at(made, "compatibility_date"), 10));
  row("flags", joined(list_at(made, "compatibility_flags")));
  row("address", joined(list_at(made, "urls")));
  context.out << facts(context.style, rows);
}

void print_modules(Context& context, const json::value& made) {
  const std::string main = text_at(made, "main_module");
  std::vector<std::vector<Cell>> rows;
  for (const json::value& module : list_at(made, "parts/modules")) {
    const std::string name = text_at(module, "name");
    rows.push_back({{"  " + headline(name, 200)},
                    {size_at(module)},
                    {headline(text_at(module, "content_type"), 60), Colour::dim},
                    {name == main ? "main" : ""}});
  }
  if (!rows.empty()) context.out << "\nmodules\n" << table(context.style, rows);
}

void print_assets(Context& context, const json::value& made) {
  const json::array& assets = list_at(made, "parts/assets");
  if (assets.empty()) return;
  std::uint64_t bytes = 0;
  std::vector<std::vector<Cell>> rows;
  for (const json::value& asset : assets) {
    bytes += static_cast<std::uint64_t>(number_at(asset, "size").value_or(0));
    if (rows.size() < kMostAssetsShown)
      rows.push_back({{"  " + headline(text_at(asset, "path"), 200)}, {size_at(asset)}});
  }
  context.out << fmt::format("\nassets: {} {}, {}\n", assets.size(), assets.size() == 1 ? "file" : "files",
                             size_words(bytes))
              << table(context.style, rows);
  if (assets.size() > rows.size())
    context.out << fmt::format("  and {} more; --json has them all\n", assets.size() - rows.size());
}

void print_bindings(Context& context, const json::value& made) {
  std::vector<std::vector<Cell>> rows;
  for (const json::value& binding : list_at(made, "bindings"))
    rows.push_back(
        {{"  " + headline(text_at(binding, "name"), 100)}, {headline(text_at(binding, "type"), 40)}});
  if (!rows.empty()) context.out << "\nbindings\n" << table(context.style, rows);
}

}  // namespace

Status show_version(Context& context, Server& server, const FoundId& version) {
  const Result<json::value> made =
      server.get(fmt::format("{}/{}/versions/{}?include=parts", server.workers_path(),
                             url_part(version.worker_name), url_part(version.id)));
  if (!made) return tl::unexpected<Error>(made.error());
  if (context.json) {
    context.out << pretty(*made);
    return {};
  }
  print_facts(context, version, *made);
  print_modules(context, *made);
  print_assets(context, *made);
  print_bindings(context, *made);
  return {};
}

}  // namespace kiln::cli
