#include "api/builds/handlers.h"

#include <fmt/format.h>

#include <boost/json.hpp>
#include <charconv>

#include "api/error_table.h"
#include "base/strings.h"
#include "wire/json.h"

namespace kiln::api::builds {
namespace {

namespace json = boost::json;

constexpr int kMostPerPage = 200;

}  // namespace

void Adder::add(const char* method, const std::string& path, Needs needs, CallHandler handler,
                http::RouteOptions options) {
  router_.add(method, "/client/v4/accounts/{account_id}/builds" + path, options,
              gate_.guard(needs, std::move(handler)));
}

Result<Uuid> path_uuid(const Call& call, const std::string& name) {
  const std::optional<Uuid> id = Uuid::parse(call.request.param(name));
  if (!id) return fail(Errc::not_found, "Not found", name);
  return *id;
}

Result<int> number_of(const http::Request& request, std::string_view name, int fallback, int most) {
  const std::optional<std::string> text = request.query_value(name);
  if (!text) return fallback;
  int value = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), value);
  if (error != std::errc() || end != text->data() + text->size() || value < 1 || value > most) {
    return fail(Errc::invalid,
                fmt::format("Invalid request: {} must be a whole number from 1 to {}", name, most),
                std::string(name));
  }
  return value;
}

Result<std::optional<std::int64_t>> cursor_of(const http::Request& request) {
  const std::optional<std::string> text = request.query_value("cursor");
  if (!text) return std::nullopt;
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), number);
  if (error != std::errc() || end != text->data() + text->size() || number < 1)
    return fail(Errc::invalid, "Invalid request: cursor is none that a list has given", "cursor");
  return number;
}

Result<store::Page> page_of(const http::Request& request) {
  const Result<int> page = number_of(request, "page", 1, 1'000'000'000);
  if (!page) return tl::unexpected<Error>(page.error());
  const Result<int> per_page = number_of(request, "per_page", 50, kMostPerPage);
  if (!per_page) return tl::unexpected<Error>(per_page.error());
  return store::Page{*page, *per_page};
}

Result<json::object> object_body(const Call& call) {
  Result<json::value> value = wire::parse_json(call.request.body);
  if (!value) return tl::unexpected<Error>(value.error());
  if (!value->is_object())
    return fail(Errc::invalid, "Invalid request body: it must be a JSON object", "body");
  return std::move(value->as_object());
}

http::Response success_with_notes(const json::value& result, const std::vector<std::string>& notes) {
  json::array messages;
  for (const std::string& note : notes)
    messages.push_back({{"code", 12002}, {"message", to_valid_utf8(note)}});
  const json::object body = {
      {"result", result}, {"success", true}, {"errors", json::array()}, {"messages", messages}};
  return {200, {{"content-type", "application/json"}}, json::serialize(body)};
}

http::Response success_with_unknown(const json::value& result, std::vector<std::string> unknown) {
  for (std::string& name : unknown) name = fmt::format("the field {} is unknown and was ignored", name);
  return success_with_notes(result, unknown);
}

wire::EnvironmentForm form_for(const BuildsDeps& deps, const Call& call) {
  return deps.texts.form_for(call.request.header("user-agent"));
}

Result<std::vector<BuildText>> texts_of(const BuildsDeps& deps, const std::vector<store::BuildRow>& rows,
                                        wire::EnvironmentForm form) {
  std::vector<BuildText> texts;
  texts.reserve(rows.size());
  for (const store::BuildRow& row : rows) {
    Result<BuildText> text = deps.texts.of_row(row, form);
    if (!text) return tl::unexpected<Error>(text.error());
    texts.push_back(std::move(*text));
  }
  return texts;
}

Error as_body_error(Error error) {
  if (error.code != Errc::not_found || error.field.empty()) return error;
  return {Errc::invalid, "Invalid request body: " + error.field + " names nothing that this account has",
          error.field};
}

http::Response list_response(const std::vector<BuildText>& items, store::Page page, std::size_t total) {
  std::string list = "[";
  for (const BuildText& item : items) list.append(list.size() == 1 ? "" : ",").append(item.whole());
  list.append("]");
  return success_text(list, page_info(page.page, page.per_page, items.size(), total));
}

http::Response list_response(json::array items, store::Page page, std::size_t total) {
  const std::size_t count = items.size();
  return success_response(json::value(std::move(items)), page_info(page.page, page.per_page, count, total));
}

}  // namespace kiln::api::builds

namespace kiln::api {

void add_builds_routes(http::Router& router, const Gate& gate, const BuildsDeps& deps) {
  const auto shared = std::make_shared<const BuildsDeps>(deps);
  builds::Adder adder(router, gate);
  builds::add_lookups(adder, shared);
  builds::add_logs(adder, shared);
  builds::add_triggers(adder, shared);
  builds::add_variables(adder, shared);
  builds::add_manual_builds(adder, shared);
  builds::add_connections(adder, shared);
  builds::add_tokens(adder, shared);
  builds::add_autofill(adder, shared);
  builds::add_account(adder, shared);
  builds::add_worker_builds(adder, shared);
  builds::add_deploy_hooks(adder, shared);
  builds::add_deliveries(adder, shared);
  builds::add_deploy_hook_trigger(router, shared);
}

}  // namespace kiln::api
