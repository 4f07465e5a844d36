// What an import does: a set-up that is wanted beside what is here, and of each resource what becomes of it.
// Pure; any thread.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "cli/set_up/here.h"
#include "cli/set_up/set_up.h"

namespace kiln::cli {

enum class Action {
  there,    // as it is wanted
  make,     // it is missing
  change,   // it is there, and otherwise
  differs,  // the same, where nothing that is there may be changed
  ask,      // it lacks a secret's value
  later,    // it needs something that only a build brings
  cannot,   // `why` says what it lacks
};

struct Step {
  Action action = Action::there;
  Resource resource;                   // its references are names of what is here, or is made before
  std::vector<std::string> fields{};   // that are otherwise here
  std::string why{};                   // of differs, ask, later and cannot
  std::vector<std::string> command{};  // what settles it
};

struct PlanOptions {
  bool update = false;                                          // what is there is changed to what is wanted
  std::function<bool(const std::string& name)> has_value_of{};  // a secret's
};

struct Plan {
  std::vector<Step> steps;  // in the order in which they are done
  std::vector<LeftOver> left_over;
};

[[nodiscard]] Plan plan_of(const AccountSetUp& wanted, const Here& here, const PlanOptions& options);

// What gives a secret its value: `kiln variable set`, `kiln secret set` or `kiln build-token create`.
[[nodiscard]] std::vector<std::string> command_for_value(const Resource& resource);

// "make", "there" …: the word of the plan and of its JSON.
[[nodiscard]] const char* action_word(Action action);

}  // namespace kiln::cli
