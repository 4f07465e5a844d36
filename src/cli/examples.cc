#include "cli/examples.h"

namespace kiln::cli {
namespace {

struct Example {
  std::string_view path;
  std::string_view words;
};

// In the order in which they are shown. A unit test reads each as the command line would.
constexpr Example kAll[] = {
    {"", "kiln serve --data-dir /var/lib/kiln --listen 127.0.0.1:8787"},
    {"", "kiln connect /srv/git/shop.git --worker shop --build-command 'npm run build'"},
    {"", "kiln workers"},
    {"", "kiln builds shop --outcome fail"},
    {"", "kiln logs shop --failed"},
    {"", "kiln rollback shop"},
    {"", "kiln why feature/x"},
    {"serve", "kiln serve --data-dir /var/lib/kiln --listen 127.0.0.1:8787"},
    {"serve", "kiln serve --config /etc/kiln/kiln.toml --workers-listen 127.0.0.1:8788"},
    {"status", "kiln status"},
    {"status", "kiln status --json"},
    {"doctor", "kiln doctor"},
    {"doctor", "kiln doctor --config /etc/kiln/kiln.toml"},
    {"doctor", "kiln doctor --server"},
    {"dashboard", "kiln dashboard --open"},
    {"dashboard", "kiln dashboard --read-only --account acme"},
    {"workers", "kiln workers"},
    {"builds", "kiln builds"},
    {"builds", "kiln builds shop --branch main --outcome fail --since 7d"},
    {"builds", "kiln builds --author 'Ada Lovelace' --limit 5"},
    {"queue", "kiln queue"},
    {"show", "kiln show 6f1d2c3b"},
    {"show", "kiln show shop"},
    {"compare", "kiln compare shop"},
    {"compare", "kiln compare 6f1d2c3b 2dd4e3a1"},
    {"logs", "kiln logs shop"},
    {"logs", "kiln logs shop --failed --tail 20"},
    {"logs", "kiln logs 6f1d2c3b --grep error --timestamps"},
    {"logs", "kiln logs shop --follow"},
    {"build", "kiln build shop"},
    {"build", "kiln build shop --branch feature/x --follow"},
    {"build", "kiln build shop --commit 9fceb02a"},
    {"retry", "kiln retry 6f1d2c3b --follow"},
    {"cancel", "kiln cancel 6f1d2c3b"},
    {"approve", "kiln approve 6f1d2c3b"},
    {"open", "kiln open shop"},
    {"open", "kiln open 6f1d2c3b --print"},
    {"run", "kiln run ."},
    {"run", "kiln run apps/web --build-command 'npm run build' --env STAGE=test"},
    {"which", "kiln which 1f2e3d4c"},
    {"which", "kiln which shop"},
    {"which", "kiln which https://shop.example.com/cart"},
    {"versions", "kiln versions shop"},
    {"deployments", "kiln deployments shop"},
    {"attest", "kiln attest 1f2e3d4c > shop.json"},
    {"attest", "kiln attest --key > kiln.pem"},
    {"verify", "kiln verify shop.json --key kiln.pem"},
    {"verify", "kiln verify https://shop.example.com/ --key kiln.pem"},
    {"rollback", "kiln rollback shop"},
    {"rollback", "kiln rollback shop 1f2e3d4c --message 'the cart was broken'"},
    {"promote", "kiln promote 1f2e3d4c"},
    {"promote", "kiln promote 1f2e3d4c --percentage 10"},
    {"secret list", "kiln secret list shop"},
    {"secret set", "kiln secret set shop STRIPE_KEY < key.txt"},
    {"secret set", "kiln secret set shop STRIPE_KEY --file key.txt"},
    {"secret delete", "kiln secret delete shop STRIPE_KEY"},
    {"tail", "kiln tail shop"},
    {"connect", "kiln connect /srv/git/shop.git --worker shop --build-command 'npm run build'"},
    {"connect", "kiln connect git@git.example.com:shop.git --worker shop --deploy-key"},
    {"connect", "kiln connect https://github.com/acme/shop --worker shop --token-file ~/token"},
    {"disconnect", "kiln disconnect shop"},
    {"disconnect", "kiln disconnect acme/shop"},
    {"repository list", "kiln repository list"},
    {"repository rotate", "kiln repository rotate acme/shop --hook-secret"},
    {"repository rotate", "kiln repository rotate acme/shop --token-file ~/token"},
    {"repository hook", "kiln repository hook acme/shop > install-hook.sh"},
    {"trigger list", "kiln trigger list"},
    {"trigger list", "kiln trigger list shop"},
    {"trigger show", "kiln trigger show shop"},
    {"trigger set", "kiln trigger set 5a6b7c8d --build-command 'npm run build' --cache"},
    {"trigger set", "kiln trigger set 5a6b7c8d --branch main --not-path 'docs/*'"},
    {"trigger set", "kiln trigger set 5a6b7c8d --not-path="},
    {"trigger pause", "kiln trigger pause shop"},
    {"trigger resume", "kiln trigger resume shop"},
    {"trigger delete", "kiln trigger delete 5a6b7c8d"},
    {"variable list", "kiln variable list --worker shop"},
    {"variable set", "kiln variable set STAGE=production --worker shop"},
    {"variable set", "kiln variable set NPM_TOKEN --secret --worker shop < token.txt"},
    {"variable set", "kiln variable set NOTES --file notes.md --trigger 5a6b7c8d"},
    {"variable unset", "kiln variable unset STAGE --worker shop"},
    {"deliveries", "kiln deliveries shop"},
    {"why", "kiln why"},
    {"why", "kiln why feature/x --build"},
    {"forge add", "kiln forge add github"},
    {"forge add", "kiln forge add gitlab --url https://git.example.com --token-file ~/token"},
    {"forge list", "kiln forge list"},
    {"forge repositories", "kiln forge repositories"},
    {"forge reports", "kiln forge reports"},
    {"forge remove", "kiln forge remove https://git.example.com"},
    {"import cloudflare", "kiln import cloudflare --account 0123456789abcdef0123456789abcdef --dry-run"},
    {"import cloudflare", "kiln import cloudflare --account 0123456789abcdef0123456789abcdef --secrets -"},
    {"import file", "kiln import file set-up.json --dry-run"},
    {"import file", "kiln import file set-up.json --secrets ~/secrets.env"},
    {"export", "kiln export > set-up.json"},
    {"sinks add", "kiln sinks add ops --kind slack --url-file slack-url.txt"},
    {"sinks list", "kiln sinks list"},
    {"sinks show", "kiln sinks show ops"},
    {"sinks test", "kiln sinks test ops"},
    {"sinks resend", "kiln sinks resend ops 7c8d9e0f"},
    {"sinks rotate", "kiln sinks rotate ops"},
    {"sinks enable", "kiln sinks enable ops"},
    {"sinks disable", "kiln sinks disable ops"},
    {"sinks remove", "kiln sinks remove ops"},
    {"badge", "kiln badge shop --on"},
    {"badge", "kiln badge shop --branch main"},
    {"badge", "kiln badge shop --off"},
    {"token create", "kiln token create --name laptop --expires-in 90d"},
    {"token create", "kiln token create --name reader --permissions ci:read,scripts:read"},
    {"token list", "kiln token list"},
    {"token rotate", "kiln token rotate laptop"},
    {"token rotate", "kiln token rotate ci --keep-old 1h"},
    {"token revoke", "kiln token revoke laptop"},
    {"build-token list", "kiln build-token list"},
    {"build-token create", "kiln build-token create --name deploys < token.txt"},
    {"build-token delete", "kiln build-token delete deploys"},
    {"account create", "kiln account create --name acme --build-minutes 3000"},
    {"account list", "kiln account list"},
    {"account limit", "kiln account limit --account acme --build-minutes none"},
    {"account rename", "kiln account rename acme 'Acme Ltd'"},
    {"account delete", "kiln account delete acme --with-everything"},
    {"audit", "kiln audit --since 7d"},
    {"audit", "kiln audit --who laptop --changes"},
    {"backup", "kiln backup /srv/backups/kiln.tar.zst"},
    {"backup", "kiln backup kiln.tar.zst --key-file /root/kiln.key"},
    {"restore", "kiln restore kiln.tar.zst --key-file /root/kiln.key --data-dir /var/lib/kiln"},
    {"check", "kiln check"},
    {"check", "kiln check --repair"},
    {"prune", "kiln prune --dry-run"},
    {"drain", "kiln drain --wait"},
    {"drain", "kiln drain --end"},
    {"login", "kiln login https://kiln.example.com --token-file ~/token"},
    {"logout", "kiln logout"},
    {"whoami", "kiln whoami"},
    {"completion", "kiln completion bash > /etc/bash_completion.d/kiln"},
    {"completion", "source <(kiln completion zsh)"},
    {"man", "kiln man builds | man -l -"},
    {"man", "kiln man --dir /usr/local/share/man/man1"},
};

void show_below(CLI::App& command, const std::string& path) {
  std::string footer;
  for (const std::string_view words : examples_of(path))
    footer += (footer.empty() ? "Examples:\n  " : "\n  ") + std::string(words);
  if (!footer.empty()) command.footer(footer);
  for (CLI::App* below : command.get_subcommands([](const CLI::App*) { return true; }))
    show_below(*below, (path.empty() ? "" : path + " ") + below->get_name());
}

}  // namespace

std::vector<std::string_view> examples_of(std::string_view path) {
  std::vector<std::string_view> found;
  for (const Example& one : kAll) {
    if (one.path == path) found.push_back(one.words);
  }
  return found;
}

void show_examples(CLI::App& app) {
  for (CLI::App* below : app.get_subcommands([](const CLI::App*) { return true; }))
    show_below(*below, below->get_name());
}

}  // namespace kiln::cli
