// `kiln backup`: a copy of everything that a running server keeps, in one file, read once more before it is
// given its name.
#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <boost/json/object.hpp>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <memory>

#include "base/durable_rename.h"
#include "base/fs.h"
#include "base/hex.h"
#include "base/sizes.h"
#include "base/time_format.h"
#include "cli/commands.h"
#include "cli/server.h"
#include "ops/archive/reader.h"

namespace kiln::cli {
namespace {

namespace json = boost::json;

// Reading it again is work that others need not wait for.
constexpr int kGivesWay = 19;

struct BackupOptions {
  std::string file;
  std::string key_file;
  bool with_key = false;
  bool force = false;
};

// Where the key goes; empty: into the archive.
std::string key_place(const BackupOptions& options) {
  if (options.with_key) return {};
  return options.key_file.empty() ? options.file + ".key" : options.key_file;
}

Status refuse_existing(const BackupOptions& options) {
  std::error_code error;
  for (const std::string& file : {options.file, key_place(options)}) {
    if (file.empty() || options.force || !std::filesystem::exists(file, error)) continue;
    return fail(Errc::conflict, fmt::format("{} is there already; choose another name, or --force", file));
  }
  return {};
}

Status save_key(Server& server, const std::string& file) {
  const Result<json::value> answer = server.get("/kiln/v1/backup/key");
  if (!answer) return tl::unexpected<Error>(answer.error());
  const std::optional<std::string> key = from_base64(text_at(*answer, "key"));
  if (!key) return fail(Errc::corrupt, "the server's answer holds no key");
  return write_file_durably(file, *key, 0600);
}

// The archive as it arrives, into a file that is not called a backup yet.
Status save_archive(Server& server, const BackupOptions& options, const std::string& file) {
  const Fd to(::open(file.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
  if (!to) return fail(errc_of(errno), fmt::format("making {}: {}", file, std::strerror(errno)));
  Status wrote;
  const Status came =
      server.download("GET", options.with_key ? "/kiln/v1/backup?with_key=true" : "/kiln/v1/backup",
                      [&](std::string_view bytes) {
                        wrote = write_all(to, bytes, file);
                        return wrote.has_value();
                      });
  if (!wrote) return wrote;
  if (!came) return came;
  if (fsync(to.get()) == 0) return {};
  return fail(errc_of(errno), fmt::format("syncing {}: {}", file, std::strerror(errno)));
}

Result<ops::BackupContents> make(Server& server, const BackupOptions& options) {
  const std::string part = options.file + ".part";
  Status saved = save_archive(server, options, part);
  Result<ops::BackupContents> contents = fail(Errc::internal, "");
  if (saved) {
    (void)nice(kGivesWay);
    ops::BackupSink nobody;
    contents = ops::read_backup_file(part, nobody);
    if (!contents) {
      saved = fail(contents.error().code, contents.error().message + "; the server's log may say why");
    } else {
      saved = rename_durably(part, options.file);
    }
  }
  if (saved) return contents;
  ::unlink(part.c_str());
  return tl::unexpected<Error>(saved.error());
}

void tell_backup(Context& context, const BackupOptions& options, const ops::BackupContents& contents) {
  std::error_code error;
  const std::uintmax_t size = std::filesystem::file_size(options.file, error);
  context.out << fmt::format("{}  {}, as of {}: databases and {} uploads; read again and whole\n",
                             options.file, size_words(error ? 0 : size),
                             format_rfc3339(contents.facts.made_on), contents.blobs);
  if (const std::string key = key_place(options); key.empty()) {
    context.err << "It holds the key that opens its secrets: keep it as closed as the server itself.\n";
  } else {
    context.err << fmt::format("The key that opens its secrets is {}: keep it apart from the backup.\n", key);
  }
  for (const std::string& line : contents.missing) context.err << "missing already: " << line << "\n";
  context.err << fmt::format("Put it back:  kiln restore {} --data-dir DIR\n", options.file);
}

Status backup(Context& context, const BackupOptions& options) {
  if (Status free = refuse_existing(options); !free) return free;
  Result<Server> server = Server::find(context);
  if (!server) return tl::unexpected<Error>(server.error());
  const Result<ops::BackupContents> contents = make(*server, options);
  if (!contents) return tl::unexpected<Error>(contents.error());
  const std::string key = key_place(options);
  if (!key.empty()) {
    if (Status saved = save_key(*server, key); !saved) return saved;
  }
  // What is missing in the backup is missing in the server.
  if (!contents->missing.empty()) context.exit_code = kFailed;
  if (!context.json) {
    tell_backup(context, options, *contents);
    return {};
  }
  json::object out{{"file", options.file},
                   {"made_on", format_rfc3339(contents->facts.made_on)},
                   {"bytes", contents->bytes},
                   {"blobs", contents->blobs},
                   {"key_file", key.empty() ? json::value(nullptr) : json::value(key)}};
  json::array& missing = out["missing"].emplace_array();
  for (const std::string& line : contents->missing) missing.emplace_back(line);
  context.out << pretty(out);
  return {};
}

}  // namespace

void add_backup(CLI::App& app, Context& context) {
  const auto options = std::make_shared<BackupOptions>();
  CLI::App* command =
      app.add_subcommand("backup", "Write all that the running server keeps to one file (tar, zstd)");
  command->add_option("file", options->file, "Where to; made anew, with mode 0600")
      ->required()
      ->type_name("FILE");
  CLI::Option* within = command->add_flag("--with-key", options->with_key,
                                          "Put the key that opens its secrets into the file too");
  command
      ->add_option("--key-file", options->key_file, "Where the key goes (default: beside the file, FILE.key)")
      ->type_name("FILE")
      ->excludes(within);
  command->add_flag("--force", options->force, "Replace files of these names");
  finish_command(*command, context, [&context, options] { return backup(context, *options); });
}

}  // namespace kiln::cli
