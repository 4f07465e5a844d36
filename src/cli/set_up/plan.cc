#include "cli/set_up/plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/array.hpp>
#include <set>
#include <utility>

#include "cli/print.h"
#include "cli/set_up/kinds.h"
#include "model/repo_place.h"

namespace kiln::cli {
namespace {

namespace json = boost::json;

using TypeAndName = std::pair<std::string, std::string>;

// The host's own ids say that it is the same, or the address that it is cloned from.
bool same_repository(const Resource& one, const Resource& other) {
  const auto same = [&](const char* name) {
    return text_at(one.attributes, name) == text_at(other.attributes, name);
  };
  if (!same("provider_type")) return false;
  if (same("provider_account_id") && same("repo_id")) return true;
  const std::string url = text_at(one.attributes, "clone_url");
  const std::string others = text_at(other.attributes, "clone_url");
  return !url.empty() && !others.empty() && model::repo_place(url) == model::repo_place(others);
}

const Resource* counterpart(const Resource& wanted, const AccountSetUp& here) {
  if (wanted.type != "repository") return find(here, wanted.type, wanted.name);
  for (const Resource& one : here.resources) {
    if (one.type == wanted.type && same_repository(one, wanted)) return &one;
  }
  return nullptr;
}

std::string worker_of(const Resource& resource) {
  const std::string worker = text_at(resource.attributes, "worker");
  return worker.empty() ? resource.name.substr(0, resource.name.find('/')) : worker;
}

class Planner {
 public:
  Planner(const AccountSetUp& wanted, const Here& here, const PlanOptions& options)
      : wanted_(wanted), here_(here), options_(options) {}

  Plan plan() {
    for (const Resource& one : wanted_.resources) plan_.steps.push_back(step_of(one));
    for (const LeftOver& one : wanted_.left_over) {
      if (!is_settled(one)) plan_.left_over.push_back(one);
    }
    return std::move(plan_);
  }

 private:
  Step step_of(const Resource& wanted) {
    Step step{Action::make, wanted};
    const std::string missing = refer(step.resource);
    const Resource* there = counterpart(step.resource, here_.set_up);
    if (there != nullptr) {
      if (wanted.type == "repository") there_.insert(wanted.name);
      if (there->name != wanted.name) called_here_[{wanted.type, wanted.name}] = there->name;
      step.resource.name = there->name;
      compare(step, *there);
      return step;
    }
    if (!missing.empty()) {
      step.action = Action::cannot;
      step.why = "it needs the " + missing;
    } else {
      judge_new(step);
    }
    if (step.action != Action::make) lacking_.insert({wanted.type, wanted.name});
    return step;
  }

  // A host or a sink that is here, and a repository that was here before.
  [[nodiscard]] bool is_settled(const LeftOver& left) const {
    if (left.type == "repository") return there_.contains(left.name);
    if (left.type != "forge" && left.type != "sink") return false;
    const std::vector<LeftOver>& here = here_.set_up.left_over;
    return std::any_of(here.begin(), here.end(),
                       [&](const LeftOver& one) { return one.type == left.type && one.name == left.name; });
  }

  // Names of what is here in place of those of the set-up. The first of them that will not be here, in words.
  std::string refer(Resource& resource) const {
    std::string missing;
    for (const Attribute& attribute : kind_of(resource.type)->attributes) {
      json::value* name = resource.attributes.if_contains(attribute.name);
      if (attribute.refers_to.empty() || name == nullptr || !name->is_string()) continue;
      const TypeAndName meant{attribute.refers_to, name->get_string()};
      if (lacking_.contains(meant) && missing.empty())
        missing = fmt::format("{} {}", meant.first, headline(meant.second, 200));
      if (const auto here = called_here_.find(meant); here != called_here_.end()) *name = here->second;
    }
    return missing;
  }

  void compare(Step& step, const Resource& there) const {
    for (const auto& [name, value] : step.resource.attributes) {
      const json::value* before = there.attributes.if_contains(name);
      if (step.resource.type != "repository" && (before == nullptr || *before != value))
        step.fields.emplace_back(name);
    }
    const bool is_of_another =
        there.type == "trigger" && (differs(step, "worker") || differs(step, "repository"));
    const bool may_change = options_.update && !needs_secret(step.resource) && !is_of_another;
    step.action = step.fields.empty() ? Action::there : may_change ? Action::change : Action::differs;
    if (step.action != Action::differs) return;
    step.why = "it is otherwise here, and stays so without --update";
    if (!is_of_another) return;
    step.why = "a trigger of that name builds another repository here";
    step.command = {"kiln", "trigger", "delete", here_.ids.at({there.type, there.name})};
  }

  static bool differs(const Step& step, std::string_view field) {
    return std::find(step.fields.begin(), step.fields.end(), field) != step.fields.end();
  }

  void judge_new(Step& step) const {
    const Resource& resource = step.resource;
    if (resource.type == "subdomain") {
      step.action = Action::cannot;
      step.why =
          "an account's subdomain is chosen by the server's operator: when the account is made, or by "
          "the setting workers.subdomain of the first one";
      step.command = {"kiln", "account", "create", "--name", resource.name, "--subdomain", resource.name};
    } else if (resource.type == "secret" && !here_.uploaded.contains(worker_of(resource))) {
      step.action = Action::later;
      step.why = "a Worker's secrets are set beside a version, and it has none here: build it first";
      step.command = command_for_value(resource);
    } else if (resource.type == "repository" && text_at(resource.attributes, "clone_url").empty()) {
      step.action = Action::cannot;
      step.why = "where it is cloned from is not known";
      step.command = {"kiln", "connect", "URL", "--worker", "NAME"};
    } else if (needs_secret(resource) && !(options_.has_value_of && options_.has_value_of(resource.name))) {
      step.action = Action::ask;
      step.why = "its value cannot be read";
      step.command = command_for_value(resource);
    }
  }

  const AccountSetUp& wanted_;
  const Here& here_;
  const PlanOptions& options_;
  Plan plan_;
  std::map<TypeAndName, std::string> called_here_;  // where that is not as the set-up calls it
  std::set<TypeAndName> lacking_;                   // will not be here
  std::set<std::string> there_;                     // repositories
};

}  // namespace

Plan plan_of(const AccountSetUp& wanted, const Here& here, const PlanOptions& options) {
  return Planner(wanted, here, options).plan();
}

std::vector<std::string> command_for_value(const Resource& resource) {
  if (resource.type == "variable")
    return {"kiln",     "variable",         "set", text_at(resource.attributes, "key"), "--secret",
            "--worker", worker_of(resource)};
  if (resource.type == "secret")
    return {"kiln", "secret", "set", worker_of(resource), text_at(resource.attributes, "secret_name")};
  return {"kiln", "build-token", "create", "--name", resource.name};
}

const char* action_word(Action action) {
  switch (action) {
    case Action::there:
      return "there";
    case Action::make:
      return "make";
    case Action::change:
      return "change";
    case Action::differs:
      return "differs";
    case Action::ask:
      return "ask for";
    case Action::later:
      return "later";
    case Action::cannot:
      return "cannot";
  }
  return "";
}

}  // namespace kiln::cli
