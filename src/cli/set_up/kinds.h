// The kinds of resources that a set-up has, and which attributes each takes. Pure; any thread.
#pragma once

#include <string_view>
#include <vector>

#include "base/result.h"
#include "cli/set_up/set_up.h"

namespace kiln::cli {

enum class Shape { text, truth, number, texts };

struct Attribute {
  std::string_view name;
  Shape shape = Shape::text;
  bool required = false;
  std::string_view refers_to{};  // the type whose name it is; empty: none
};

struct Kind {
  std::string_view type;
  std::vector<Attribute> attributes;
};

// In the order in which they are made.
[[nodiscard]] const std::vector<Kind>& kinds();
// nullptr: there is none.
[[nodiscard]] const Kind* kind_of(std::string_view type);

// Whether it cannot be made without a value that only its owner knows.
[[nodiscard]] bool needs_secret(const Resource& resource);

// Errors: Errc::invalid naming the resource and the attribute that is missing, unknown or of another shape.
[[nodiscard]] Status check(const Resource& resource);

}  // namespace kiln::cli
