// What there is to say of a build to a source host, put together from the store. Owned by app; safe from any
// thread.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "events/reports/report_source.h"
#include "store/log_store.h"
#include "store/story_store.h"

namespace kiln::events {

class BuildReports final : public ReportSource {
 public:
  // Where a build's newest version with an address answers; empty texts: nowhere.
  struct Addresses {
    std::string version;
    std::string alias;
  };
  struct Parts {
    store::StoryStore& stories;
    store::LogStore& logs;
    std::function<Addresses(const model::Build& build, const std::string& worker_name)> addresses;
    std::function<std::string()> public_url;  // how people reach this server, without a slash at its end
  };
  explicit BuildReports(Parts parts) : parts_(std::move(parts)) {}

  [[nodiscard]] Result<model::BuildReport> report(const std::string& account_id, const Uuid& build) override;

 private:
  // Of the step in which it ended.
  [[nodiscard]] Result<std::vector<model::Annotation>> annotations(const std::string& account_id,
                                                                   const model::Build& build);

  Parts parts_;
};

// What is shown of a build in one word; `cause` is what ended it, if it was terminated.
[[nodiscard]] model::ReportState report_state(const model::Build& build, model::EndCause cause);
// The same in one sentence; `words` are those that were kept at its end, or empty.
[[nodiscard]] std::string report_sentence(const model::Build& build, model::ReportState state,
                                          const std::string& words);

}  // namespace kiln::events
