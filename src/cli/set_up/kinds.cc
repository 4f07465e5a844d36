#include "cli/set_up/kinds.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/array.hpp>

#include "cli/print.h"

namespace kiln::cli {
namespace {

namespace json = boost::json;

constexpr std::size_t kLongestText = 8192;
constexpr std::size_t kMostTexts = 100;

bool is_text(const json::value& value) {
  return value.is_string() && value.get_string().size() <= kLongestText;
}

bool has_shape(const json::value& value, Shape shape) {
  switch (shape) {
    case Shape::text:
      return is_text(value);
    case Shape::truth:
      return value.is_bool();
    case Shape::number:
      return value.is_int64();
    case Shape::texts:
      return value.is_array() && value.get_array().size() <= kMostTexts &&
             std::all_of(value.get_array().begin(), value.get_array().end(), is_text);
  }
  return false;
}

std::string_view shape_words(Shape shape) {
  switch (shape) {
    case Shape::text:
      return "a text";
    case Shape::truth:
      return "true or false";
    case Shape::number:
      return "a whole number";
    case Shape::texts:
      return "a list of texts";
  }
  return "";
}

tl::unexpected<Error> unfit(const Resource& resource, const std::string& why) {
  return fail(Errc::invalid,
              fmt::format("{} {}: {}", headline(resource.type, 40), headline(resource.name, 200), why));
}

// A variable has its value here, or is a secret and has none.
Status check_value(const Resource& resource) {
  const bool has_value = resource.attributes.contains("value");
  if (resource.type != "variable" || has_value != needs_secret(resource)) return {};
  return unfit(resource, has_value ? "a secret's value does not stand in the file" : "value is missing");
}

}  // namespace

const std::vector<Kind>& kinds() {
  constexpr bool must = true;
  static const std::vector<Kind> all = {
      {"subdomain", {}},
      {"worker", {{"workers_dev", Shape::truth}, {"preview_urls", Shape::truth}}},
      {"kv_namespace", {}},
      {"d1_database", {}},
      {"r2_bucket", {{"storage_class"}}},
      {"queue",
       {{"delivery_delay", Shape::number},
        {"delivery_paused", Shape::truth},
        {"message_retention_period", Shape::number}}},
      {"queue_consumer",
       {{"queue", Shape::text, must, "queue"},
        {"dead_letter_queue"},
        {"batch_size", Shape::number},
        {"max_retries", Shape::number},
        {"visibility_timeout_ms", Shape::number},
        {"retry_delay", Shape::number}}},
      {"repository",
       {{"provider_type", Shape::text, must},
        {"provider_account_id", Shape::text, must},
        {"provider_account_name", Shape::text, must},
        {"repo_id", Shape::text, must},
        {"repo_name", Shape::text, must},
        {"clone_url"}}},
      {"build_token", {{"cloudflare_token_id", Shape::text, must}}},
      {"trigger",
       {{"worker", Shape::text, must, "worker"},
        {"repository", Shape::text, must, "repository"},
        {"build_token", Shape::text, false, "build_token"},
        {"trigger_name", Shape::text, must},
        {"build_command", Shape::text, must},
        {"deploy_command", Shape::text, must},
        {"root_directory", Shape::text, must},
        {"branch_includes", Shape::texts, must},
        {"branch_excludes", Shape::texts, must},
        {"path_includes", Shape::texts, must},
        {"path_excludes", Shape::texts, must},
        {"build_caching_enabled", Shape::truth},
        {"require_version", Shape::truth},
        {"fork_pull_requests"},
        {"report_path_skips", Shape::truth},
        {"paused", Shape::truth}}},
      {"variable",
       {{"trigger", Shape::text, must, "trigger"},
        {"key", Shape::text, must},
        {"is_secret", Shape::truth, must},
        {"value"}}},
      {"secret", {{"worker", Shape::text, must, "worker"}, {"secret_name", Shape::text, must}}},
      {"deploy_hook",
       {{"worker", Shape::text, must, "worker"},
        {"deploy_hook_name", Shape::text, must},
        {"branch", Shape::text, must}}},
      {"event_subscription",
       {{"queue", Shape::text, must, "queue"},
        {"worker_name", Shape::text, must},
        {"events", Shape::texts, must},
        {"enabled", Shape::truth}}},
  };
  return all;
}

const Kind* kind_of(std::string_view type) {
  const auto found =
      std::find_if(kinds().begin(), kinds().end(), [&](const Kind& one) { return one.type == type; });
  return found == kinds().end() ? nullptr : &*found;
}

bool needs_secret(const Resource& resource) {
  if (resource.type == "variable") return is_true_at(resource.attributes, "is_secret");
  return resource.type == "secret" || resource.type == "build_token";
}

Status check(const Resource& resource) {
  const Kind* kind = kind_of(resource.type);
  if (kind == nullptr) return unfit(resource, "there is no such type of resource");
  for (const Attribute& attribute : kind->attributes) {
    const json::value* value = resource.attributes.if_contains(attribute.name);
    if (value == nullptr && attribute.required)
      return unfit(resource, fmt::format("{} is missing", attribute.name));
    if (value != nullptr && !has_shape(*value, attribute.shape))
      return unfit(resource, fmt::format("{} is not {}", attribute.name, shape_words(attribute.shape)));
  }
  for (const auto& [name, value] : resource.attributes) {
    const auto known = [&name = name](const Attribute& one) { return one.name == std::string_view(name); };
    if (std::none_of(kind->attributes.begin(), kind->attributes.end(), known))
      return unfit(resource, fmt::format("it has no attribute {}", headline(name, 100)));
  }
  return check_value(resource);
}

}  // namespace kiln::cli
