// One function a subcommand, each in the file of its name. Internal to cli.
#pragma once

#include "cli/context.h"

namespace kiln::cli {

void add_status(CLI::App& app, Context& context);
void add_account(CLI::App& app, Context& context);
void add_token(CLI::App& app, Context& context);
void add_connect(CLI::App& app, Context& context);
void add_build(CLI::App& app, Context& context);
void add_builds(CLI::App& app, Context& context);
void add_deliveries(CLI::App& app, Context& context);
void add_why(CLI::App& app, Context& context);
void add_logs(CLI::App& app, Context& context);
void add_cancel(CLI::App& app, Context& context);
void add_retry(CLI::App& app, Context& context);
void add_doctor(CLI::App& app, Context& context);
void add_run(CLI::App& app, Context& context);
void add_tail(CLI::App& app, Context& context);
void add_which(CLI::App& app, Context& context);

}  // namespace kiln::cli
