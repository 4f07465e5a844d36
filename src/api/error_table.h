// The one table from error codes to HTTP status, API number and opening words, and the envelope they travel
// in. Pure functions: any thread.
#pragma once

#include <boost/json/fwd.hpp>
#include <string>
#include <string_view>

#include "base/result.h"
#include "http/message.h"

namespace kiln::api {

// Which family of routes answers: wrangler and the Builds clients expect other numbers for the same mistake.
// `services` is the path of the Workers API by which a client asks whether a Worker is there: old wranglers
// know 10090 alone as the answer that it is not, newer ones that too. `schedules` is the path of cron
// triggers.
enum class Family { builds, workers, services, schedules, kv, d1, r2, queues, plain };

[[nodiscard]] Family family_of(const std::string& path);

struct Refusal {
  int http_status;
  int code;
};
[[nodiscard]] Refusal refusal_for(Errc code, Family family);

// The `field` of an Errc::conflict that says that there are too many D1 databases, not that one is there.
inline constexpr const char* kFullAccount = "account";

// The `field` of an Errc::forbidden that is about the host name a request was sent to: a 421.
inline constexpr const char* kForeignHost = "Host";

// The `field` of an Errc::forbidden whose words name the right that lacks: they are told in every family.
inline constexpr const char* kLacksRight = "right";

// {"success":false,"errors":[{"code","message"}],"messages":[],"result":null}. An Errc::internal, io or
// corrupt error becomes a 500 that names only an id, which the service log carries together with the error's
// own words. X-Request-Id is what the log calls the request. The `field` of Errc::rate_limited is seconds,
// told as Retry-After; so is that of Errc::unavailable, which is a 503 then: it is here that there is no
// room, not there that nobody answers.
[[nodiscard]] http::Response error_response(const http::Request& request, const Error& error);

// {"result":…,"success":true,"errors":[],"messages":[]}, with "result_info" when `info` is not null.
[[nodiscard]] http::Response success_response(const boost::json::value& result);
[[nodiscard]] http::Response success_response(const boost::json::value& result,
                                              const boost::json::value& info);

// {"result":…,"success":true,"errors":[],"messages":[{"code","message"}]}: done, with something to be said
// about it; an empty `note` is none.
[[nodiscard]] http::Response noted_response(const boost::json::value& result, const std::string& note);

// The same around a result that is JSON already.
[[nodiscard]] http::Response success_text(std::string_view result, const boost::json::value& info);

// {page, per_page, count, total_count, total_pages, next_page}.
[[nodiscard]] boost::json::value page_info(int page, int per_page, std::size_t count, std::size_t total);

}  // namespace kiln::api
