// The report of our own post-receive hook (scm/git/post_receive.h writes that script). Pure; any thread.
//
// Body: NUL-separated fields. First "kiln-push-1" and the delivery id, then for every ref:
//   "ref" old new refname forced("0"|"1") commits author message pushoption-skip("0"|"1") path… ""
// The empty string ends a ref's list of changed paths; at most 3,000 are sent (then path rules are bypassed
// anyway).
#pragma once

#include <string_view>

#include "base/result.h"
#include "model/scm_event.h"

namespace kiln::scm {

// Errors: Errc::invalid saying at which field the body ends or goes wrong.
[[nodiscard]] Result<model::ScmEvent> parse_plain_git(std::string_view body);

}  // namespace kiln::scm
