#include "cli/browser.h"

#include <unistd.h>

namespace kiln::cli {
namespace {

constexpr int kOpenMs = 10'000;

}  // namespace

Status open_in_browser(Context& context, const std::string& place) {
  ProcessSpec browser;
  browser.argv = {"xdg-open", place};
  for (char** variable = environ; *variable != nullptr; ++variable)
    browser.environment.emplace_back(*variable);
  browser.timeout_ms = kOpenMs;
  const Result<ProcessEnd> opened = context.processes.run(browser);
  if (opened && opened->ok()) return {};
  return fail(Errc::unavailable, "xdg-open did not open a browser; open the printed address yourself" +
                                     (opened ? std::string() : ": " + opened.error().message));
}

}  // namespace kiln::cli
