// GitHub webhooks: verify, then parse. Pure functions fed with bytes; any thread.
// Source of the rules: GitHub docs, "Webhook events and payloads" and "Validating webhook deliveries".
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "model/scm_event.h"

namespace kiln::scm {

// Constant-time check of X-Hub-Signature-256 ("sha256=<hex>") over the raw body.
[[nodiscard]] bool github_signature_ok(std::string_view secret, std::string_view body,
                                       std::string_view signature);

// Whether the text has that form.
[[nodiscard]] bool is_github_signature(std::string_view signature);

struct GithubDelivery {
  std::string event;         // X-GitHub-Event
  std::string delivery_id;   // X-GitHub-Delivery
  std::string content_type;  // application/json, or application/x-www-form-urlencoded with payload=
  std::string body;
};

// What an unverified body says its repository is: only for finding the secret to verify it with.
struct ClaimedRepo {
  std::string id;
  std::string full_name;
  std::string clone_url;
};
[[nodiscard]] Result<ClaimedRepo> github_claimed_repo(const GithubDelivery& delivery);

// Errors: Errc::invalid with the field at fault.
[[nodiscard]] Result<model::ScmEvent> parse_github(const GithubDelivery& delivery);

}  // namespace kiln::scm
