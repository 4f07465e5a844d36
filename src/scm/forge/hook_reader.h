// How one kind of source host tells us what happened: which requests are its deliveries, how they prove
// themselves, and what they say. Pure functions fed with bytes, which may be hostile; any thread. Owned by
// the Forge they belong to (forge.h).
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "model/scm_event.h"
#include "scm/hooks/claimed_repo.h"

namespace kiln::scm {

// A request as a reader sees it; views live as long as the request.
struct HookRequest {
  // First value of that (lower-case) header, or empty.
  std::function<std::string_view(std::string_view name)> header;
  std::string_view body;
};

// What a delivery is called, for people and for the list of deliveries.
struct HookNames {
  std::string event;        // "push", "pull_request"
  std::string delivery_id;  // the host's own id; the same when it is sent again, where the host does so
  // Of the App whose hook says that it brings this; empty: it is no App's, or does not say whose. Anybody can
  // write it: it tells whose secret is worth trying, and proves nothing.
  std::string app_id = {};
};

class HookReader {
 public:
  virtual ~HookReader() = default;

  // Whether the head says that it is a delivery of this kind of host. Several may claim one request (Gitea
  // sends GitHub's headers beside its own): the first of scm::forges() has it.
  [[nodiscard]] virtual bool claims(const HookRequest& request) const = 0;
  // What can be said against it by the head alone. Errors: Errc::invalid with the header at fault;
  // Errc::unauthenticated when it has no signature or one of no known form.
  [[nodiscard]] virtual Status check_head(const HookRequest& request) const = 0;
  [[nodiscard]] virtual HookNames names(const HookRequest& request) const = 0;
  // Errors: Errc::invalid.
  [[nodiscard]] virtual Result<ClaimedRepo> claimed_repo(const HookRequest& request) const = 0;
  // In constant time over the raw body. An empty secret never fits. `now`, Unix milliseconds, bounds the age
  // of signatures that carry a time.
  [[nodiscard]] virtual bool is_signed_by(std::string_view secret, const HookRequest& request,
                                          TimeMs now) const = 0;
  // Whether it is a secret that the host itself has made, by which it signs from then on. Errors:
  // Errc::invalid, field "signing_token", also where hosts of this kind make none.
  [[nodiscard]] virtual Status check_signing_token(std::string_view secret) const;
  // What makes two deliveries one, out of what the proof covers: of a body that is signed the body itself,
  // since a header can be put before it again and again; of a host whose headers prove it their id.
  [[nodiscard]] virtual std::string delivery_key(const HookRequest& request) const;
  // `delivery_key` is what dedupes it and stands in the events. Errors: Errc::invalid with the field at
  // fault.
  [[nodiscard]] virtual Result<model::ScmEvent> parse(const HookRequest& request,
                                                      const std::string& delivery_key) const = 0;
};

}  // namespace kiln::scm
