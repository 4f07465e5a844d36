// What kiln-runner and kiln-agent say to each other over their socket, as bytes. The runner sends commands;
// the agent says hello once, then one report a command. Header-only and free of other rooms, because the
// agent links nothing. Pure functions: any thread.
#pragma once

#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace kiln::agent {

// A command frame: its body's length as 4 bytes in host order, then the body.
inline constexpr std::size_t kMaxBody = 16U << 20U;
inline constexpr std::size_t kLengthSize = sizeof(std::uint32_t);

struct CommandFrame {
  std::vector<std::string> argv;
  std::vector<std::string> environment;
  std::string directory;
};

// Everything the agent ever says.
struct Report {
  enum class Kind : std::uint32_t { hello = 1, exited = 2, signalled = 3 };
  Kind kind = Kind::hello;
  std::int32_t value = 0;  // exit code or signal
  // Of all commands so far.
  std::uint64_t cpu_us = 0;
  std::uint64_t written = 0;          // bytes
  std::uint64_t largest_process = 0;  // bytes, at its largest
};

[[nodiscard]] inline bool is_known(Report::Kind kind) {
  return kind == Report::Kind::hello || kind == Report::Kind::exited || kind == Report::Kind::signalled;
}

namespace detail {

inline void append_number(std::string& out, std::uint32_t number) {
  out.append(reinterpret_cast<const char*>(&number), sizeof number);
}

inline bool take_number(std::string_view& in, std::uint32_t& number) {
  if (in.size() < sizeof number) return false;
  std::memcpy(&number, in.data(), sizeof number);
  in.remove_prefix(sizeof number);
  return true;
}

inline bool take_text(std::string_view& in, std::string& text) {
  const std::size_t end = in.find('\0');
  if (end == std::string_view::npos) return false;
  text = in.substr(0, end);
  in.remove_prefix(end + 1);
  return true;
}

inline bool take_texts(std::string_view& in, std::uint32_t count, std::vector<std::string>& texts) {
  if (count > in.size()) return false;
  texts.resize(count);
  for (std::string& text : texts) {
    if (!take_text(in, text)) return false;
  }
  return true;
}

inline bool append_text(std::string& out, std::string_view text) {
  if (text.find('\0') != std::string_view::npos) return false;
  out.append(text);
  out.push_back('\0');
  return true;
}

}  // namespace detail

// Length and body; nothing when a text holds a NUL, argv is empty or the whole is larger than kMaxBody.
[[nodiscard]] inline std::optional<std::string> encode(const std::vector<std::string>& argv,
                                                       const std::vector<std::string>& environment,
                                                       std::string_view directory) {
  if (argv.empty()) return std::nullopt;
  std::string frame(kLengthSize, '\0');
  detail::append_number(frame, static_cast<std::uint32_t>(argv.size()));
  detail::append_number(frame, static_cast<std::uint32_t>(environment.size()));
  bool fits = detail::append_text(frame, directory);
  for (const std::string& text : argv) fits = fits && detail::append_text(frame, text);
  for (const std::string& text : environment) fits = fits && detail::append_text(frame, text);
  const std::size_t body = frame.size() - kLengthSize;
  if (!fits || body > kMaxBody) return std::nullopt;
  const auto length = static_cast<std::uint32_t>(body);
  std::memcpy(frame.data(), &length, sizeof length);
  return frame;
}

// A body without its length; nothing when it is not exactly one command.
[[nodiscard]] inline std::optional<CommandFrame> decode(std::string_view body) {
  CommandFrame frame;
  std::uint32_t argc = 0;
  std::uint32_t envc = 0;
  const bool whole = detail::take_number(body, argc) && detail::take_number(body, envc) &&
                     detail::take_text(body, frame.directory) && detail::take_texts(body, argc, frame.argv) &&
                     detail::take_texts(body, envc, frame.environment);
  if (!whole || !body.empty() || frame.argv.empty()) return std::nullopt;
  return frame;
}

}  // namespace kiln::agent
