#include "base/log.h"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <atomic>
#include <memory>
#include <utility>

#include "base/clock.h"
#include "base/log_line.h"
#include "base/time_format.h"

namespace kiln::log {
namespace {

std::atomic<Format> chosen_format{Format::logfmt};
thread_local std::string_view request_id;

spdlog::level::level_enum to_spdlog(Level level) {
  switch (level) {
    case Level::debug:
      return spdlog::level::debug;
    case Level::info:
      return spdlog::level::info;
    case Level::warn:
      return spdlog::level::warn;
    case Level::error:
      return spdlog::level::err;
  }
  return spdlog::level::err;
}

const char* name_of(Level level) {
  switch (level) {
    case Level::debug:
      return "debug";
    case Level::info:
      return "info";
    case Level::warn:
      return "warn";
    case Level::error:
      return "error";
  }
  return "error";
}

}  // namespace

std::string quoted(std::string_view value) {
  return '"' + escaped(value, true) + '"';
}

void start(std::string_view program, Level least, Format format) {
  auto logger = std::make_shared<spdlog::logger>(std::string(program),
                                                 std::make_shared<spdlog::sinks::stderr_sink_mt>());
  logger->set_pattern("%v");
  logger->set_level(to_spdlog(least));
  logger->flush_on(spdlog::level::debug);
  spdlog::set_default_logger(std::move(logger));
  chosen_format = format;
}

void set_level(Level least) {
  spdlog::default_logger_raw()->set_level(to_spdlog(least));
}

bool is_written(Level level) {
  return spdlog::default_logger_raw()->should_log(to_spdlog(level));
}

RequestScope::RequestScope(std::string_view id) : before_(std::exchange(request_id, id)) {}

RequestScope::~RequestScope() {
  request_id = before_;
}

void write(Level level, std::string_view line) {
  spdlog::logger& logger = *spdlog::default_logger_raw();
  if (!is_written(level)) return;
  Line parts = take_apart(line);
  std::vector<std::pair<std::string, std::string>> fields = {{"time", format_rfc3339(SystemClock().now())},
                                                             {"level", name_of(level)},
                                                             {"program", logger.name()},
                                                             {"msg", std::move(parts.words)}};
  if (!request_id.empty()) fields.emplace_back("request", request_id);
  for (auto& field : parts.fields) fields.push_back(std::move(field));
  logger.log(to_spdlog(level), "{}", chosen_format == Format::json ? as_json(fields) : as_logfmt(fields));
}

}  // namespace kiln::log
