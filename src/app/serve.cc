#include "app/serve.h"

#include <fmt/format.h>
#include <malloc.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <memory>

#include "app/admission.h"
#include "app/listen_url.h"
#include "app/service.h"
#include "app/tls_part.h"
#include "base/service_manager.h"
#include "cli/cli.h"

namespace kiln::app {
namespace {

struct Options {
  std::string data_dir;
  std::string listen = "127.0.0.1:8787";
  std::string workers_listen;
  std::string metrics_listen;
  std::string tls_listen;
  std::string tls_certificate;
  std::string tls_key;
  std::string config;
};

// What arguments say goes before the settings.
void take_tls(const Options& given, settings::TlsSettings& tls) {
  if (!given.tls_listen.empty()) tls.listen = given.tls_listen;
  if (!given.tls_certificate.empty()) tls.certificate = given.tls_certificate;
  if (!given.tls_key.empty()) tls.key = given.tls_key;
}

// Nowhere where it is not said.
Result<ListenAddress> parse_if_said(const char* option, const std::string& text) {
  return text.empty() ? Result<ListenAddress>(ListenAddress()) : parse_listen(option, text);
}

// Beside the API, unless it is said where.
Result<ListenAddress> parse_workers_listen(const std::string& text, const ListenAddress& api) {
  if (!text.empty()) return parse_listen("--workers-listen", text);
  const bool next = api.second != 0 && api.second != 65535;
  return ListenAddress("127.0.0.1", next ? static_cast<std::uint16_t>(api.second + 1) : 0);
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

void tell(const ServiceManager& manager, const std::string& what) {
  if (const Status told = manager.tell(what); !told) log::warn("{}", told.error().message);
}

constexpr int kLookMs = 250;  // at builds that are waited for
constexpr int kSecondMs = 1'000;
constexpr const char* kExtend = "EXTEND_TIMEOUT_USEC=15000000";  // of the manager's patience with a stop

// What the process does between its start and its end, told by signals. One thread.
class Watch {
 public:
  Watch(const sigset_t& signals, const ServiceManager& manager, Service& service, const Options& given,
        int drain_seconds)
      : signals_(signals),
        manager_(manager),
        service_(service),
        given_(given),
        drain_seconds_(drain_seconds) {}

  // Until a signal ends the server and what it then had to wait for is over. Whoever watches over the server
  // hears meanwhile that it answers; a server that does not is ended by them and started again.
  void run() {
    const int signal_number = wait_for_end();
    log::info("stopping signal={}", signal_number);
    tell(manager_, "STOPPING=1");
    if (signal_number == SIGTERM) drain();
  }

 private:
  int wait_for_end() {
    while (true) {
      const int signal_number = next_signal(manager_.alive_every());
      if (signal_number == SIGHUP) reload();
      if (signal_number == SIGTERM || signal_number == SIGINT) return signal_number;
      if (signal_number == 0) tell_alive();
    }
  }

  // 0: none within the time.
  int next_signal(std::optional<std::chrono::milliseconds> at_most) {
    if (!at_most) {
      int signal_number = 0;
      sigwait(&signals_, &signal_number);
      return signal_number;
    }
    const timespec span{at_most->count() / kSecondMs, at_most->count() % kSecondMs * 1'000'000};
    return std::max(sigtimedwait(&signals_, nullptr, &span), 0);
  }

  void tell_alive() {
    if (const Status answers = service_.answers(); answers) {
      tell(manager_, "WATCHDOG=1");
    } else {
      log::error("the server does not answer itself: {}", answers.error().message);
    }
  }

  // Builds that run go on; whoever pushes, reads or visits a Worker is served all the while.
  void drain() {
    service_.drain();
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(drain_seconds_);
    std::int64_t told = -1;
    auto tell_next = std::chrono::steady_clock::now();
    while (true) {
      const Result<std::int64_t> running = service_.running();
      if (!running || *running == 0) return;
      const auto now = std::chrono::steady_clock::now();
      if (now >= until) {
        log::warn("handing back builds that have not ended in server.drain_seconds builds={}", *running);
        return;
      }
      if (*running != told) {
        log::info("draining builds={} at_most_seconds={}", *running,
                  std::chrono::ceil<std::chrono::seconds>(until - now).count());
        tell(manager_, fmt::format("STATUS=Waits for {} builds to end", *running));
      }
      told = *running;
      if (now >= tell_next) {
        tell(manager_, std::string(kExtend) + "\nWATCHDOG=1");
        tell_next = now + std::chrono::seconds(1);
      }
      const int signal_number = next_signal(std::chrono::milliseconds(kLookMs));
      if (signal_number == SIGTERM || signal_number == SIGINT) {
        log::warn("a second signal hands back builds that run builds={}", *running);
        return;
      }
    }
  }

  // What can change while the server runs; the rest of the file counts from the next start.
  void reload() {
    if (const Status read = service_.reload_certificates(); !read)
      log::error("the certificates of TLS stay as they were: {}", read.error().message);
    const auto file =
        given_.config.empty() ? std::nullopt : std::optional<std::filesystem::path>(given_.config);
    const Result<settings::Config> config = settings::load_config(file);
    if (!config) {
      log::error("settings are not reloaded: {}", config.error().message);
      return;
    }
    service_.set_log_level(config->log_level);
    drain_seconds_ = config->drain_seconds;
    log::info("reloaded settings=\"server.log_level server.drain_seconds\"");
  }

  const sigset_t& signals_;
  const ServiceManager& manager_;
  Service& service_;
  const Options& given_;
  int drain_seconds_;
};

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
  const std::string scraped = given.metrics_listen.empty() ? config->metrics_listen : given.metrics_listen;
  const auto metrics = parse_if_said("--metrics-listen", scraped);
  if (!metrics) return complain(metrics.error(), cli::kWrongUsage);
  take_tls(given, config->tls);
  if (const Status whole = check_tls(*config); !whole) return complain(whole.error(), cli::kWrongUsage);
  const auto tls = parse_if_said("--tls-listen", config->tls.listen);
  if (!tls) return complain(tls.error(), cli::kWrongUsage);
  prepare_process();
  const std::size_t descriptors = raise_descriptor_limit();
  log::start("kiln", config->log_level, config->log_format);
  const ServiceManager manager = ServiceManager::from_environment();
  // Blocked before any thread starts, so that only the watch below gets them.
  sigset_t signals;
  sigemptyset(&signals);
  for (const int number : {SIGINT, SIGTERM, SIGHUP}) sigaddset(&signals, number);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  const int drain_seconds = config->drain_seconds;
  ServiceOptions options;
  options.data_dir = given.data_dir.empty() ? cli::default_data_dir() : std::filesystem::path(given.data_dir);
  options.host = address->first;
  options.port = address->second;
  options.workers_host = workers->first;
  options.workers_port = workers->second;
  options.metrics_host = metrics->first;
  options.metrics_port = metrics->second;
  options.tls_host = tls->first;
  options.tls_port = tls->second;
  options.program_folder = program_folder();
  options.descriptors = descriptors;
  options.config = std::move(*config);
  auto service = Service::start(std::move(options));
  if (!service) return complain(service.error(), cli::kFailed);
  // To people alone: what a service's output goes to keeps it.
  if (isatty(STDOUT_FILENO) != 0) {
    if (const Result<std::string> link = (*service)->sign_in_link()) {
      std::printf("Open the page (good once, for 5 minutes): %s\n", link->c_str());
      std::fflush(stdout);
    }
  }
  tell(manager, "READY=1\nSTATUS=The API answers at " + (*service)->url());
  Watch(signals, manager, **service, given, drain_seconds).run();
  (*service)->stop();
  return cli::kDone;
}

}  // namespace

void add_serve(CLI::App& app, cli::Context& context) {
  auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand("serve", "Run the server and its runner");
  command->group("Server");
  command->add_option("--data-dir", options->data_dir, "Where everything is kept")->type_name("DIR");
  command->add_option("--listen", options->listen, "Address to listen on (default 127.0.0.1:8787)")
      ->type_name("HOST:PORT");
  command
      ->add_option("--workers-listen", options->workers_listen,
                   "Address where Workers answer (default 127.0.0.1, the next port)")
      ->type_name("HOST:PORT");
  command
      ->add_option("--metrics-listen", options->metrics_listen,
                   "Address where GET /metrics answers (default: metrics.listen of the settings)")
      ->type_name("HOST:PORT");
  command
      ->add_option(
          "--tls-listen", options->tls_listen,
          "Address where TLS is spoken, for the API, the page and Workers (default: tls.listen of the "
          "settings)")
      ->type_name("HOST:PORT");
  command->add_option("--tls-cert", options->tls_certificate, "Its certificate, with the chain, in PEM")
      ->type_name("FILE");
  command->add_option("--tls-key", options->tls_key, "The certificate's key, in PEM")->type_name("FILE");
  command->add_option("--config", options->config, "Settings; docs/configuration.md lists them")
      ->type_name("FILE.toml");
  command->callback([options, &app, &context] {
    if (options->data_dir.empty()) options->data_dir = app.get_option("--data-dir")->as<std::string>();
    context.exit_code = serve(*options);
  });
}

}  // namespace kiln::app
