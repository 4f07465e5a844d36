#include "model/delivery.h"

namespace kiln::model {

std::string_view to_string(Decision decision) {
  switch (decision) {
    case Decision::built:
      return "built";
    case Decision::skipped:
      return "skipped";
    case Decision::passed_over:
      return "passed_over";
  }
  return {};
}

std::string_view to_string(SignatureResult result) {
  switch (result) {
    case SignatureResult::verified:
      return "verified";
    case SignatureResult::refused:
      return "refused";
    case SignatureResult::hook_secret:
      return "hook_secret";
    case SignatureResult::asked:
      return "asked";
  }
  return {};
}

std::optional<Decision> parse_decision(std::string_view text) {
  for (const Decision decision : {Decision::built, Decision::skipped, Decision::passed_over}) {
    if (to_string(decision) == text) return decision;
  }
  return std::nullopt;
}

std::optional<SignatureResult> parse_signature_result(std::string_view text) {
  for (const SignatureResult result : {SignatureResult::verified, SignatureResult::refused,
                                       SignatureResult::hook_secret, SignatureResult::asked}) {
    if (to_string(result) == text) return result;
  }
  return std::nullopt;
}

}  // namespace kiln::model
