// What is asked of the server about how a version was made, and what is wrong with an attestation, by which
// `kiln verify` ends. One thread. Internal to cli.
#pragma once

#include <boost/json/value.hpp>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "cli/context.h"
#include "cli/server.h"
#include "provenance/reading.h"

namespace kiln::cli {

// Exit codes of `kiln verify`, besides those of every command; scripts tell by them what is wrong.
inline constexpr int kNotAttested = 10;    // the version has no attestation
inline constexpr int kUnreadable = 11;     // what was read is no attestation of Kiln's
inline constexpr int kWrongKey = 12;       // another key signed it
inline constexpr int kNotVerified = 13;    // its signature is not of what it says
inline constexpr int kWrongVersion = 14;   // it attests another version
inline constexpr int kNotAsAttested = 15;  // what is stored is not what was attested

struct Refusal {
  int exit_code = kFailed;
  std::string words;
};
template <typename T>
using Judged = tl::expected<T, Refusal>;

[[nodiscard]] tl::unexpected<Refusal> refused(int exit_code, std::string words);
// Of an error that has no exit code of its own.
[[nodiscard]] tl::unexpected<Refusal> refused(const Error& error);

// The server's answer about the version: "state", "worker", "envelope".
[[nodiscard]] Judged<boost::json::value> attestation_of(Server& server, const std::string& account,
                                                        const std::string& version);
// The envelope in that answer as a text, or why there is none.
[[nodiscard]] Judged<std::string> envelope_of(const boost::json::value& answer);
[[nodiscard]] Judged<std::string> server_key(Server& server);

// What the envelope attests, once the key has verified it. `version`: the one that it must be of; empty: any.
[[nodiscard]] Judged<provenance::Attested> judge(std::string_view envelope, std::string_view public_key,
                                                 const std::string& version);
// Whether what the server has stored of the version is what was attested.
[[nodiscard]] Judged<void> compare_stored(Server& server, const std::string& account,
                                          const provenance::Attested& attested);

}  // namespace kiln::cli
