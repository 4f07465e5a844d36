#include "serving/d1/config.h"

#include <fmt/format.h>

#include "serving/capnp_text.h"
#include "serving/runtimes.h"
#include "serving/workerd_config.h"

namespace kiln::serving {
namespace {

// A call runs its statements in one transaction: one that makes the database too large is taken back whole.
constexpr const char* kD1Gate = R"js(import Entrypoint, { D1Database as Engine } from "d1.js";
export class D1Database extends Engine {
  run(queries, bookmarked) {
    const { storage } = this.ctx;
    return storage.transactionSync(() => {
      const before = storage.sql.databaseSize;
      const answer = super.run(queries, bookmarked);
      const after = storage.sql.databaseSize;
      if (after > this.env.LIMIT && after > before)
        throw new Error(`Exceeded maximum DB size: it may take ${this.env.LIMIT} bytes (workers.d1_database_size).`);
      return answer;
    });
  }
}
export default Entrypoint;
)js";
constexpr const char* kD1GateDate = "2026-01-01";

}  // namespace

std::string d1_config(std::int64_t bytes) {
  return fmt::format(
      "using Workerd = import \"/workerd/workerd.capnp\";\n"
      "const config :Workerd.Config = (\n  services = [\n"
      "    (name = \"d1\", worker = (\n"
      "      modules = [(name = \"gate.js\", esModule = {}), (name = \"d1.js\", bundled = "
      "\"/workerd/d1.js\")],\n"
      "      compatibilityDate = \"{}\",\n"
      "      bindings = [(name = \"DATABASE\", durableObjectNamespace = \"D1Database\"),\n"
      "        (name = \"LIMIT\", json = \"{}\")],\n"
      "      durableObjectNamespaces = [(className = \"D1Database\", uniqueKey = \"d1\", enableSql = "
      "true)],\n"
      "      durableObjectStorage = (localDisk = \"disk\"))),\n"
      "    (name = \"disk\", disk = (path = \"{}\", writable = true)),\n"
      "    (name = \"internet\", network = (allow = [])),\n"
      "  ],\n"
      "  sockets = [(name = \"{}\", http = (capnpConnectHost = \"{}\"),\n"
      "    service = (name = \"d1\", props = (json = {})))]\n);\n",
      capnp_quote(kD1Gate), kD1GateDate, bytes, kOwnFolderInside, kSocketName, kConnectHost,
      capnp_quote(R"({"database": "db"})"));
}

}  // namespace kiln::serving
