// Tells source hosts what is due, one report at a time: what happened is noted before and after each call, so
// that a process that is killed between any two steps finds what it had made and makes nothing twice. Owned
// by app; safe from any thread, as long as each host has one thread at a time (events/lanes.h).
#pragma once

#include <functional>
#include <string>

#include "base/clock.h"
#include "base/result.h"
#include "events/reports/back_off.h"
#include "events/reports/report_source.h"
#include "forges/directory.h"
#include "store/report_store.h"

namespace kiln::events {

class Teller {
 public:
  struct Parts {
    store::ReportStore& reports;
    forges::Directory& directory;
    ReportSource& source;
    std::function<double()> chance;  // from 0 to 1, for spreading those who wait alike
  };
  explicit Teller(Parts parts) : parts_(std::move(parts)) {}

  struct Told {
    bool any = false;    // something was due
    TimeMs rest_ms = 0;  // the host is to be left alone for so long
  };
  // Tells the host the report that has waited longest, if one is due. Errors: those of the store.
  [[nodiscard]] Result<Told> tell_next(const std::string& host);

 private:
  [[nodiscard]] Result<std::string> tell(const store::DueReport& due);
  [[nodiscard]] Result<std::string> tell_with(const forges::Access& access, const store::DueReport& due);
  [[nodiscard]] Result<std::string> tell_pull_request(const forges::Access& access,
                                                      const store::DueReport& due, const scm::Known& known);
  [[nodiscard]] Status note(const store::DueReport& due, const NextTry& next, const std::string& error);
  [[nodiscard]] Result<Told> failed(const store::DueReport& due, const Error& error);

  Parts parts_;
};

}  // namespace kiln::events
