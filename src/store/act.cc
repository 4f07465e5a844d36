#include "store/act.h"

namespace kiln::store {
namespace {

thread_local Act* acting = nullptr;

}  // namespace

Acting::Acting(Act& act) : outer_(acting) {
  acting = &act;
}

Acting::~Acting() {
  acting = outer_;
}

Act* Acting::now() {
  return acting;
}

}  // namespace kiln::store
