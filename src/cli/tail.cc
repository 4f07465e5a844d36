#include <fmt/format.h>

#include <boost/json/serialize.hpp>
#include <memory>

#include "base/printable.h"
#include "base/strings.h"
#include "cli/commands.h"
#include "cli/event_stream.h"
#include "cli/output.h"
#include "cli/server.h"
#include "wire/json.h"

namespace kiln::cli {
namespace {

namespace json = boost::json;

const json::array* list_of(const json::value& event, const char* key) {
  const json::object* object = event.if_object();
  const json::value* value = object != nullptr ? object->if_contains(key) : nullptr;
  return value != nullptr ? value->if_array() : nullptr;
}

void print_event(Context& context, const std::string& data) {
  const Result<json::value> event = wire::parse_json(data);
  if (!event) return;
  if (context.json) {
    context.out << printable_json(json::serialize(*event)) << '\n';
    return;
  }
  const std::string outcome = headline(text_at(*event, "outcome"), 40);
  const std::string method = headline(text_at(*event, "event/request/method"), 20);
  if (!method.empty()) {
    const Colour colour = outcome == "ok" ? Colour::green : Colour::red;
    context.out << fmt::format("{} {} - {}\n", method, headline(text_at(*event, "event/request/url"), 2000),
                               paint(context.style, colour, outcome));
  } else if (const std::string words = text_at(*event, "event/message"); !words.empty()) {
    context.out << paint(context.style, Colour::red, headline(words, 400)) << '\n';
  }
  const auto print_lines = [&](const std::string& level, const std::string& text) {
    for (const std::string& line : split(text, '\n'))
      context.out << fmt::format("  ({}) {}\n", level, safe_line(line, context.style.colours));
  };
  if (const json::array* logs = list_of(*event, "logs")) {
    for (const json::value& log : *logs) {
      const json::array* words = list_of(log, "message");
      if (words == nullptr) continue;
      std::string text;
      for (const json::value& word : *words) {
        text += text.empty() ? "" : " ";
        text += word.is_string() ? std::string(word.get_string()) : json::serialize(word);
      }
      print_lines(headline(text_at(log, "level"), 10), text);
    }
  }
  if (const json::array* exceptions = list_of(*event, "exceptions")) {
    for (const json::value& thrown : *exceptions)
      print_lines("exception", text_at(thrown, "name") + ": " + text_at(thrown, "message"));
  }
}

Status tail(Context& context, const std::string& worker) {
  Result<Server> server = Server::find(context);
  if (!server) return tl::unexpected<Error>(server.error());
  const std::string path = server->scripts_path() + "/" + url_part(worker) + "/tails";
  const Result<json::value> opened = server->call("POST", path, json::object());
  if (!opened) return tl::unexpected<Error>(opened.error());
  const std::string url = text_at(*opened, "url");
  const std::size_t at = url.find("/client/v4/");
  if (at == std::string::npos) return fail(Errc::corrupt, "the server's answer holds no address of a stream");
  context.err << "Watching " << safe_line(worker, false) << "; stop with Ctrl-C\n";
  context.err.flush();
  EventStream events;
  const Result<HttpResponse> ended = server->stream(url.substr(at), "", [&](std::string_view bytes) {
    events.feed(bytes, [&](const ServerEvent& event) { print_event(context, event.data); });
    return flush_output(context.out) == 0;
  });
  if (!context.out.good()) return {};
  if (!ended) return tl::unexpected<Error>(ended.error());
  if (ended->status != 200) return fail(Errc::unavailable, "the server does not show this tail any more");
  return {};
}

}  // namespace

void add_tail(CLI::App& app, Context& context) {
  CLI::App* command = app.add_subcommand("tail", "Show a Worker's requests and what it prints, live");
  const auto worker = std::make_shared<std::string>();
  command->add_option("WORKER", *worker, "The Worker's name")->required();
  finish_command(*command, context, [&context, worker] { return tail(context, *worker); });
}

}  // namespace kiln::cli
