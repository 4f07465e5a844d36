// The header fields by which the parts of Kiln speak to each other around a Worker, which neither Workers nor
// their visitors see. Pure functions: any thread.
#pragma once

#include <algorithm>
#include <array>
#include <string_view>

#include "http/head.h"

namespace kiln::serving {

inline constexpr std::string_view kAccountField = "x-kiln-account";
inline constexpr std::string_view kSecretField = "x-kiln-secret";
inline constexpr std::string_view kHopsField = "x-kiln-hops";
inline constexpr std::string_view kServiceField = "x-kiln-service";
inline constexpr std::string_view kEntrypointField = "x-kiln-entrypoint";
inline constexpr std::string_view kVersionField = "x-kiln-version";
inline constexpr std::string_view kCfField = "x-kiln-cf";  // request.cf; workerd takes it out of the request

// What whoever shows none of these is told where they are needed.
inline constexpr const char* kForCalls = "This socket is for calls between Workers.";

// Which version of a deployment a visitor wants.
inline constexpr std::string_view kOverridesField = "cloudflare-workers-version-overrides";

[[nodiscard]] inline bool is_own(const http::Field& field) {
  constexpr std::array<std::string_view, 7> own = {kAccountField,    kSecretField,  kHopsField, kServiceField,
                                                   kEntrypointField, kVersionField, kCfField};
  return field.known == http::Name::other && std::any_of(own.begin(), own.end(), [&](std::string_view name) {
           return http::same_name(field.name, name);
         });
}

}  // namespace kiln::serving
