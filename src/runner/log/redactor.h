// What a command printed, made fit for a log, wherever the stream is cut: secrets are replaced by ***, and of
// what terminals obey only colours stay (base/terminal_filter.h). Linear in the stream's length.
//
// Secrets are looked for twice, in the bytes as they came and in what is left of them: so neither an escape
// sequence that swallows a secret's first character nor zero bytes, backspaces or colours between its
// characters show it. Belongs to one thread at a time; the secrets must outlive it.
#pragma once

#include <string>
#include <string_view>

#include "base/terminal_filter.h"
#include "runner/log/masker.h"
#include "runner/log/secrets.h"

namespace kiln::runner {

class Redactor {
 public:
  explicit Redactor(const Secrets& secrets) : raw_(secrets), shown_(secrets) {}

  // Takes more of the stream and appends to `out` what is settled.
  void write(std::string_view bytes, std::string& out);
  // The stream pauses for good: appends what was held back.
  void finish(std::string& out);

 private:
  Masker raw_;
  TerminalFilter filter_;
  Masker shown_;
  std::string masked_;    // between the first two, for the time of one call
  std::string filtered_;  // and the last two
};

}  // namespace kiln::runner
