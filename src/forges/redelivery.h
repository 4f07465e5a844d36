// Asks hosts to send again what did not arrive: of every App, the deliveries of the last days that the host
// kept as failed. What comes again and was taken in before changes nothing, so asking twice harms nobody.
// Owned by app; one thread. Each host is asked over HTTP, fifteen seconds a call at most.
// Source: GitHub docs, "Handling failed webhook deliveries".
#pragma once

#include <map>
#include <set>
#include <stop_token>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "forges/directory.h"
#include "scm/forge/app_api.h"
#include "store/forge_store.h"

namespace kiln::forges {

class Redelivery {
 public:
  // All outlive it.
  Redelivery(store::ForgeStore& forges, Directory& directory, const Clock& clock)
      : forges_(forges), directory_(directory), clock_(clock) {}

  // One look at every App, and how many deliveries were asked for again, fifty an App at most. A host that
  // fails is logged and looked at the next time; one delivery that it refuses holds up no other. Ends between
  // two calls when it is to stop.
  int look(const std::stop_token& stop = {});

 private:
  [[nodiscard]] Result<int> look_at(const model::ForgeRecord& forge, const scm::AppApi& apps,
                                    const std::stop_token& stop);

  store::ForgeStore& forges_;
  Directory& directory_;
  const Clock& clock_;
  // By forge: what was sent before is looked at no more, and the tries after it that the host refused.
  std::map<Uuid, TimeMs> settled_until_;
  std::map<Uuid, std::set<std::string>> refused_;
};

struct Missed {
  // Of each delivery that is to be sent again the newest try, the oldest delivery first, since what came last
  // must be what counts.
  std::vector<std::string> ids;
  TimeMs settled_until = 0;  // everything that was sent before has arrived, or is not to be asked for
};

// Those of which no try arrived, each less and less often for as long as the host keeps it. A button that was
// pressed more than ten minutes ago is not asked for: whoever pressed it has gone on since.
[[nodiscard]] Missed missed(const std::vector<scm::KeptDelivery>& newest_first, TimeMs now);

}  // namespace kiln::forges
