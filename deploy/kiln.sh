#!/bin/sh
# The command line of the server of this machine, for whoever may open its data; --data-dir and KILN_DATA_DIR go before.
if [ -z "${KILN_DATA_DIR-}" ] && [ -w /var/lib/kiln ]; then
  export KILN_DATA_DIR=/var/lib/kiln
fi
exec /usr/lib/kiln/kiln "$@"
