// Port: takes connections on which one Worker calls another one by Cap'n Proto RPC.
#pragma once

#include <memory>

#include "base/fs.h"
#include "serving/service_key.h"

namespace kiln::serving {

class RpcDoor {
 public:
  virtual ~RpcDoor() = default;

  // `connection` is a CONNECT's whose head has been read, whose host and key were right, and that has not
  // been answered. `seat` is kept for as long as it is open. Any thread; does not block.
  virtual void enter(Fd connection, Callee callee, std::shared_ptr<void> seat) = 0;
};

}  // namespace kiln::serving
