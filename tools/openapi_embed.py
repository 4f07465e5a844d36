#!/usr/bin/python3
"""Turns api/openapi.yaml into the C++ source that the server answers GET /openapi.json with.

  tools/openapi_embed.py api/openapi.yaml VERSION OUT.cc

The source defines kiln::api::openapi_document() (src/api/openapi.h): the document as JSON in one line, with VERSION
as info.version, and its ETag; and kiln::api::operation_names(), the name of each operation that writes. Exits 1
with the reason when the YAML cannot be read or is no JSON."""
import hashlib
import json
import sys
from pathlib import Path

import yaml

# Compilers promise less for one literal than the document is long; adjacent ones are joined.
PIECE = 8000
FENCE = "openapi"

SOURCE = """// Made from {name} by tools/openapi_embed.py.
#include "api/openapi.h"

#pragma GCC diagnostic ignored "-Woverlength-strings"

namespace kiln::api {{

OpenApiDocument openapi_document() {{
  // As an array, whose length is known: compilers count no text of this length for a view.
  static constexpr char json[] =
{literal};
  return {{{{json, sizeof json - 1}}, "\\"{digest}\\""}};
}}

std::span<const OperationName> operation_names() {{
  static constexpr OperationName names[] = {{
{names}
  }};
  return names;
}}

}}  // namespace kiln::api
"""


# What x-kiln-audit of an operation says; without it every success is told.
AUDITED = {"always": "Audited::always", "changes": "Audited::changes", "never": "Audited::never"}


def names_in(document):
    """One line of C++ for each operation that writes: "METHOD template", operationId and how it is audited."""
    for template, item in document["paths"].items():
        for method, operation in item.items():
            if method != "get" or "x-kiln-audit" in operation:
                audited = AUDITED[operation.get("x-kiln-audit", "always")]
                yield f'    {{"{method.upper()} {template}", "{operation["operationId"]}", {audited}}},'


def main():
    source, version, target = Path(sys.argv[1]), sys.argv[2], Path(sys.argv[3])
    try:
        document = yaml.safe_load(source.read_text(encoding="utf-8"))
        document["info"]["version"] = version
        text = json.dumps(document, separators=(",", ":"))
    except (yaml.YAMLError, TypeError) as error:  # TypeError: a date without quotes is no text to YAML
        sys.exit(f"{source}: {error}")
    assert f'){FENCE}"' not in text
    pieces = [f'R"{FENCE}({text[at:at + PIECE]}){FENCE}"' for at in range(0, len(text), PIECE)]
    digest = hashlib.sha256(text.encode()).hexdigest()[:32]
    target.write_text(SOURCE.format(name=source.name, literal="\n".join(pieces), digest=digest,
                                    names="\n".join(names_in(document))))


if __name__ == "__main__":
    main()
