#include "serving/workerd_config.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <optional>
#include <string_view>

#include "base/special_addresses.h"
#include "base/strings.h"
#include "base/time_format.h"
#include "serving/callees.h"
#include "serving/capnp_text.h"
#include "serving/runtimes.h"

namespace kiln::serving {
namespace {

namespace json = boost::json;

constexpr const char* kAssetsService = "w-assets";
constexpr const char* kEventsService = "w-events";
constexpr const char* kEventsGateDate = "2026-01-01";
// A message whose body did not come from v8 is given to v8 here.
constexpr const char* kEventsGate =
    "const text = new TextDecoder('utf-8', { ignoreBOM: true });\n"
    "const bodies = { text: (b) => ({ body: text.decode(b) }), json: (b) => ({ body: "
    "JSON.parse(text.decode(b)) }),\n"
    "  bytes: (b) => ({ body: new Uint8Array(b) }), v8: (b) => ({ serializedBody: new Uint8Array(b) }) };\n"
    "async function batch(request, user) {\n"
    "  const bytes = await request.arrayBuffer();\n"
    "  let at = 4 + new DataView(bytes).getUint32(0, true);\n"
    "  const { queue, messages, metrics } = JSON.parse(text.decode(bytes.slice(4, at)));\n"
    "  const all = messages.map(({ id, timestamp, attempts, type, size }) => {\n"
    "    const body = bodies[type](bytes.slice(at, at + size));\n"
    "    at += size;\n"
    "    return { id, timestamp: new Date(timestamp), attempts, ...body };\n"
    "  });\n"
    "  return user.queue(queue, all, { metrics });\n"
    "}\n"
    "export default { async fetch(request, env) {\n"
    "  if (new URL(request.url).pathname === '/batch') return Response.json(await batch(request, "
    "env.USER));\n"
    "  const { cron, scheduledTime } = await request.json();\n"
    "  return Response.json(await env.USER.scheduled({ cron, scheduledTime: new Date(scheduledTime) }));\n"
    "} };\n";
constexpr const char* kSocketOptions =
    "forwardedProtoHeader = \"x-forwarded-proto\", cfBlobHeader = \"x-kiln-cf\"";
constexpr const char* kFirstCompatibilityDate = "2021-11-02";  // of an upload that names none

Result<json::value> parsed(const std::string& text, const char* what) {
  boost::system::error_code error;
  json::value value = json::parse(text.empty() ? "null" : text, error);
  if (error) return fail(Errc::corrupt, fmt::format("a version's stored {} do not parse", what));
  return value;
}

std::string text_of(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains(name);
  return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

// The field of workerd's Module that holds a module of this content type; empty: none, it is not run.
std::string_view module_field(std::string_view content_type) {
  const std::string type = to_lower(trim(content_type.substr(0, content_type.find(';'))));
  if (type == "application/javascript+module") return "esModule";
  if (type == "application/javascript") return "commonJsModule";
  if (type == "application/wasm") return "wasm";
  if (type == "text/plain") return "text";
  if (type == "application/octet-stream") return "data";
  return {};
}

class Generator {
 public:
  Generator(const model::Version& version, const std::map<std::string, std::string>& secrets,
            const Surroundings& around)
      : version_(version), secrets_(secrets), around_(around), callees_(around, out_) {}

  Result<WorkerdConfig> run() {
    const Result<json::value> flags = parsed(version_.compatibility_flags_json, "compatibility flags");
    if (!flags) return tl::unexpected<Error>(flags.error());
    compatibility_ = fmt::format("compatibilityDate = {}, compatibilityFlags = [{}]",
                                 capnp_quote(version_.compatibility_date.empty() ? kFirstCompatibilityDate
                                             : around_.run_date.empty()          ? version_.compatibility_date
                                                                                 : around_.run_date),
                                 quoted_words(*flags));
    out_.has_assets = version_.has_assets;
    const bool has_script = !version_.main_module.empty() || !version_.body_part.empty();
    if (has_script) {
      if (const Status added = add_script(); !added) return tl::unexpected<Error>(added.error());
    }
    if (version_.has_assets) {
      if (const Status added = add_assets(has_script); !added) return tl::unexpected<Error>(added.error());
    }
    if (!has_script && !version_.has_assets)
      return fail(Errc::script_invalid, "The version holds neither a script nor static assets.");
    const std::string sockets = entrypoint_sockets() + (has_script ? events_socket() : std::string());
    out_.text = fmt::format(
        "using Workerd = import \"/workerd/workerd.capnp\";\n"
        "const config :Workerd.Config = (\n  services = [\n{}{}  ],\n"
        "  sockets = [\n    (name = {}, http = ({}), service = {}){}]{}\n);\n",
        services_, internet(), capnp_quote(kSocketName), kSocketOptions,
        capnp_quote(version_.has_assets ? kAssetsService : kScriptService), sockets,
        around_.log == LogForm::structured ? ",\n  structuredLogging = true" : "");
    return std::move(out_);
  }

 private:
  static std::string quoted_words(const json::value& list) {
    std::string out;
    if (!list.is_array()) return out;
    for (const json::value& word : list.get_array()) {
      if (!word.is_string()) continue;
      out += (out.empty() ? "" : ", ") + capnp_quote(word.get_string());
    }
    return out;
  }

  // workerd has no way in for such events but a call of one of its Workers, so there is one for them.
  [[nodiscard]] std::string events_socket() {
    if (!around_.events) return {};
    services_ += fmt::format(
        "    (name = \"{0}\", worker = (modules = [(name = \"events.js\", esModule = {1})],\n"
        "      compatibilityDate = \"{2}\", compatibilityFlags = [\"service_binding_extra_handlers\"],\n"
        "      bindings = [(name = \"USER\", service = \"{3}\")])),\n",
        kEventsService, capnp_quote(kEventsGate), kEventsGateDate, kScriptService);
    return fmt::format(",\n    (name = \"{}\", http = (), service = \"{}\")", kEventsSocketName,
                       kEventsService);
  }

  // A socket leads to one entrypoint, and takes calls besides requests.
  std::string entrypoint_sockets() {
    std::string out;
    if (version_.main_module.empty()) return out;
    out_.entrypoints = {""};
    out_.entrypoints.insert(out_.entrypoints.end(), version_.entrypoints.begin(), version_.entrypoints.end());
    for (std::size_t i = 0; i < out_.entrypoints.size(); ++i) {
      const std::string& name = out_.entrypoints[i];
      out += fmt::format(
          ",\n    (name = {}, http = ({}, capnpConnectHost = \"{}\"), service = (name = \"{}\"{}))",
          capnp_quote(entrypoint_socket(i)), kSocketOptions, kConnectHost, kScriptService,
          name.empty() ? "" : ", entrypoint = " + capnp_quote(name));
    }
    return out;
  }

  // The service that fetch() and connect() of a script go to. To workerd, "private" has the loopback in it,
  // and to it some metadata services are the public internet or a private network like any other: they are
  // denied unless the operator names them. A range that is narrower than a denied one opens what is in it.
  [[nodiscard]] std::string internet() const {
    std::string allowed;
    for (const std::string& range : around_.outbound) {
      allowed += (allowed.empty() ? "" : ", ") + capnp_quote(range);
    }
    const bool local =
        std::find(around_.outbound.begin(), around_.outbound.end(), "local") != around_.outbound.end();
    std::string denied = local ? "" : "\"local\"";
    for (const SpecialRange& range : special_ranges()) {
      if (range.kind != Special::metadata || names(range)) continue;
      denied += (denied.empty() ? "" : ", ") + capnp_quote(range.str());
    }
    return fmt::format(
        "    (name = \"internet\", network = (allow = [{}], deny = [{}], tlsOptions = (trustBrowserCas = "
        "true))),\n",
        allowed, denied);
  }

  // Whether `workers.outbound` has that very range; to workerd a denied one goes before an allowed one that
  // is as narrow.
  [[nodiscard]] bool names(const SpecialRange& range) const {
    const auto& entries = around_.outbound;
    return std::find(entries.begin(), entries.end(), range.str()) != entries.end();
  }

  // `embed "parts/3"`, looked up beside the configuration.
  std::string embed(std::size_t part) {
    if (std::find(out_.parts.begin(), out_.parts.end(), part) == out_.parts.end()) out_.parts.push_back(part);
    return fmt::format("embed \"parts/{}\"", part);
  }

  [[nodiscard]] std::optional<std::size_t> part_named(std::string_view name) const {
    for (std::size_t i = 0; i < version_.modules.size(); ++i) {
      if (version_.modules[i].name == name) return i;
    }
    return std::nullopt;
  }

  Status add_script() {
    Result<std::string> program = version_.main_module.empty() ? script_text() : module_list();
    if (!program) return tl::unexpected<Error>(program.error());
    Result<std::string> bindings = binding_list();
    if (!bindings) return tl::unexpected<Error>(bindings.error());
    const std::string tails = tail_list();
    services_ += fmt::format("    (name = {}, worker = ({},\n      {},\n      bindings = [{}]{}{})),\n",
                             capnp_quote(kScriptService), *program, compatibility_, *bindings, tails,
                             callees_.cache());
    services_ += callees_.text();
    return {};
  }

  Result<std::string> script_text() {
    const std::optional<std::size_t> part = part_named(version_.body_part);
    if (!part) return missing_part(version_.body_part);
    return "serviceWorkerScript = " + embed(*part);
  }

  Result<std::string> module_list() {
    const std::optional<std::size_t> main = part_named(version_.main_module);
    if (!main) return missing_part(version_.main_module);
    std::string list = module_text(*main);
    for (std::size_t i = 0; i < version_.modules.size(); ++i) {
      if (i != *main && !module_field(version_.modules[i].content_type).empty())
        list += ",\n        " + module_text(i);
    }
    return "modules = [" + list + "]";
  }

  std::string module_text(std::size_t part) {
    const model::VersionModule& module = version_.modules[part];
    return fmt::format("(name = {}, {} = {})", capnp_quote(module.name), module_field(module.content_type),
                       embed(part));
  }

  static tl::unexpected<Error> missing_part(const std::string& name) {
    return fail(Errc::script_invalid, "The part '" + name + "' was not uploaded.");
  }

  Result<std::string> binding_list() {
    const Result<json::value> list = parsed(version_.bindings_json, "bindings");
    if (!list) return tl::unexpected<Error>(list.error());
    std::string out;
    if (!list->is_array()) return out;
    for (const json::value& item : list->get_array()) {
      const json::object* binding = item.if_object();
      if (binding == nullptr) return fail(Errc::corrupt, "a version's stored bindings are not objects");
      const Result<std::string> value = binding_value(*binding);
      if (!value) return tl::unexpected<Error>(value.error());
      if (!value->empty()) {
        out += fmt::format("{}\n        (name = {}, {})", out.empty() ? "" : ",",
                           capnp_quote(text_of(*binding, "name")), *value);
      }
    }
    return out;
  }

  Result<std::string> binding_value(const json::object& binding) {
    const std::string type = text_of(binding, "type");
    const std::string name = text_of(binding, "name");
    if (type == "plain_text") return "text = " + capnp_quote(text_of(binding, "text"));
    if (type == "secret_text") {
      const auto secret = secrets_.find(name);
      if (secret == secrets_.end()) return fail(Errc::corrupt, "the secret '" + name + "' has no value");
      return "text = " + capnp_quote(secret->second);
    }
    if (type == "json") {
      const json::value* value = binding.if_contains("json");
      return "json = " + capnp_quote(value == nullptr ? "null" : json::serialize(*value));
    }
    if (type == "version_metadata") return "json = " + capnp_quote(json::serialize(own_metadata()));
    if (type == "assets") {
      if (!version_.has_assets) return std::string();
      return fmt::format("service = (name = \"{}\", entrypoint = \"AssetWorker\")", kAssetsService);
    }
    if (type == "service") {
      const std::string entrypoint = text_of(binding, "entrypoint");
      return fmt::format(
          "service = \"{}\"",
          callees_.worker(text_of(binding, "service"), entrypoint == "default" ? std::string() : entrypoint));
    }
    if (type == "kv_namespace")
      return fmt::format("kvNamespace = \"{}\"", callees_.kv(text_of(binding, "namespace_id")));
    if (type == "r2_bucket")
      return fmt::format("r2Bucket = \"{}\"", callees_.r2(text_of(binding, "bucket_name")));
    if (type == "queue") return fmt::format("queue = \"{}\"", callees_.queue(text_of(binding, "queue_name")));
    if (type == "d1")
      return fmt::format(
          "wrapped = (moduleName = \"cloudflare-internal:d1-api\", innerBindings = [(name = \"fetcher\", "
          "service = \"{}\")])",
          callees_.d1(text_of(binding, "id")));
    const std::string_view field = type == "text_blob"     ? "text"
                                   : type == "wasm_module" ? "wasmModule"
                                   : type == "data_blob"   ? "data"
                                                           : "";
    if (field.empty()) return fail(Errc::corrupt, "the binding '" + name + "' is of unknown type " + type);
    const std::optional<std::size_t> part = part_named(text_of(binding, "part"));
    if (!part) return missing_part(text_of(binding, "part"));
    return fmt::format("{} = {}", field, embed(*part));
  }

  [[nodiscard]] json::object own_metadata() const {
    const Result<json::value> annotations = parsed(version_.annotations_json, "annotations");
    const json::object* object = annotations ? annotations->if_object() : nullptr;
    return {{"id", version_.id.str()},
            {"tag", object == nullptr ? std::string() : text_of(*object, "workers/tag")},
            {"timestamp", format_rfc3339(version_.created_on)}};
  }

  std::string tail_list() {
    std::string out;
    for (const std::string& consumer : around_.tail_consumers)
      out += fmt::format("{}\"{}\"", out.empty() ? "" : ", ", callees_.worker(consumer, {}));
    return out.empty() ? out : ",\n      tails = [" + out + "]";
  }

  Status add_assets(bool has_script) {
    const Result<json::value> given = parsed(version_.assets_config_json, "assets settings");
    if (!given) return tl::unexpected<Error>(given.error());
    json::object config;
    if (const json::object* object = given->if_object()) {
      for (const char* name : {"html_handling", "not_found_handling", "base_path", "run_worker_first"}) {
        if (const json::value* value = object->if_contains(name)) config[name] = *value;
      }
      if (const std::string text = text_of(*object, "_headers"); !text.empty()) config["headers"] = text;
      if (const std::string text = text_of(*object, "_redirects"); !text.empty()) config["redirects"] = text;
    }
    services_ +=
        fmt::format("    (name = \"{}\", assets = (path = \"{}\", config = {}, {})),\n", kAssetsService,
                    kAssetsInside, capnp_quote(json::serialize(config)),
                    has_script ? fmt::format("userWorker = \"{}\"", kScriptService) : compatibility_);
    return {};
  }

  const model::Version& version_;
  const std::map<std::string, std::string>& secrets_;
  const Surroundings& around_;
  WorkerdConfig out_;
  Callees callees_;
  std::string compatibility_;
  std::string services_;
};

}  // namespace

std::string entrypoint_socket(std::size_t n) {
  return fmt::format("entrypoint-{}", n);
}

Result<WorkerdConfig> workerd_config(const model::Version& version,
                                     const std::map<std::string, std::string>& secrets,
                                     const Surroundings& around) {
  return Generator(version, secrets, around).run();
}

}  // namespace kiln::serving
