// `kiln attest`: the signed statement of how a version was made, and the key that verifies it.
#include <memory>

#include "base/ed25519.h"
#include "cli/attestation.h"
#include "cli/commands.h"
#include "cli/ids.h"
#include "cli/print.h"

namespace kiln::cli {
namespace {

struct AttestOptions {
  std::string version;
  bool key = false;
};

// Said, and the command ends by its code.
Status say(Context& context, const Refusal& refusal) {
  context.out.flush();
  context.err << "kiln: " << refusal.words << '\n';
  context.exit_code = refusal.exit_code;
  return {};
}

Status print_key(Context& context, Server& server) {
  if (context.json) {
    const Result<boost::json::value> answer = server.get("/kiln/v1/attestation_key");
    if (!answer) return tl::unexpected<Error>(answer.error());
    context.out << pretty(*answer);
    return {};
  }
  const Judged<std::string> key = server_key(server);
  if (!key) return say(context, key.error());
  context.out << ed25519_pem(*key);
  return {};
}

Status attest(Context& context, const AttestOptions& options) {
  if (options.version.empty() && !options.key)
    return fail(Errc::invalid, "name a version, as `kiln versions WORKER` lists them, or ask for --key");
  Result<Server> server = Server::find(context);
  if (!server) return tl::unexpected<Error>(server.error());
  if (options.key) return print_key(context, *server);
  const Result<std::string> version = whole_id(*server, kVersionIds, options.version);
  if (!version) return tl::unexpected<Error>(version.error());
  const Judged<boost::json::value> answer = attestation_of(*server, server->account_id(), *version);
  if (!answer) return say(context, answer.error());
  if (context.json) {
    context.out << pretty(*answer);
    return {};
  }
  const Judged<std::string> envelope = envelope_of(*answer);
  if (!envelope) return say(context, envelope.error());
  context.out << *envelope << '\n';
  return {};
}

}  // namespace

void add_attest(CLI::App& app, Context& context) {
  CLI::App* command =
      app.add_subcommand("attest", "Print the signed statement of how a version was made, or its key");
  const auto options = std::make_shared<AttestOptions>();
  CLI::Option* version = command->add_option("VERSION", options->version, "The version");
  command->add_flag("--key", options->key, "Print the installation's public key, in PEM")->excludes(version);
  finish_command(*command, context, [&context, options] { return attest(context, *options); });
}

}  // namespace kiln::cli
