#include "cli/started.h"

#include <fmt/format.h>

#include "cli/follow.h"

namespace kiln::cli {

Status show_started(Context& context, Server& server, const boost::json::value& started, bool follow) {
  const std::string uuid = safe_line(text_at(started, "build_uuid"), false);
  if (uuid.empty()) return fail(Errc::corrupt, "the server's answer names no build");
  if (context.json) {
    context.out << pretty(started);
  } else {
    context.out << fmt::format("build {} queued\n", paint(context.style, Colour::cyan, uuid));
    if (!follow) context.out << fmt::format("follow it: kiln logs {} --follow\n", uuid);
  }
  context.out.flush();
  return follow ? follow_log(context, server, uuid) : Status();
}

}  // namespace kiln::cli
