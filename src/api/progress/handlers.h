// What the files of api/progress share: one registering function a resource, and small readers and writers.
#pragma once

#include <boost/json/value.hpp>
#include <memory>
#include <string>
#include <string_view>

#include "api/builds/handlers.h"
#include "api/progress/routes.h"

namespace kiln::api::progress {

using Deps = std::shared_ptr<const ProgressDeps>;
using builds::Adder;
using builds::number_of;
using builds::path_uuid;

void add_log_lines(Adder& routes, const Deps& deps);
void add_log_search(Adder& routes, const Deps& deps);
void add_raw_log(Adder& routes, const Deps& deps);
void add_live_log(Adder& routes, const Deps& deps);
void add_log_marks(Adder& routes, const Deps& deps);
void add_detail(Adder& routes, const Deps& deps);
void add_build_list(Adder& routes, const Deps& deps);
void add_compare(Adder& routes, const Deps& deps);
void add_overview(Adder& routes, const Deps& deps);
void add_queue(Adder& routes, const Deps& deps);
void add_ids(Adder& routes, const Deps& deps);
void add_events(Adder& routes, const Deps& deps);

// Any line that a log can have.
inline constexpr int kAnyLine = 2'000'000'000;
// Of routes that readers poll, or ask again when they come back.
inline constexpr http::RouteOptions kPolled{.work = http::Work::read, .conditional = true};

// The account's build that the path names. Errors: Errc::not_found.
[[nodiscard]] Result<store::BuildRow> build_of(const ProgressDeps& deps, const Call& call);

// Whether a query parameter says so. Errors: Errc::invalid naming it.
[[nodiscard]] Result<bool> truth_of(const std::optional<std::string>& word, const std::string& name,
                                    bool fallback);

// {first, lines, total, complete}.
[[nodiscard]] boost::json::value window_json(const store::LogWindow& window, bool complete);

// The event that ends a stream which cannot be read on: {message}, with what to do.
[[nodiscard]] std::string error_event(const Error& error);

// One server-sent event (WHATWG HTML); without an id when that is empty.
[[nodiscard]] std::string event_text(std::string_view name, std::string_view id,
                                     const boost::json::value& data);

}  // namespace kiln::api::progress
