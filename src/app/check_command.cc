#include "app/check_command.h"

#include <fmt/format.h>

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <memory>

#include "app/data_dir.h"
#include "base/sizes.h"
#include "cli/line_answer.h"
#include "cli/server.h"
#include "ops/upkeep/lines.h"
#include "store/r2/files.h"
#include "store/sqlite/upkeep/check_store.h"
#include "wire/json.h"

namespace kiln::app {
namespace {

namespace json = boost::json;

// One line of what a check says; whether it was the last.
Status show_line(cli::Context& context, const json::value& line) {
  if (context.json) {
    context.out << json::serialize(line) << "\n";
  }
  const json::object& object = line.as_object();
  const json::value* done = object.if_contains("done");
  if (done == nullptr) {
    if (context.json) return {};
    const bool repaired = object.at("repaired").as_bool();
    const char* kind = repaired ? "repaired" : object.at("fault").as_bool() ? "fault" : "note";
    context.out << fmt::format("{:<9} {}\n", kind, cli::safe_line(cli::text_at(line, "message"), false));
    return {};
  }
  if (!done->as_bool()) return fail(Errc::io, cli::safe_line(cli::text_at(line, "message"), false));
  const auto number = [&object](const char* key) { return object.at(key).to_number<std::int64_t>(); };
  if (number("faults") > 0) context.exit_code = cli::kFailed;
  if (context.json) return {};
  context.out << fmt::format(
      "The database, {} uploads ({}), and {} KV, D1 and R2 stores ({} objects) were read: {}.\n",
      number("blobs"), size_words(object.at("bytes").to_number<std::uint64_t>()), number("spaces"),
      number("objects"),
      number("faults") > 0 ? fmt::format("{} faults", number("faults")) : std::string("they are whole"));
  return {};
}

Status check_stopped(cli::Context& context, const DataDir& data, bool repair) {
  using store::sqlite::Database;
  static const SystemClock clock;
  auto database = Database::open(data.database(), clock, Database::May::open);
  if (!database) return tl::unexpected<Error>(data.with_advice(database.error()));
  store::sqlite::SqliteCheckStore store(**database);
  workers::BlobStore blobs(data.blobs());
  ops::BlobHold hold;
  SystemEntropy entropy;
  store::r2::Files r2(data.r2(), clock, entropy, {.sweeps = repair});
  Status shown;
  const auto tell = [&](const std::string& text) {
    const Result<json::value> line = wire::parse_json(text);
    if (shown) shown = line ? show_line(context, *line) : tl::unexpected<Error>(line.error());
  };
  const auto done = ops::check_all({store, blobs, hold, clock, data.kv(), data.d1(), r2, data.r2()},
                                   {repair, false, {}}, [&](const ops::Finding& finding) {
                                     tell(ops::line_of(finding));
                                     return true;
                                   });
  if (!done) return tl::unexpected<Error>(done.error());
  tell(ops::last_line(*done));
  return shown;
}

// Whoever holds the lock on the directory is a server that runs there.
Status check(cli::Context& context, bool repair) {
  const Result<DataDir> data = DataDir::open_stopped(context.data_dir);
  if (data) return check_stopped(context, *data, repair);
  if (data.error().code != Errc::conflict) return tl::unexpected<Error>(data.error());
  Result<cli::Server> server = cli::Server::find(context);
  if (!server) return tl::unexpected<Error>(server.error());
  return cli::each_line(*server, "POST", repair ? "/kiln/v1/check?repair=true" : "/kiln/v1/check",
                        [&context](const json::value& line) { return show_line(context, line); });
}

}  // namespace

void add_check(CLI::App& app, cli::Context& context) {
  const auto repair = std::make_shared<bool>(false);
  CLI::App* command = app.add_subcommand(
      "check", "Read everything that is kept and say whether it is whole; exit code 1: it is not");
  command->add_flag("--repair", *repair,
                    "Put right what can be: leases, rows and files that belong to nothing");
  cli::finish_command(*command, context, [&context, repair] { return check(context, *repair); });
}

}  // namespace kiln::app
