// Which requests are acts that the audit tells of, whose they are and on what: every operation of the API's
// document that is no GET, and a page to which a host sends its App. Pure but for the calling thread's act
// (store/act.h); any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "api/openapi.h"
#include "http/message.h"
#include "model/principal.h"
#include "store/act.h"

namespace kiln::api {

struct AskedAct {
  store::Act act;
  Audited audited = Audited::always;
};

// Of whoever the gate let in, in that account. Nothing for a request that only reads, and for routes that the
// document does not have.
[[nodiscard]] std::optional<AskedAct> act_of(const http::Request& request, const model::Principal& who,
                                             const std::string& account_id);
// The same before it is known whose the request is: a handler says it by acts_as().
[[nodiscard]] std::optional<AskedAct> act_of_stranger(const http::Request& request);

// The calling thread's act is this actor's, in this account. Nothing without one.
void acts_as(model::Actor who, const std::string& account_id);
// What is acted on besides what the path says, such as the name that a body gives. No secrets.
void acts_on(std::string_view what);

// Whether an answer says that it is done; what waits is not.
[[nodiscard]] bool is_done(const http::Reply& reply);

}  // namespace kiln::api
