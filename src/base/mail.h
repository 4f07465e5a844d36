// The door to mail servers (SMTP), over libcurl. One mailer belongs to one thread.
#pragma once

#include <atomic>
#include <string>
#include <vector>

#include "base/result.h"

namespace kiln {

struct Mail {
  std::string url;      // smtp://host:port (TLS where the server has it) or smtps://host:port (TLS at once)
  std::string resolve;  // as HttpRequest has it
  std::string ca;       // as HttpRequest has it
  std::string user;     // empty: nobody is named. With one, nothing is sent without TLS but to loopback
  std::string password;
  std::string from;             // addresses alone
  std::vector<std::string> to;  // those that the server refuses are left out, unless it refuses all
  std::string message;          // RFC 5322, lines ended by CR LF
  int timeout_ms = 15'000;
  const std::atomic<bool>* stop = nullptr;  // as HttpRequest has it
};

struct MailAnswer {
  int status = 0;    // of SMTP: 250 when it was taken
  std::string text;  // why not, in words
};

class Mailer {
 public:
  virtual ~Mailer() = default;
  // Any answer of the server is a success here. Errors: Errc::unavailable, Errc::timeout, and Errc::invalid
  // for a mail that could not be said in SMTP.
  [[nodiscard]] virtual Result<MailAnswer> send(const Mail& mail) = 0;
};

class CurlMailer final : public Mailer {
 public:
  [[nodiscard]] Result<MailAnswer> send(const Mail& mail) override;
};

}  // namespace kiln
