#include <fmt/format.h>

#include <boost/json/array.hpp>
#include <memory>

#include "cli/commands.h"
#include "cli/delivery_view.h"
#include "cli/server.h"
#include "cli/whole_number.h"

namespace kiln::cli {
namespace {

constexpr std::int64_t kLastDeliveriesPage = 1'000'000'000;  // that the server takes

struct DeliveriesOptions {
  std::string worker;
  int page = 1;
};

Status list_deliveries(Context& context, const DeliveriesOptions& options) {
  Result<Server> server = Server::find(context);
  if (!server) return tl::unexpected<Error>(server.error());
  std::string path = fmt::format("{}/deliveries?page={}", server->builds_path(), options.page);
  if (!options.worker.empty()) {
    const Result<boost::json::value> worker =
        server->get(server->workers_path() + "/" + url_part(options.worker));
    if (!worker) {
      return tl::unexpected<Error>(named(worker.error(), "Worker", options.worker, "kiln builds"));
    }
    path += "&script_tag=" + url_part(text_at(*worker, "id"));
  }
  const Result<Listed> listed = server->get_list(path);
  if (!listed) return tl::unexpected<Error>(listed.error());
  if (context.json) {
    context.out << pretty(listed->items);
    return {};
  }
  const boost::json::array* deliveries = listed->items.if_array();
  if (deliveries == nullptr) return fail(Errc::corrupt, "the server's answer is no list of deliveries");
  if (deliveries->empty()) {
    context.err
        << (listed->total > 0
                ? fmt::format("page {} is past the last one ({})\n", options.page, listed->pages)
                : "no delivery came yet; push to a connected repository (kiln connect connects one)\n");
    return {};
  }
  std::vector<std::vector<Cell>> rows = {deliveries_heading()};
  for (const boost::json::value& delivery : *deliveries)
    rows.push_back(deliveries_row(delivery, context.clock.now()));
  context.out << table(context.style, rows);
  return {};
}

}  // namespace

void add_deliveries(CLI::App& app, Context& context) {
  CLI::App* command = app.add_subcommand("deliveries", "List what was pushed and reported, newest first");
  const auto options = std::make_shared<DeliveriesOptions>();
  command->add_option("WORKER", options->worker, "That this Worker's triggers judged");
  command->add_option("--page", options->page, "Older ones: 2, 3, …")
      ->type_name("N")
      ->check(whole_number("a page", 1, kLastDeliveriesPage));
  finish_command(*command, context, [&context, options] { return list_deliveries(context, *options); });
}

}  // namespace kiln::cli
