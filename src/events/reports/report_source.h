// Port: what there is to say of a build to a source host, as it stands now. Owned by app; safe from any
// thread.
#pragma once

#include <string>

#include "base/ids.h"
#include "base/result.h"
#include "model/build_report.h"

namespace kiln::events {

class ReportSource {
 public:
  virtual ~ReportSource() = default;
  [[nodiscard]] virtual Result<model::BuildReport> report(const std::string& account_id,
                                                          const Uuid& build) = 0;
};

}  // namespace kiln::events
