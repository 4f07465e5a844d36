#include "app/serve.h"

#include <fmt/format.h>
#include <malloc.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <charconv>
#include <csignal>
#include <cstdio>
#include <memory>

#include "app/admission.h"
#include "app/service.h"
#include "cli/cli.h"

namespace kiln::app {
namespace {

struct Options {
  std::string data_dir;
  std::string listen = "127.0.0.1:8787";
  std::string workers_listen;
  std::string config;
};

using Address = std::pair<std::string, std::uint16_t>;

// "127.0.0.1:8787", "[::1]:0"; `option` is who says so. Errors: Errc::invalid.
Result<Address> parse_listen(const char* option, const std::string& text) {
  const std::size_t colon = text.rfind(':');
  std::uint16_t port = 0;
  const char* end = text.data() + text.size();
  const char* digits = text.data() + (colon == std::string::npos ? text.size() : colon + 1);
  const auto [at, error] = std::from_chars(digits, end, port);
  if (colon == std::string::npos || colon == 0 || error != std::errc() || at != end) {
    return fail(Errc::invalid, fmt::format("{} {}: give HOST:PORT, such as 127.0.0.1:8787", option, text),
                "listen");
  }
  std::string host = text.substr(0, colon);
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') host = host.substr(1, host.size() - 2);
  return std::pair(host, port);
}

// Beside the API, unless it is said where.
Result<Address> parse_workers_listen(const std::string& text, const Address& api) {
  if (!text.empty()) return parse_listen("--workers-listen", text);
  const bool next = api.second != 0 && api.second != 65535;
  return Address("127.0.0.1", next ? static_cast<std::uint16_t>(api.second + 1) : 0);
}

// The server holds every account's secrets: no core dumps, nobody attaches. It also answers many large
// bodies: glibc must not hand the top of the heap back after each one.
void prepare_process() {
  const rlimit none{0, 0};
  setrlimit(RLIMIT_CORE, &none);
  prctl(PR_SET_DUMPABLE, 0);
  mallopt(M_TRIM_THRESHOLD, 4 << 20);
  mallopt(M_MMAP_THRESHOLD, 4 << 20);
  mallopt(M_ARENA_MAX, 2);
  umask(022);  // who may read what is said where it is made; git's files too are made alike everywhere
  signal(SIGPIPE, SIG_IGN);
}

std::filesystem::path program_folder() {
  std::error_code error;
  return std::filesystem::read_symlink("/proc/self/exe", error).parent_path();
}

int complain(const Error& error, int exit_code) {
  std::fprintf(stderr, "kiln serve: %s\n", error.message.c_str());
  return exit_code;
}

int serve(const Options& given) {
  const auto address = parse_listen("--listen", given.listen);
  if (!address) return complain(address.error(), cli::kWrongUsage);
  const auto workers = parse_workers_listen(given.workers_listen, *address);
  if (!workers) return complain(workers.error(), cli::kWrongUsage);
  const auto file = given.config.empty() ? std::nullopt : std::optional<std::filesystem::path>(given.config);
  Result<settings::Config> config = settings::load_config(file);
  if (!config) return complain(config.error(), cli::kWrongUsage);
  prepare_process();
  const std::size_t descriptors = raise_descriptor_limit();
  log::start("kiln", config->log_level);
  // Blocked before any thread starts, so that only sigwait() below gets them.
  sigset_t ends;
  sigemptyset(&ends);
  sigaddset(&ends, SIGINT);
  sigaddset(&ends, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &ends, nullptr);
  ServiceOptions options;
  options.data_dir = given.data_dir.empty() ? cli::default_data_dir() : std::filesystem::path(given.data_dir);
  options.host = address->first;
  options.port = address->second;
  options.workers_host = workers->first;
  options.workers_port = workers->second;
  options.program_folder = program_folder();
  options.descriptors = descriptors;
  options.config = std::move(*config);
  auto service = Service::start(std::move(options));
  if (!service) return complain(service.error(), cli::kFailed);
  int signal_number = 0;
  sigwait(&ends, &signal_number);
  log::info("signal {}: stopping", signal_number);
  (*service)->stop();
  return cli::kDone;
}

}  // namespace

void add_serve(CLI::App& app, int& exit_code) {
  auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand("serve", "Run the server and its runner");
  command->add_option("--data-dir", options->data_dir, "Where everything is kept")->type_name("DIR");
  command->add_option("--listen", options->listen, "Address to listen on (default 127.0.0.1:8787)")
      ->type_name("HOST:PORT");
  command
      ->add_option("--workers-listen", options->workers_listen,
                   "Address where Workers answer (default 127.0.0.1, the next port)")
      ->type_name("HOST:PORT");
  command->add_option("--config", options->config, "Settings; docs/configuration.md lists them")
      ->type_name("FILE.toml");
  command->callback([options, &exit_code] { exit_code = serve(*options); });
}

}  // namespace kiln::app
