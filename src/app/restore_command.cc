#include "app/restore_command.h"

#include <fmt/format.h>

#include <boost/json/object.hpp>
#include <boost/json/value_from.hpp>
#include <memory>
#include <system_error>

#include "app/data_dir.h"
#include "base/entropy.h"
#include "base/secret_box.h"
#include "base/sizes.h"
#include "base/strings.h"
#include "base/time_format.h"
#include "ops/upkeep/restore.h"
#include "store/sqlite/database.h"
#include "store/sqlite/sealed_rows.h"
#include "store/sqlite/upkeep/snapshot_store.h"

namespace kiln::app {
namespace {

struct RestoreOptions {
  std::string archive;
  std::string key_file;
};

Result<store::Settled> settle(const std::filesystem::path& file, const std::filesystem::path& key,
                              const std::string& reason) {
  using store::sqlite::Database;
  static const SystemClock clock;
  const Result<SecretBox> box = SecretBox::open(key);
  if (!box) return tl::unexpected<Error>(box.error());
  // The backup itself is the copy from before an upgrade.
  const auto database = Database::open(file, clock, Database::May::open, store::sqlite::main_schema(),
                                       Database::Before::nothing);
  if (!database) return tl::unexpected<Error>(database.error());
  if (Status fits = store::sqlite::check_key(**database, *box); !fits)
    return tl::unexpected<Error>(fits.error());
  SystemEntropy entropy;
  return store::sqlite::SqliteSnapshotStore(**database, *box, entropy).settle_restored(reason);
}

// The key that `kiln backup` puts beside its archive.
std::optional<std::filesystem::path> key_of(const RestoreOptions& options) {
  if (!options.key_file.empty()) return options.key_file;
  std::filesystem::path beside = options.archive + ".key";
  std::error_code error;
  if (std::filesystem::exists(beside, error)) return beside;
  return std::nullopt;
}

boost::json::object restored_json(const ops::Restored& restored, const DataDir& data) {
  const ops::BackupContents& contents = restored.contents;
  return {{"data_dir", data.path().string()},
          {"made_on", format_rfc3339(contents.facts.made_on)},
          {"made_by", contents.facts.kiln},
          {"bytes", contents.bytes},
          {"blobs", contents.blobs},
          {"builds_closed", restored.settled.builds_closed},
          {"reports_dropped", restored.settled.reports_dropped},
          {"queues_paused", restored.settled.queues_paused},
          {"blobs_missing", restored.blobs_missing},
          {"left_out", {"mirrors", "runner"}}};
}

void tell_restored(cli::Context& context, const ops::Restored& restored, const DataDir& data) {
  const ops::BackupContents& contents = restored.contents;
  const std::string where = data.path().string();
  context.out << fmt::format("Restored {} as of {}, by Kiln {}:\n", where,
                             format_rfc3339(contents.facts.made_on),
                             cli::safe_line(contents.facts.kiln, false));
  context.out << fmt::format("  databases, the key and {} uploads, {}\n", contents.blobs,
                             size_words(contents.bytes));
  context.out << "  left out: mirrors of repositories and build caches, which come again\n";
  if (restored.settled.builds_closed > 0) {
    context.out << fmt::format("  {} builds that were queued or running are closed, and not run here\n",
                               restored.settled.builds_closed);
  }
  if (restored.settled.reports_dropped > 0) {
    context.out << fmt::format("  {} reports and events that were on their way are not sent from here\n",
                               restored.settled.reports_dropped);
  }
  if (restored.settled.queues_paused > 0) {
    context.out << fmt::format(
        "  {} queues with messages for Workers are paused: purge them, or npx wrangler queues "
        "resume-delivery\n",
        restored.settled.queues_paused);
  }
  if (restored.blobs_missing > 0) {
    context.out << fmt::format("  {} uploads were missing already; kiln check names them\n",
                               restored.blobs_missing);
  }
  context.err << "Start it:  kiln serve --data-dir " << shell_quote(where) << "\n";
}

Status restore(cli::Context& context, const RestoreOptions& options) {
  const Result<DataDir> data = DataDir::open_empty(context.data_dir);
  if (!data) return tl::unexpected<Error>(data.error());
  const Result<ops::Restored> restored =
      ops::restore_backup({options.archive, data->path(), key_of(options)}, settle);
  if (!restored) {
    return kiln::context(restored.error(), fmt::format("nothing was put into {}", context.data_dir.string()));
  }
  if (context.json) {
    context.out << cli::pretty(restored_json(*restored, *data));
    return {};
  }
  tell_restored(context, *restored, *data);
  return {};
}

}  // namespace

void add_restore(CLI::App& app, cli::Context& context) {
  const auto options = std::make_shared<RestoreOptions>();
  CLI::App* command = app.add_subcommand("restore", "Put a backup into an empty data directory");
  command->add_option("file", options->archive, "What kiln backup wrote")->required()->type_name("FILE");
  command
      ->add_option("--key-file", options->key_file,
                   "The key, where the backup does not hold it (default: FILE.key)")
      ->type_name("FILE");
  cli::finish_command(*command, context, [&context, options] { return restore(context, *options); });
}

}  // namespace kiln::app
