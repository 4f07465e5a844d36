// What the files of api/builds share: one registering function a resource, and small readers of requests.
#pragma once

#include <boost/json/value.hpp>
#include <memory>
#include <string>
#include <vector>

#include "api/builds/routes.h"
#include "read_cache/build_texts.h"

namespace kiln::api::builds {

struct AskedVariables;

using read_cache::BuildParts;
using read_cache::BuildText;
using read_cache::Text;

// Where a resource adds its routes: the path below …/builds, its right, its handler.
class Adder {
 public:
  Adder(http::Router& router, const Gate& gate) : router_(router), gate_(gate) {}
  void add(const char* method, const std::string& path, Needs needs, CallHandler handler,
           http::RouteOptions options = {});

 private:
  http::Router& router_;
  const Gate& gate_;
};

using Deps = std::shared_ptr<const BuildsDeps>;

void add_lookups(Adder& routes, const Deps& deps);
void add_logs(Adder& routes, const Deps& deps);
void add_triggers(Adder& routes, const Deps& deps);
void add_variables(Adder& routes, const Deps& deps);
void add_manual_builds(Adder& routes, const Deps& deps);
void add_connections(Adder& routes, const Deps& deps);
void add_tokens(Adder& routes, const Deps& deps);
void add_autofill(Adder& routes, const Deps& deps);
void add_account(Adder& routes, const Deps& deps);
void add_worker_builds(Adder& routes, const Deps& deps);
void add_deploy_hooks(Adder& routes, const Deps& deps);
void add_deliveries(Adder& routes, const Deps& deps);
void add_deploy_hook_trigger(http::Router& router, const Deps& deps);  // no token, no account in its path

// A {name} of the path as a UUID. Errors: Errc::not_found, since nothing can have that id.
[[nodiscard]] Result<Uuid> path_uuid(const Call& call, const std::string& name);

// A whole number of the query, from 1 to `most`; `fallback` when it is left out. Errors: Errc::invalid naming
// the parameter.
[[nodiscard]] Result<int> number_of(const http::Request& request, std::string_view name, int fallback,
                                    int most);

// The query's cursor, a number that a list has given; nothing: from its beginning. Errors: Errc::invalid.
[[nodiscard]] Result<std::optional<std::int64_t>> cursor_of(const http::Request& request);

// page and per_page of the query. Errors: Errc::invalid naming the parameter.
[[nodiscard]] Result<store::Page> page_of(const http::Request& request);

// The body as an object. Errors: Errc::invalid.
[[nodiscard]] Result<boost::json::object> object_body(const Call& call);

// A success whose messages are these.
[[nodiscard]] http::Response success_with_notes(const boost::json::value& result,
                                                const std::vector<std::string>& notes);
// A success whose messages name the fields nobody knows.
[[nodiscard]] http::Response success_with_unknown(const boost::json::value& result,
                                                  std::vector<std::string> unknown);

// How the caller gets the variables of builds.
[[nodiscard]] wire::EnvironmentForm form_for(const BuildsDeps& deps, const Call& call);

// Each row as its Build.
[[nodiscard]] Result<std::vector<BuildText>> texts_of(const BuildsDeps& deps,
                                                      const std::vector<store::BuildRow>& rows,
                                                      wire::EnvironmentForm form);

// Things that a body names and that do not exist are the body's fault: Errc::invalid with the field, not
// Errc::not_found.
[[nodiscard]] Error as_body_error(Error error);

// Whether the trigger can have what was asked for, and storing it. Errors: Errc::invalid, see
// check_variables().
[[nodiscard]] Status check_variables_of(const BuildsDeps& deps, const Uuid& trigger,
                                        const AskedVariables& asked);
[[nodiscard]] Status store_variables(const BuildsDeps& deps, const Uuid& trigger,
                                     const AskedVariables& asked);

// A page of `items`, as values or as texts.
[[nodiscard]] http::Response list_response(const std::vector<BuildText>& items, store::Page page,
                                           std::size_t total);
[[nodiscard]] http::Response list_response(boost::json::array items, store::Page page, std::size_t total);

}  // namespace kiln::api::builds
