// One function a subcommand, each in the file of its name. Internal to cli.
#pragma once

#include <string>
#include <vector>

#include "cli/context.h"

namespace kiln::cli {

void add_status(CLI::App& app, Context& context);
void add_account(CLI::App& app, Context& context);
void add_audit(CLI::App& app, Context& context);
void add_login(CLI::App& app, Context& context);  // and logout, whoami
void add_backup(CLI::App& app, Context& context);
void add_prune(CLI::App& app, Context& context);
void add_token(CLI::App& app, Context& context);
void add_connect(CLI::App& app, Context& context);
void add_repository(CLI::App& app, Context& context);
void add_build(CLI::App& app, Context& context);
void add_builds(CLI::App& app, Context& context);
void add_forge(CLI::App& app, Context& context);
void add_import(CLI::App& app, Context& context);
void add_export(CLI::App& app, Context& context);
void add_sinks(CLI::App& app, Context& context);
void add_deliveries(CLI::App& app, Context& context);
void add_compare(CLI::App& app, Context& context);
void add_show(CLI::App& app, Context& context);
void add_dashboard(CLI::App& app, Context& context);
void add_why(CLI::App& app, Context& context);
void add_logs(CLI::App& app, Context& context);
void add_approve(CLI::App& app, Context& context);
void add_cancel(CLI::App& app, Context& context);
void add_retry(CLI::App& app, Context& context);
void add_drain(CLI::App& app, Context& context);
void add_doctor(CLI::App& app, Context& context);
void add_run(CLI::App& app, Context& context);
void add_badge(CLI::App& app, Context& context);
void add_tail(CLI::App& app, Context& context);
void add_workers(CLI::App& app, Context& context);
void add_trigger(CLI::App& app, Context& context);
void add_variable(CLI::App& app, Context& context);
void add_secret(CLI::App& app, Context& context);
void add_versions(CLI::App& app, Context& context);  // and deployments
void add_rollback(CLI::App& app, Context& context);
void add_promote(CLI::App& app, Context& context);
void add_queue(CLI::App& app, Context& context);
void add_disconnect(CLI::App& app, Context& context);
void add_open(CLI::App& app, Context& context);
void add_build_token(CLI::App& app, Context& context);
void add_completion(CLI::App& app, Context& context);
// What `kiln complete -- WORDS` prints: a candidate a line, with what it is behind a tab; ":files" where
// names of files fit.
void answer_completion(Context& context, const CLI::App& app, const std::vector<std::string>& words);
void add_man(CLI::App& app, Context& context);
void add_attest(CLI::App& app, Context& context);
void add_verify(CLI::App& app, Context& context);
void add_which(CLI::App& app, Context& context);

}  // namespace kiln::cli
