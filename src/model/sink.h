// Sinks: addresses outside to which an account's events are sent, each in the form of its kind, and what
// became of each sending. Values and pure functions; any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/ids.h"
#include "model/event.h"

namespace kiln::model {

enum class SinkKind { webhook, slack, discord, teams, google_chat, mattermost, ntfy, matrix, email };
[[nodiscard]] std::string_view to_string(SinkKind kind);
[[nodiscard]] std::optional<SinkKind> parse_sink_kind(std::string_view text);
[[nodiscard]] const std::vector<std::string_view>& sink_kinds();

// Of endings: all, those that failed, or the first failure of a branch and its recovery.
enum class SinkOutcomes { all, failures, changes };
[[nodiscard]] std::string_view to_string(SinkOutcomes outcomes);
[[nodiscard]] std::optional<SinkOutcomes> parse_sink_outcomes(std::string_view text);

struct Sink {
  Uuid uuid;
  std::string account_id;
  std::string name;
  SinkKind kind = SinkKind::webhook;
  std::string place;        // scheme and host of its address: what may be shown
  std::string worker_name;  // empty: of every Worker
  std::vector<EventKind> events;
  SinkOutcomes outcomes = SinkOutcomes::all;
  bool production_only = false;
  bool enabled = true;
  std::string off_reason;  // why it was switched off by itself; empty: it was not
  TimeMs created_on = 0;
  TimeMs modified_on = 0;
};

// Sealed at rest. Of chats the address itself lets whoever knows it write there.
struct SinkSecrets {
  std::string url;
  std::string token;             // a bearer token; of e-mail the password
  std::string user;              // of e-mail
  std::string room;              // of Matrix
  std::string from;              // of e-mail
  std::vector<std::string> to;   // of e-mail
  std::string ca;                // PEM: authorities trusted there besides the machine's
  std::string signing;           // 32 bytes, of a webhook
  std::string previous_signing;  // good until then; empty: none
  TimeMs previous_signing_until = 0;
};

// The form in which a signing secret is shown: "whsec_" and base64.
[[nodiscard]] std::string shown_secret(std::string_view signing);

enum class DeliveryState { waiting, delivered, parked };
[[nodiscard]] std::string_view to_string(DeliveryState state);
[[nodiscard]] std::optional<DeliveryState> parse_delivery_state(std::string_view text);

// One event on its way to a sink.
struct SinkDelivery {
  Uuid uuid;
  std::optional<Uuid> build;
  std::string event;  // its type
  std::string body;   // the event as JSON
  DeliveryState state = DeliveryState::waiting;
  TimeMs made_on = 0;
  std::optional<TimeMs> due_on;
  std::optional<TimeMs> tried_on;
  int attempts = 0;
  int status = 0;      // that the sink answered last; 0: none
  std::string answer;  // its first bytes
  std::string error;   // why it was not delivered
};

// Whether the sink takes this event of a Worker at all. That of outcomes and branches is not looked at.
[[nodiscard]] bool wants(const Sink& sink, EventKind kind, std::string_view worker_name);
// Of an ending, when the one before it on the same branch had that outcome.
[[nodiscard]] bool wants_ending(SinkOutcomes outcomes, EventKind kind, std::optional<BuildOutcome> before);

}  // namespace kiln::model
