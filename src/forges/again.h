// What hosts refused for good is told again, since something changed there, or because somebody asks. Safe
// from any thread; reads and writes the store alone.
#pragma once

#include <string>

#include "base/result.h"
#include "forges/directory.h"
#include "model/scm_event.h"
#include "store/forge_store.h"
#include "store/report_store.h"

namespace kiln::forges {

// What was given up of the account's connections becomes due: of those whose host has that API, or of all
// where `api_url` is empty. What nobody is told of any more stays as it is. Returns how many reports.
[[nodiscard]] Result<int> tell_again(Directory& directory, store::ReportStore& reports,
                                     const std::string& account_id, const std::string& api_url);

// The same of every account that has set up the App, where the news may let it do more than before.
[[nodiscard]] Status tell_again(Directory& directory, store::ForgeStore& forges, store::ReportStore& reports,
                                const model::InstallationNews& news);

}  // namespace kiln::forges
