// What the commands of `kiln sinks` share: what they are given, and how a sink is found and shown. One
// thread.
#pragma once

#include <boost/json/value.hpp>
#include <memory>
#include <string>
#include <vector>

#include "cli/context.h"
#include "cli/server.h"

namespace kiln::cli {

struct SinksOptions {
  std::string sink;
  std::string delivery;
  std::string kind = "webhook";
  std::string url;
  std::string url_file;
  std::string token_file;
  std::string ca_file;
  std::string user;
  std::string room;
  std::string from;
  std::vector<std::string> to;
  std::string worker;
  std::vector<std::string> events;
  bool only_failures = false;
  bool only_changes = false;
  bool production = false;
};

// Where the account's sinks are in the API.
[[nodiscard]] std::string sinks_path(const Server& server);

// `kiln sinks add`.
void add_adding_sinks(CLI::App& group, Context& context, const std::shared_ptr<SinksOptions>& options);

// The secret that the answer has, with what it is good for; nothing where it has none.
void show_sink_secret(Context& context, const boost::json::value& sink);
// `kiln sinks list`; an array of sinks.
void show_sinks(Context& context, const boost::json::value& sinks);
// `kiln sinks show`: a sink, and the newest of what was sent to it.
void show_sink(Context& context, const boost::json::value& sink, const boost::json::value& deliveries);

}  // namespace kiln::cli
