// How sinks and what was sent to them are shown.
#include <fmt/format.h>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <optional>

#include "cli/sink_options.h"

namespace kiln::cli {
namespace {

namespace json = boost::json;

std::string flag_words(const json::value& sink) {
  std::string words = text_at(sink, "outcomes");
  if (words == "all") words.clear();
  if (is_true_at(sink, "production_only")) words += words.empty() ? "production" : ", production";
  if (const std::string worker = text_at(sink, "worker_name"); !worker.empty())
    words += (words.empty() ? "" : ", ") + safe_line(worker, false);
  return words.empty() ? "everything" : words;
}

Cell state_of_sink(const json::value& sink) {
  if (is_true_at(sink, "enabled")) return {"on", Colour::green};
  const std::string why = safe_line(text_at(sink, "off_reason"), false);
  return {why.empty() ? "off" : "off: " + why, Colour::red};
}

Cell state_of_delivery(const json::value& delivery, TimeMs now) {
  const std::string state = text_at(delivery, "state");
  if (state == "delivered") return {"delivered", Colour::green};
  if (state == "parked") return {"parked", Colour::red};
  const std::string next = text_at(delivery, "next_try_on");
  if (number_at(delivery, "attempts").value_or(0) == 0) return {"on its way", Colour::yellow};
  return {"again " + relative_time(next, now), Colour::yellow};
}

}  // namespace

void show_sink_secret(Context& context, const json::value& sink) {
  const std::string secret = safe_line(text_at(sink, "secret"), false);
  if (secret.empty()) return;
  context.out << "secret  " << secret << "\n";
  context.err << "It is shown this once. The receiver verifies with it (Standard Webhooks: webhook-id, "
                 "webhook-timestamp, webhook-signature).\n";
  if (const std::string until = text_at(sink, "previous_secret_until"); !until.empty())
    context.err << "What is sent is signed with the one before as well until " << safe_line(until, false)
                << ".\n";
}

void show_sinks(Context& context, const json::value& sinks) {
  if (!sinks.is_array() || sinks.get_array().empty()) {
    context.out << "Nobody is sent events: kiln sinks add NAME --kind slack --url-file FILE\n";
    return;
  }
  std::vector<std::vector<Cell>> rows = {{{"SINK", Colour::dim},
                                          {"KIND", Colour::dim},
                                          {"TO", Colour::dim},
                                          {"OF", Colour::dim},
                                          {"STATE", Colour::dim}}};
  for (const json::value& sink : sinks.get_array()) {
    rows.push_back({{safe_line(text_at(sink, "name"), false), Colour::cyan},
                    {safe_line(text_at(sink, "kind"), false)},
                    {safe_line(text_at(sink, "place"), false)},
                    {flag_words(sink)},
                    state_of_sink(sink)});
  }
  context.out << table(context.style, rows);
}

void show_sink(Context& context, const json::value& sink, const json::value& deliveries) {
  std::string events;
  for (const json::value& event : list_at(sink, "events"))
    if (event.is_string()) events += (events.empty() ? "" : ", ") + std::string(event.get_string());
  context.out << facts(context.style,
                       {{{"sink", Colour::dim}, {safe_line(text_at(sink, "name"), false), Colour::cyan}},
                        {{"kind", Colour::dim}, {safe_line(text_at(sink, "kind"), false)}},
                        {{"to", Colour::dim}, {safe_line(text_at(sink, "place"), false)}},
                        {{"of", Colour::dim}, {flag_words(sink)}},
                        {{"events", Colour::dim}, {safe_line(events, false)}},
                        {{"state", Colour::dim}, state_of_sink(sink)}});
  if (!deliveries.is_array() || deliveries.get_array().empty()) return;
  std::vector<std::vector<Cell>> rows = {{{"DELIVERY", Colour::dim},
                                          {"EVENT", Colour::dim},
                                          {"STATE", Colour::dim},
                                          {"TRIES", Colour::dim},
                                          {"ANSWER", Colour::dim}}};
  for (const json::value& one : deliveries.get_array()) {
    const std::string error = safe_line(text_at(one, "error"), false);
    const std::optional<std::int64_t> status = number_at(one, "status");
    rows.push_back({{safe_line(text_at(one, "delivery_uuid"), false), Colour::cyan},
                    {safe_line(text_at(one, "event"), false)},
                    state_of_delivery(one, context.clock.now()),
                    {std::to_string(number_at(one, "attempts").value_or(0))},
                    {!error.empty() ? error : (status ? std::to_string(*status) : std::string("-"))}});
  }
  context.out << "\n" << table(context.style, rows);
}

}  // namespace kiln::cli
