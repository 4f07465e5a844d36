#include "wire/delivery_json.h"

#include <boost/json.hpp>

#include "base/time_format.h"
#include "wire/or_null.h"

namespace kiln::wire {
namespace {

namespace json = boost::json;

json::value verdict_json(const model::Verdict& verdict) {
  return {{"trigger_uuid", verdict.trigger_uuid.str()},
          {"trigger_name", verdict.trigger_name},
          {"worker_name", verdict.worker_name},
          {"script_tag", verdict.worker_tag},
          {"branch", verdict.branch},
          {"commit_hash", text_or_null(verdict.commit)},
          {"decision", to_string(verdict.decision)},
          {"rule", verdict.rule},
          {"build_uuid", uuid_or_null(verdict.build)}};
}

}  // namespace

json::value verdicts_json(const std::vector<model::Verdict>& verdicts) {
  json::array out;
  for (const model::Verdict& verdict : verdicts) out.push_back(verdict_json(verdict));
  return out;
}

json::value delivery_json(const model::Delivery& delivery) {
  json::array refs;
  for (const model::DeliveryRef& ref : delivery.refs) {
    refs.push_back({{"ref", ref.ref},
                    {"branch", text_or_null(ref.branch)},
                    {"before", text_or_null(ref.before)},
                    {"after", text_or_null(ref.after)}});
  }
  return {{"delivery_uuid", delivery.uuid.str()},
          {"repo_connection_uuid",
           delivery.connection == Uuid() ? json::value() : json::value(delivery.connection.str())},
          {"repo_name", delivery.repo_name},
          {"provider_type", delivery.origin.provider},
          {"provider_delivery_id", delivery.origin.provider_id},
          {"event", delivery.origin.event},
          {"signature", to_string(delivery.origin.signature)},
          {"received_on", format_rfc3339(delivery.received_on)},
          {"repeated", delivery.repeated},
          {"refs", refs},
          {"verdicts", verdicts_json(delivery.verdicts)},
          {"notes", json::value_from(delivery.notes)}};
}

}  // namespace kiln::wire
